"""The exact text of a stub: names with their homes in, Python source out, as the conformance cases fix it."""

from __future__ import annotations

import re
from collections import defaultdict

from msgspec.structs import replace

from repoint.manifest.schema import StubMode
from repoint.model import Frozen
from repoint.names import Symbol

WIDTH = 88
_CODING = re.compile(rb"#[^\n]*coding[:=][ \t]*[-\w.]+[^\n]*\n")

_LAZY = """\
def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, home = _HOMES[name]
    warnings.warn(
        f"{__name__}.{name} is deprecated; import {home} from {module} instead",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(importlib.import_module(module), home)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
"""


class Kept(Frozen, frozen=True):
    """What is carried over: the import statements that it needs, and the definitions themselves, verbatim.

    `guarded` is the block of imports that only type checkers see.
    """

    names: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    guarded: str = ""


def with_imports(kept: Kept, homes: dict[str, Symbol]) -> Kept:
    """`kept`, with the names of `homes` imported for it and exported."""
    more = (f"from {home.module} import {home.name} as {name}" for name, home in homes.items())
    return replace(kept, names=(*kept.names, *homes), imports=(*kept.imports, *more))


def render(mode: StubMode, homes: dict[str, Symbol], kept: Kept) -> str:
    """The stub that exports each key of `homes` from its home, and what is kept."""
    modules = sorted({home.module for home in homes.values()})
    if mode is StubMode.LAZY:
        return _lazy(homes, kept, modules)
    needed = {statement for statement in kept.imports if _bound_by(statement) not in homes}
    imports = needed | ({"import warnings"} if mode is StubMode.WARN else set())
    parts = [_docstring(modules), *_import_blocks(imports)]
    if homes:
        parts.append(_redirects(homes, ""))
    if kept.guarded:
        parts.append(kept.guarded)
    parts.append(_exports(sorted([*homes, *kept.names])))
    if mode is StubMode.WARN:
        parts.append(_warning(modules))
    return "\n".join(parts) + "".join(f"\n\n{definition}" for definition in kept.definitions)


def _bound_by(statement: str) -> str:
    """The name that an import of one name binds."""
    return statement.rpartition(" ")[2].partition(".")[0]


def _import_blocks(statements: set[str]) -> list[str]:
    """Imports as text: `__future__` by itself, then `import x`, then one `from x import …` for each module."""
    plain = sorted(statement for statement in statements if statement.startswith("import"))
    grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for statement in statements.difference(plain):
        module, _, item = statement.removeprefix("from ").partition(" import ")
        name, _, local = item.partition(" as ")
        grouped[module].append((name, local or name))
    future = grouped.pop("__future__", [])
    blocks = [_from_import("__future__", future, "")] if future else []
    others = [f"{statement}\n" for statement in plain]
    others += [_from_import(module, sorted(names), "") for module, names in sorted(grouped.items())]
    return [*blocks, "".join(others)] if others else blocks


def _listed(modules: list[str]) -> str:
    return ", ".join(modules[:-1]) + " or " + modules[-1] if len(modules) > 1 else "".join(modules)


def _docstring(modules: list[str]) -> str:
    return f'"""Deprecated: import from {_listed(modules)} instead."""\n' if modules else '"""Deprecated."""\n'


def _redirects(homes: dict[str, Symbol], indent: str) -> str:
    """One from-import for each home, sorted by module; its names by their name there."""
    grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for exported, home in homes.items():
        grouped[home.module].append((home.name, exported))
    return "".join(_from_import(module, sorted(names), indent) for module, names in sorted(grouped.items()))


def _from_import(module: str, names: list[tuple[str, str]], indent: str) -> str:
    items = [name if name == exported else f"{name} as {exported}" for name, exported in names]
    line = f"{indent}from {module} import {', '.join(items)}"
    if len(line) <= WIDTH:
        return f"{line}\n"
    inner = "".join(f"{indent}    {item},\n" for item in items)
    return f"{indent}from {module} import (\n{inner}{indent})\n"


def _exports(names: list[str]) -> str:
    line = "__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]"
    if len(line) <= WIDTH:
        return f"{line}\n"
    return "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n"


def _warning(modules: list[str]) -> str:
    where = f"; import from {_listed(modules)} instead" if modules else ""
    message = f'    f"{{__name__}} is deprecated{where}",\n'
    return f"warnings.warn(\n{message}    DeprecationWarning,\n    stacklevel=2,\n)\n"


def _lazy(homes: dict[str, Symbol], kept: Kept, modules: list[str]) -> str:
    imports = {*kept.imports, "import importlib", "import warnings", "from typing import TYPE_CHECKING"}
    table = "".join(f'    "{name}": ("{home.module}", "{home.name}"),\n' for name, home in sorted(homes.items()))
    homes = {name: home for name, home in homes.items() if name not in kept.names}
    parts = [
        _docstring(modules),
        *_import_blocks(imports),
        "if TYPE_CHECKING:\n" + (_redirects(homes, "    ") or "    pass\n"),
        *([kept.guarded] if kept.guarded else []),
        _exports(sorted([*homes, *kept.names])),
        f"_HOMES = {{\n{table}}}\n",
    ]
    kept_text = "".join(f"\n\n{definition}" for definition in kept.definitions)
    return "\n".join(parts) + f"\n\n{_LAZY}" + kept_text


def in_style_of(data: bytes, text: str) -> str:
    """A stub with the line ends of the file that it replaces, and its coding line where that is needed."""
    coding = None if text.isascii() else _CODING.match(data)
    if coding is not None:
        text = coding.group().decode("ascii", "replace").replace("\r\n", "\n") + text
    return text.replace("\n", "\r\n") if b"\r\n" in data.partition(b"\n")[0] + b"\n" else text
