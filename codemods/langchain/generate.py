"""Writes `migration.toml` from the source archives of LangChain 0.2: what its own tables say moved, where that is so.

    python -m pip download --no-deps --no-binary :all: -d ARCHIVES langchain==0.2.17 langchain-core==0.2.43 \\
        langchain-community==0.2.19 langchain-text-splitters==0.2.4
    python codemods/langchain/generate.py ARCHIVES
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from library import Library, Module, Symbol, open_archives

OLD = "langchain"
ARCHIVES = {
    "langchain": "langchain-0.2.17.tar.gz",
    "langchain_community": "langchain_community-0.2.19.tar.gz",
    "langchain_core": "langchain_core-0.2.43.tar.gz",
    "langchain_text_splitters": "langchain_text_splitters-0.2.4.tar.gz",
}
NEW = ARCHIVES.keys() - {OLD}
MACHINERY = {"__all__", "__getattr__"}  # what a module of redirects consists of, beside its tables
HEADER = Path(__file__).with_name("header.toml")
MANIFEST = Path(__file__).with_name("migration.toml")


class Made(NamedTuple):
    """The moves that hold, modules and symbols, and why each of the others is left out."""

    modules: dict[str, str]
    symbols: dict[Symbol, Symbol]
    left: dict[Symbol, str]


def documented(name: str, module: Module) -> Iterator[tuple[Symbol, Symbol]]:
    """What one module of the old package says of its names: the old path and the new one."""
    yield from ((Symbol(name, item), Symbol(home, item)) for item, home in module.deprecated.items())
    for item, replacement in module.told.items():
        yield Symbol(name, item), replacement
    for item in module.public:
        origin = module.names.get(item)
        if origin is not None and _top(origin.module) in NEW:
            yield Symbol(name, item), origin
        elif item not in module.names and module.fallback and not _is_given(item, module):
            yield Symbol(name, item), Symbol(module.fallback, item)


def _is_given(item: str, module: Module) -> bool:
    return item in module.lazy or any(item in table for table in module.tables.values())


def make(library: Library) -> Made:
    """Every documented move, each followed to its end and checked against what the packages bind."""
    told = {
        old: new
        for name, module in library.modules.items()
        if _top(name) == OLD
        for old, new in documented(name, module)
        if old != new
    }
    symbols: dict[Symbol, Symbol] = {}
    left: dict[Symbol, str] = {}
    for old, new in sorted(told.items()):
        while new in told:
            new = told[new]
        if reason := _doubt(library, old, new):
            left[old] = reason
        else:
            symbols[old] = new
    modules = dict(_whole(library, symbols))
    return Made(modules, {old: new for old, new in symbols.items() if old.module not in modules}, left)


def _doubt(library: Library, old: Symbol, new: Symbol) -> str:
    """Why a move is left out; empty for one that holds."""
    found = library.resolve(new)
    if found is None:
        return "the new path does not exist"
    if f"{old.module}.{old.name}" in library.modules:
        return "a submodule has the name"
    typed = library.modules[old.module].typed.get(old.name)
    if typed is not None and library.resolve(typed) != found:
        return "the table and the module's own annotations disagree"
    return ""


def _whole(library: Library, symbols: Mapping[Symbol, Symbol]) -> Iterator[tuple[str, str]]:
    """The modules that only pass on names, each to a module that is called alike and has the same under these names."""
    for name in sorted({old.module for old in symbols}):
        module = library.modules[name]
        passed = {Symbol(name, item) for item in _passed_on(module)}
        if module.is_package or module.stars or _own(module) or not passed <= symbols.keys():
            continue
        homes = {symbols[old].module for old in passed}
        last = name.rpartition(".")[2]
        for home in (home for top in sorted(homes) for home in (top, f"{top}.{last}")):
            if home in library.modules and home.rpartition(".")[2] == last and _has_all(library, home, passed, symbols):
                yield name, home
                break


def _has_all(library: Library, home: str, passed: set[Symbol], symbols: Mapping[Symbol, Symbol]) -> bool:
    return all(library.resolve(Symbol(home, old.name)) == library.resolve(symbols[old]) for old in passed)


def _passed_on(module: Module) -> set[str]:
    """What the module lists, has from the new packages, or looks up."""
    origins = {item for item, origin in module.names.items() if origin is not None and _top(origin.module) in NEW}
    return {*module.public, *origins}.union(*module.tables.values())


def _own(module: Module) -> set[str]:
    """What the module defines itself."""
    return {item for item, origin in module.names.items() if origin is None} - MACHINERY - module.tables.keys()


def _top(module: str) -> str:
    return module.partition(".")[0]


def render(made: Made, header: str) -> str:
    """The manifest: modules first, then symbols, in the order of their old paths."""
    moves = [*sorted(made.modules.items()), *((str(old), str(new)) for old, new in sorted(made.symbols.items()))]
    return header + "".join(f'\n[[move]]\nold = "{old}"\nnew = "{new}"\n' for old, new in moves)


def main() -> int:
    """Write the manifest beside this file, and say what it holds."""
    if len(sys.argv) != 2:
        print("usage: generate.py ARCHIVES, the folder that `pip download` wrote to", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    missing = [name for name in ARCHIVES.values() if not (folder / name).is_file()]
    if missing:
        print(f"{folder}: no {', '.join(missing)}; download them first", file=sys.stderr)
        return 2
    made = make(open_archives((folder / name for name in ARCHIVES.values()), ARCHIVES))
    MANIFEST.write_text(render(made, HEADER.read_text("utf-8")), "utf-8", newline="\n")
    print(f"{len(made.modules)} modules, {len(made.symbols)} symbols")
    for reason, count in sorted(Counter(made.left.values()).items()):
        print(f"{count} left out: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
