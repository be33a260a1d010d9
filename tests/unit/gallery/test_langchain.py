"""The generator of LangChain's migration on packages of a few lines, and the shape of what it wrote."""

from __future__ import annotations

import io
import re
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from repoint.pipeline import read_manifest

FOLDER = Path(__file__).resolve().parents[3] / "codemods" / "langchain"

OLD = {
    "langchain/__init__.py": """
def __getattr__(name):
    if name == "Prompt":
        from langchain.prompts import Prompt
        _warn_on_import(name, replacement="langchain_core.prompts.Prompt")
        return Prompt
    elif name == "debug":
        _warn_on_import(name, replacement="langchain.globals.set_debug() / get_debug()")
    raise AttributeError(name)
""",
    "langchain/prompts.py": """
from langchain_core.prompts import Prompt, Private
__all__ = ["Prompt"]
""",
    "langchain/llms/__init__.py": """
def _import_a():
    from langchain_community.llms.a import A
    return A

def __getattr__(name):
    if name == "type_to_cls_dict":
        return {}
    else:
        from langchain_community import llms
        return getattr(llms, name)

__all__ = ["A", "Gone"]
""",
    "langchain/llms/a.py": """
from typing import TYPE_CHECKING, Any
from langchain._api import create_importer
if TYPE_CHECKING:
    from langchain_community.llms import A
DEPRECATED_LOOKUP = {"A": "langchain_community.llms"}
_import_attribute = create_importer(__package__, deprecated_lookups=DEPRECATED_LOOKUP)
def __getattr__(name: str) -> Any:
    return _import_attribute(name)
__all__ = ["A"]
""",
    "langchain/llms/b.py": """
from langchain._api import create_importer
TABLE = {"B": "langchain_community.llms"}
_import = create_importer(__package__, deprecated_lookups=TABLE)
def __getattr__(name): return _import(name)
def own(): pass
""",
    "langchain/llms/wrong.py": """
from typing import TYPE_CHECKING
from langchain._api import create_importer
if TYPE_CHECKING:
    from langchain_community.llms.b import B as A
_import = create_importer(__package__, deprecated_lookups={"A": "langchain_community.llms"})
def __getattr__(name): return _import(name)
""",
    "langchain/kept.py": """
from langchain._api import create_importer
MODULE_LOOKUP = {"A": "langchain_community.llms"}
_import = create_importer(__package__, module_lookup=MODULE_LOOKUP)
def __getattr__(name): return _import(name)
__all__ = ["A"]
""",
    "langchain/load/__init__.py": "from langchain_core.load import load\n__all__ = ['load']\n",
    "langchain/load/load.py": "",
}
NEW = {
    "langchain_core/__init__.py": "",
    "langchain_core/prompts.py": "class Prompt: pass\nclass Private: pass\n",
    "langchain_core/load.py": "def load(): pass\n",
    "langchain_community/__init__.py": "",
    "langchain_community/llms/__init__.py": """
import importlib
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from langchain_community.llms.a import A
_module_lookup = {"A": "langchain_community.llms.a", "B": "langchain_community.llms.b"}
def __getattr__(name):
    if name in _module_lookup:
        return getattr(importlib.import_module(_module_lookup[name]), name)
    raise AttributeError(name)
""",
    "langchain_community/llms/a.py": "class A: pass\n",
    "langchain_community/llms/b.py": "class B: pass\n",
}


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    """The generator as a module; it is a script, which finds its other half beside it."""
    sys.path.insert(0, str(FOLDER))
    try:
        import generate

        yield generate
    finally:
        sys.path.remove(str(FOLDER))
        for name in ("generate", "library"):
            sys.modules.pop(name, None)


def archive(folder: Path, name: str, files: dict[str, str]) -> Path:
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for inside, text in {**files, "tests/test_it.py": "syntax error ("}.items():
            info = tarfile.TarInfo(f"{name}/{inside}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


@pytest.fixture(scope="module")
def made(generate: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], ...]:
    folder = tmp_path_factory.mktemp("archives")
    paths = [archive(folder, "old-1.0", OLD), archive(folder, "new-1.0", NEW)]
    library = generate.open_archives(paths, ["langchain", "langchain_core", "langchain_community"])
    found = generate.make(library)
    symbols = {str(old): str(new) for old, new in found.symbols.items()}
    return found.modules, symbols, {str(old): why for old, why in found.left.items()}


def test_symbols_move_to_what_is_told(made: tuple[dict[str, str], ...]) -> None:
    assert made[1] == {
        "langchain:Prompt": "langchain_core.prompts:Prompt",
        "langchain.llms:A": "langchain_community.llms:A",
        "langchain.llms.b:B": "langchain_community.llms:B",
        "langchain.prompts:Prompt": "langchain_core.prompts:Prompt",
    }


def test_a_module_moves_if_it_only_passes_on_what_one_of_its_name_has(made: tuple[dict[str, str], ...]) -> None:
    """`b` defines something itself, and `prompts` has a name that nobody says anything of."""
    assert made[0] == {"langchain.llms.a": "langchain_community.llms.a"}


def test_what_cannot_be_shown_is_left_out(made: tuple[dict[str, str], ...]) -> None:
    assert made[2] == {
        "langchain:debug": "the new path does not exist",
        "langchain.llms:Gone": "the new path does not exist",
        "langchain.llms.wrong:A": "the table and the module's own annotations disagree",
        "langchain.load:load": "a submodule has the name",
    }


def test_a_table_without_a_deprecation_moves_nothing(made: tuple[dict[str, str], ...]) -> None:
    assert not any("langchain.kept" in old for part in made for old in part)


@pytest.mark.parametrize(
    ("package", "text", "expected"),
    [
        ("a.b", "from .c import D", ("a.b.c", "D")),
        ("a.b", "from . import D", ("a.b", "D")),
        ("a.b", "from ..c import D", ("a.c", "D")),
    ],
)
def test_relative_imports(generate: ModuleType, package: str, text: str, expected: tuple[str, str]) -> None:
    library = sys.modules["library"]
    module = library.read_module(f"{package}.m", text, False)
    assert module.names["D"] == expected


def test_a_fallback_binds_the_name_either_way(generate: ModuleType) -> None:
    library = sys.modules["library"]
    sources = {"a": "try:\n    from b import C\nexcept ImportError:\n    C = None\n", "d": "from a import *\n"}
    found = library.Library(sources, ())
    assert found.resolve(library.Symbol("d", "C")) == ("b", "C")
    assert found.resolve(library.Symbol("d", "E")) is None


def test_the_script_says_what_is_missing(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path)])
    assert generate.main() == 2
    assert "langchain-0.2.17.tar.gz" in capsys.readouterr().err


def test_the_migration_is_what_the_generator_writes(generate: ModuleType) -> None:
    """The header as it stands, then modules, then symbols, each in order."""
    text = (FOLDER / "migration.toml").read_text("utf-8")
    moves = [(move["old"], move["new"]) for move in tomllib.loads(text)["move"]]
    modules = {old: new for old, new in moves if ":" not in old}
    library = sys.modules["library"]
    symbols = {library.Symbol(*old.split(":")): library.Symbol(*new.split(":")) for old, new in moves if ":" in old}
    written = generate.render(generate.Made(modules, symbols, {}), (FOLDER / "header.toml").read_text("utf-8"))
    assert written == text


def test_each_move_leaves_the_old_package_for_its_family() -> None:
    table = read_manifest(FOLDER / "migration.toml").moves
    moves = {**{str(old): str(new) for old, new in table.symbols.items()}, **table.modules}
    assert len(moves) >= 2000
    assert f"{len(moves):,}" in (FOLDER / "README.md").read_text("utf-8")
    inside = {old for old, new in moves.items() if re.match(r"langchain\b", new)}
    assert all(old.startswith("langchain:") for old in inside)
    assert all(re.match(r"langchain\b", old) for old in moves)
    assert all(re.match(r"langchain(_core|_community|_text_splitters)?\b", new) for new in moves.values())
    assert not set(moves) & set(moves.values())
