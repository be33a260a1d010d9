"""Arithmetic of dotted names: modules, symbols, relative imports, and the modules that paths stand for."""

from __future__ import annotations

import keyword
from functools import lru_cache
from typing import NamedTuple


class Symbol(NamedTuple):
    """A name in a module, written `module:Name` in entry-point style."""

    module: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Symbol:
        """The symbol that `text` spells; a module alone is one without a name."""
        module, _, name = text.partition(":")
        return cls(module, name)

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


def is_dotted_name(text: str) -> bool:
    """True for `a`, `a.b`: identifiers (no keywords) joined by dots."""
    return bool(text) and all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def is_dunder(name: str) -> bool:
    """Names such as `__doc__`, which a module has whatever it binds."""
    return name.startswith("__") and name.endswith("__")


def last(name: str) -> str:
    """The last component: `a.b.c` gives `c`."""
    return name.rpartition(".")[2]


def parent(name: str) -> str:
    """Everything but the last component; the empty string for a top-level name."""
    return name.rpartition(".")[0]


def is_at_or_under(name: str, top: str) -> bool:
    """True if `name` is `top` or lies below it, at a dot: `a.bc` is not under `a.b`."""
    return name == top or name.startswith(f"{top}.")


def rebase(name: str, old: str, new: str) -> str:
    """`name`, which is at or under `old`, with that head replaced by `new`."""
    return new + name[len(old) :]


def module_of(path: str, roots: tuple[str, ...] = (".",)) -> str:
    """The dotted module a repository path (with `/`) stands for; empty when it cannot be imported by name.

    The longest root that holds the path wins. `pkg/__init__.py` is `pkg`; `pkg/mod.pyi` is `pkg.mod`.
    """
    inner = path
    for folder in _folders(roots):
        if path.startswith(folder):
            inner = path[len(folder) :]
            break
    stem, dot, suffix = inner.rpartition(".")
    if not dot or suffix not in ("py", "pyi"):
        return ""
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else ""


@lru_cache(maxsize=16)
def _folders(roots: tuple[str, ...]) -> tuple[str, ...]:
    """The roots below the repository's own, each with a `/` at its end, the longest first."""
    named = {root.strip("/") for root in roots} - {"", "."}
    return tuple(sorted((f"{root}/" for root in named), key=lambda folder: (-len(folder), folder)))


def is_package_file(path: str) -> bool:
    """True for an `__init__.py` or `__init__.pyi`."""
    return path.rpartition("/")[2].partition(".")[0] == "__init__"


def resolve_relative(package: str, level: int, module: str) -> str | None:
    """The absolute module of `from <level dots><module> import …` inside `package`, or None beyond the top.

    Source: PEP 328. `package` is the importing module's package, empty for a top-level module.
    """
    if level == 0:
        return module
    parts = package.split(".") if package else []
    keep = len(parts) - (level - 1)
    if keep <= 0:
        return None
    return ".".join([*parts[:keep], *([module] if module else [])])


def relative_to(package: str, module: str) -> str | None:
    """The relative spelling with the fewest dots of `module` seen from `package`; None if they share no top."""
    here, there = package.split("."), module.split(".")
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    if not package or common == 0:
        return None
    return "." * (len(here) - common + 1) + ".".join(there[common:])
