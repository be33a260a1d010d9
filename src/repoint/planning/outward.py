"""What codemods take from modules and give them, for others to import: files before and after in; findings, and pairs
of files that only make sense together, out."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from repoint.analysis.parse import Unparsable, parse
from repoint.analysis.tree import ModuleTree
from repoint.codemods.chain import Done, Item, Lost
from repoint.codemods.configured import Configured
from repoint.codemods.names import first_bound
from repoint.model import FileChange, Finding, Severity, splice
from repoint.names import is_package_file, last, parent, resolve_relative
from repoint.sources.search import search

_PYTHON = (".py", ".pyi")
_WORD = re.compile(rb"[\w\x80-\xff]+")
_SHOWN = 3
_CHANGE = "let the codemod change their imports as well, or leave the name"
_MEND = "see that they do not mean it, or let the codemod change them as well"


class _Module(NamedTuple):
    """A module that codemods changed, with the names that are gone from its top level and those that are new there."""

    path: str
    name: str
    lost: tuple[Lost, ...]
    gained: frozenset[str]


class Outward:
    """The modules that codemods changed, those that can be imported: `items` at paths that are among `ours`.

    `changes` are of all files, by whichever step; those `stubbed` are replaced as a whole later, and mind nothing here.
    """

    def __init__(
        self,
        tree: ModuleTree,
        items: Sequence[Item],
        outcomes: Sequence[Done],
        ours: Collection[str],
        changes: Mapping[str, FileChange],
        stubbed: frozenset[str],
    ) -> None:
        self._tree = tree
        self._changes = changes
        self._stubbed = stubbed
        self._modules = [
            _Module(item.path, item.module, done.lost, done.gained)
            for item, done in zip(items, outcomes, strict=True)
            if item.module and item.path in ours and (done.lost or done.gained)
        ]
        self._sides: dict[tuple[str, bool], _Side] = {}

    def links(self) -> list[tuple[str, str]]:
        """Each such module with the changed files that used a lost name of it, or use one that is new."""
        return [
            (module.path, path)
            for module in self._modules
            for path in self._changes
            if path != module.path
            and (
                any(self._side(path, after=False).reaches(module.name, item.name) for item in module.lost)
                or any(self._side(path, after=True).reaches(module.name, name) for name in module.gained)
            )
        ]

    def findings(self, steps: Sequence[Configured]) -> Iterator[Finding]:
        """Names that are gone where other files, as they will be, mention them and know the module.

        Of a name that was only imported, they have to import it from there: it has a home elsewhere.
        """
        words = frozenset(item.name for module in self._modules for item in module.lost)
        found = {*search(self._tree.snapshot, words, _PYTHON)} if words else set[str]()
        holding = sorted((found & self._tree.python.keys()) - self._stubbed)
        self._tree.snapshot.read(holding)
        sides = {path: self._side(path, after=True) for path in holding}
        for module in self._modules:
            for item in module.lost:
                others = {path: side for path, side in sides.items() if path != module.path}
                users = [path for path, side in others.items() if side.minds(module.name, item)]
                broken = [path for path in users if self._is_broken(module, item, others[path])]
                if users:
                    yield self._told(module, item, broken or users, steps[item.position].id, broken=bool(broken))

    def _is_broken(self, module: _Module, item: Lost, side: _Side) -> bool:
        """Whether an import of the name from the module finds nothing any longer."""
        path = f"{module.name}.{item.name}"
        return path in side.imports and path not in self._tree.by_module

    def _told(self, module: _Module, item: Lost, users: list[str], codemod: str, *, broken: bool) -> Finding:
        more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
        verb = "import" if broken else "mention"
        message = f"codemod {codemod} takes `{item.name}` from {module.name}, which "
        message += f"{', '.join(users[:_SHOWN])}{more} {verb}{'s' * (len(users) == 1)}"
        line = self._side(module.path, after=False).line_of(item.name)
        severity, mend = (Severity.ERROR, _CHANGE) if broken else (Severity.WARNING, _MEND)
        return Finding(module.path, line, 1, "codemod-loses-name", severity, message, mend)

    def _side(self, path: str, *, after: bool) -> _Side:
        after = after and path in self._changes
        if (path, after) not in self._sides:
            data = self._tree.data(path)
            if after:
                data = splice(data, self._changes[path].edits, self._changes[path].encoding)
            module = self._tree.python[path]
            package = module if is_package_file(path) else parent(module)
            self._sides[path, after] = _Side(data, package)
        return self._sides[path, after]


class _Side:
    """A file before or after, and what it can reach of other modules."""

    def __init__(self, data: bytes, package: str) -> None:
        self._data = data
        self._package = package

    def minds(self, module: str, item: Lost) -> bool:
        """Whether it mentions a lost name, and knows the module; whether it reaches it, if it was only imported."""
        both = item.name.encode() in self._words and last(module).encode() in self._words
        return both and (not item.imported or self.reaches(module, item.name))

    def reaches(self, module: str, name: str) -> bool:
        """Whether it imports the name from the module, or the module, and reads an attribute of that name."""
        if name.encode() not in self._words:
            return False
        return f"{module}.{name}" in self.imports or (
            module in self.imports and re.search(rf"\.\s*{re.escape(name)}\b".encode(), self._data) is not None
        )

    def line_of(self, name: str) -> int:
        """Where its top level first binds a name."""
        return first_bound(self._parsed(), name)

    def _parsed(self) -> ast.Module:
        try:
            return parse(self._data)[1]
        except Unparsable:
            return ast.Module([], [])

    @cached_property
    def _words(self) -> frozenset[bytes]:
        return frozenset(_WORD.findall(self._data))

    @cached_property
    def imports(self) -> frozenset[str]:
        """Dotted paths of all that it imports."""
        found: set[str] = set()
        for node in ast.walk(self._parsed()):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = resolve_relative(self._package, node.level, node.module or "")
                found |= {f"{module}.{alias.name}" for alias in node.names}
        return frozenset(found)
