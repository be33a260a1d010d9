"""A commit's Python files as modules: a snapshot and the manifest's scope in, paths, modules and namespaces out."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import cached_property

from msgspec import MsgspecError, msgpack

from repoint.analysis.namespace import Namespace, read_namespace
from repoint.analysis.namespaces import Namespaces
from repoint.manifest.globs import matches
from repoint.manifest.schema import Scope
from repoint.model import Failed, Finding, Severity
from repoint.names import is_package_file, module_of, parent
from repoint.sources.cache import NO_CACHE, Cache, fingerprint
from repoint.sources.snapshot import REGULAR, Snapshot

_KIND = "namespace"
_DECODER = msgpack.Decoder(Namespace)


class ModuleTree:
    """`python` gives the module of every path in scope (empty where it has none), `by_module` the path of each.

    Namespaces are taken from `cache` where it has them, and kept there.
    """

    def __init__(self, snapshot: Snapshot, scope: Scope, cache: Cache = NO_CACHE) -> None:
        self.snapshot = snapshot
        self.cache = cache
        self._roots = tuple(root.strip("/") for root in scope.roots)
        self._name({path: module_of(path, scope.roots) for path in snapshot.entries if in_scope(path, scope)})

    def _name(self, python: dict[str, str]) -> None:
        self.python = python
        self.by_module: dict[str, str] = {}
        for path in sorted(self.python, key=lambda path: (path.endswith(".pyi"), path)):
            if self.python[path]:
                self.by_module.setdefault(self.python[path], path)
        modules: set[str] = set()
        for module in self.by_module:
            while module and module not in modules:
                modules.add(module)
                module = parent(module)
        self.namespaces = Namespaces(frozenset(modules), self._namespace)

    def at(self, snapshot: Snapshot, changed: frozenset[str], scope: Scope) -> ModuleTree:
        """The tree of another commit, which differs in the files `changed`: what they leave as it is, is taken over."""
        ours = [path for path in changed if in_scope(path, scope)]
        new = [path for path in ours if path in snapshot.entries and path not in self.python]
        added = {path: module_of(path, scope.roots) for path in new}
        gone = {path for path in ours if path not in snapshot.entries}
        found = copy(self)
        found.snapshot = snapshot
        found.__dict__.pop("packages", None)
        if added or gone:
            found._name({path: module for path, module in self.python.items() if path not in gone} | added)
        reread = {module for path in ours for module in (self.python.get(path), added.get(path)) if module}
        found.namespaces = self.namespaces.read_before(found.namespaces.modules, reread, found._namespace)
        return found

    @cached_property
    def packages(self) -> frozenset[str]:
        """Modules that are packages with a file of their own."""
        return frozenset(module for module, path in self.by_module.items() if is_package_file(path))

    def data(self, path: str) -> bytes:
        return self.snapshot.read([path])[path]

    def odd_files(self) -> list[Finding]:
        """What is in scope, but is no file to be read; and roots under which there is nothing."""
        found = []
        for root in self._roots:
            if root not in ("", ".") and not any(path.startswith(f"{root}/") for path in self.python):
                message, mend = "is a root of the manifest's, and no Python file lies under it", "correct [scope] roots"
                found.append(Finding(root, 1, 1, "root-empty", Severity.WARNING, message, mend))
        for path in self.python:
            mode = self.snapshot.entries[path].mode
            if mode not in REGULAR:
                what = "a symbolic link" if mode == "120000" else "a submodule"
                message = f"is {what}, and is not followed"
                found.append(Finding(path, 1, 1, "not-a-file", Severity.INFO, message, ""))
        for path in self.snapshot.odd_paths:
            message = "its path is not UTF-8, so that it is not looked at"
            found.append(Finding(path, 1, 1, "path-not-utf-8", Severity.WARNING, message, "rename the file"))
        return found

    def twice(self, modules: Iterable[str]) -> list[Finding]:
        """Those of `modules` that two files stand for, under two roots: only the first one is taken for it."""
        asked = frozenset(modules)
        found = []
        for path, module in sorted(self.python.items()):
            first = self.by_module.get(module, path)
            if module in asked and first.rpartition(".")[2] == path.rpartition(".")[2] and first != path:
                message = f"stands for {module}, as {first} does, which is taken for it"
                mend = "take one of the two roots, or one of the files, out of [scope]"
                found.append(Finding(path, 1, 1, "module-twice", Severity.WARNING, message, mend))
        return found

    def _namespace(self, module: str) -> Namespace | Failed | None:
        path = self.by_module.get(module)
        if path is None and module in self.namespaces.modules:
            return Namespace("", module, (), (), None, False)  # a namespace package: a folder, no file
        if path is None or self.snapshot.entries[path].mode not in REGULAR:
            return None
        key = f"{self.snapshot.entries[path].blob}:{module}:{path}"
        known = self._known(key)
        if known is not None and (known.path, known.module) == (path, module):
            return known
        found = read_namespace(self.snapshot.source(path), module)
        if isinstance(found, Namespace):
            self.cache.put(_KIND, fingerprint(), {key: msgpack.encode(found)})
        return found

    def _known(self, key: str) -> Namespace | None:
        """The namespace that an earlier command read in the same blob."""
        value = self.cache.get(_KIND, fingerprint(), [key]).get(key)
        try:
            return None if value is None else _DECODER.decode(value)
        except MsgspecError:
            return None


def in_scope(path: str, scope: Scope) -> bool:
    """Whether the manifest looks at a file of this path."""
    return matches(path, scope.include) and not matches(path, scope.exclude)
