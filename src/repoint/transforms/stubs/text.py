"""The exact text of a stub: names with their homes in, Python source out, as the conformance cases fix it."""

from __future__ import annotations

import re
from collections import defaultdict

from repoint.manifest.schema import StubMode
from repoint.model import Frozen
from repoint.names import Symbol

WIDTH = 88

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
_CODING = re.compile(rb"#[^\n]*coding[:=][ \t]*[-\w.]+[^\n]*\n")
_CHECKING = "from typing import TYPE_CHECKING"
_OWN_GETATTR = re.compile(rb"\ndef __getattr__\(name: str\) -> object:\r?\n    if name not in _+HOMES:")
_OWN = re.compile(r"\b(?:_HOMES|warnings|importlib|TYPE_CHECKING)\b")


class Kept(Frozen, frozen=True):
    """What is carried over: the import statements that it needs, and the definitions themselves, verbatim.

    `names` are exported, `bound` are all names that the imports and definitions bind. `guarded` is the block of imports
    that only type checkers see.
    """

    names: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    bound: frozenset[str] = frozenset()
    guarded: str = ""


def render(mode: StubMode, homes: dict[str, Symbol], kept: Kept, eager: frozenset[str] = frozenset()) -> str:
    """The stub that exports each key of `homes` from its home, and what is kept.

    `eager` are names that what is kept reads: a lazy stub imports them too, for its own functions do not ask
    `__getattr__`.
    """
    modules = sorted({home.module for home in homes.values()})
    if mode is StubMode.LAZY and homes:
        return _lazy(homes, kept, modules, eager)
    own = _Names(homes, kept)
    imports = {*kept.imports, *([own.imported("warnings")] if mode is StubMode.WARN else [])}
    parts = [_docstring(modules), *_import_blocks(imports)]
    if homes:
        parts.append(_redirects(homes, ""))
    if kept.guarded:
        parts.append(kept.guarded)
    parts.append(_exports(sorted([*homes, *kept.names])))
    if mode is StubMode.WARN:
        parts.append(own.spell(_warning(modules)))
    return "\n".join(parts) + "".join(f"\n\n{definition}" for definition in kept.definitions)


def styled(text: str, data: bytes) -> str:
    """A stub's text with the line ends of the file whose bytes are `data`, and its coding line where that is needed."""
    coding = None if text.isascii() else _CODING.match(data)
    if coding is not None:
        text = coding.group().decode("ascii", "replace").replace("\r\n", "\n") + text
    return text.replace("\n", "\r\n") if b"\r\n" in data.partition(b"\n")[0] + b"\n" else text


def is_lazy_stub(data: bytes) -> bool:
    """Whether a module is a lazy stub already: what its `__getattr__` serves, its `__all__` lists."""
    return _OWN_GETATTR.search(data) is not None


class _Names:
    """The stub's own names, which give way to those that it exports or keeps: `warnings` becomes `_warnings`."""

    def __init__(self, homes: dict[str, Symbol], kept: Kept) -> None:
        taken = {*homes, *kept.names, *kept.bound}
        same = {f"import {name}": name for name in ("importlib", "warnings")} | {_CHECKING: "TYPE_CHECKING"}
        self._taken = taken - {name for line, name in same.items() if line in kept.imports}

    def __getitem__(self, name: str) -> str:
        while name in self._taken:
            name = f"_{name}"
        return name

    def imported(self, module: str) -> str:
        return f"import {module}" if self[module] == module else f"import {module} as {self[module]}"

    def spell(self, text: str) -> str:
        return _OWN.sub(lambda found: self[found.group()], text)


def _import_blocks(statements: set[str]) -> list[str]:
    """Imports of one name each as text: `__future__` by itself; then star imports, which may bind anything; then
    `import x`; then one `from x import …` for each module.
    """
    plain = sorted(statement for statement in statements if statement.startswith("import"))
    stars = sorted(statement for statement in statements if statement.endswith("*"))
    grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for statement in statements.difference(plain, stars):
        module, _, item = statement.removeprefix("from ").partition(" import ")
        name, _, local = item.partition(" as ")
        grouped[module].append((name, local or name))
    future = grouped.pop("__future__", [])
    blocks = [_from_import("__future__", future, "")] if future else []
    others = [f"{statement}\n" for statement in (*stars, *plain)]
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


def _lazy(homes: dict[str, Symbol], kept: Kept, modules: list[str], eager: frozenset[str]) -> str:
    own = _Names(homes, kept)
    checking = own["TYPE_CHECKING"]
    checked = _CHECKING + (f" as {checking}" if checking != "TYPE_CHECKING" else "")
    imports = {*kept.imports, own.imported("importlib"), own.imported("warnings"), checked}
    now = {name: home for name, home in homes.items() if name in eager}
    later = {name: home for name, home in homes.items() if name not in eager}
    table = "".join(f'    "{name}": ("{home.module}", "{home.name}"),\n' for name, home in sorted(later.items()))
    parts = [
        _docstring(modules),
        *_import_blocks(imports),
        *([_redirects(now, "")] if now else []),
        f"if {checking}:\n" + (_redirects(later, "    ") or "    pass\n"),
        *([kept.guarded] if kept.guarded else []),
        _exports(sorted([*homes, *kept.names])),
        f"{own['_HOMES']} = {{\n{table}}}\n",
    ]
    kept_text = "".join(f"\n\n{definition}" for definition in kept.definitions)
    return "\n".join(parts) + f"\n\n{own.spell(_LAZY)}" + kept_text
