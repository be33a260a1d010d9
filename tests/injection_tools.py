"""What the tests of `inject_dependencies` share: a text in, the completed text and its warnings out, each run twice."""

from __future__ import annotations

import importlib
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from libcst.codemod import CodemodContext, TransformSuccess, transform_module

FOLDER = Path(__file__).resolve().parent.parent / "codemods" / "execution_engine"


def copy_codemod(folder: Path) -> None:
    """Put the codemod beside a copy of the manifest that it is a step of."""
    shutil.copy(FOLDER / "inject_dependencies.py", folder)
    shutil.copytree(
        FOLDER / "injection", folder / "injection", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
    )


def load() -> Any:
    """The codemod's class, imported as the manifest's folder gives it."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("inject_dependencies").InjectDependencies
    finally:
        sys.path.remove(str(FOLDER))


InjectDependencies = load()

CONTEXT = {"name": "context", "names": ["context", "user_context"], "types": ["pkg.ctx:Context"]}
FACTORY = {"name": "factory", "names": ["factory", "agent_factory"], "types": ["Factory"]}
EMITTER = {"name": "emitter"}
ENGINE = {"target": "pkg.engine:Engine", "parameters": [CONTEXT]}
THREE = {"target": "pkg.engine:Engine", "parameters": [CONTEXT, FACTORY, EMITTER]}
IMPORTS = "from pkg.ctx import Context\nfrom pkg.engine import Engine\n"


def inject(text: str, args: dict[str, Any] = ENGINE, module: str = "app.tools.use") -> tuple[str, list[str]]:
    """The text after the codemod, and what it warned of. What it gives must stay as it is when it runs again."""
    once, warnings = _run(text, args, module)
    assert _run(once, args, module)[0] == once
    return once, warnings


def check_injected(before: str, after: str, args: dict[str, Any] = ENGINE, imports: str = IMPORTS) -> None:
    """`before` becomes `after`, without a warning."""
    before, after = imports + textwrap.dedent(before), imports + textwrap.dedent(after)
    text, warnings = inject(before, args)
    assert text == after
    assert warnings == []


def check_left(text: str, reason: str, args: dict[str, Any] = ENGINE, imports: str = IMPORTS) -> None:
    """The text stays, and the one warning ends with `reason`; "" for none."""
    source = imports + textwrap.dedent(text)
    after, warnings = inject(source, args)
    assert after == source
    assert len(warnings) == bool(reason), warnings
    assert not reason or warnings[0].split(": ", 1)[1].endswith(reason), warnings


def _run(text: str, args: dict[str, Any], module: str) -> tuple[str, list[str]]:
    path = module.replace(".", "/") + ".py"
    package = module.rpartition(".")[0]
    context = CodemodContext(filename=path, full_module_name=module, full_package_name=package)
    result = transform_module(InjectDependencies(context, **args), text)
    assert isinstance(result, TransformSuccess), result
    return result.code, list(result.warning_messages)
