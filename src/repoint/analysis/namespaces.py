"""Where names come from: the namespaces of a tree's modules in, the ends of their chains of re-exports out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum

from repoint.analysis.namespace import Bound, Namespace, TopLevel
from repoint.model import Failed, Frozen


class Found(StrEnum):
    """What following a name leads to."""

    DEFINED = "defined"
    MODULE = "module"
    OUTSIDE = "outside"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Origin(Frozen, frozen=True):
    """The end of a chain of re-exports: the module and the name there, and every stop on the way."""

    found: Found
    module: str
    name: str
    chain: tuple[tuple[str, str], ...] = ()


class Namespaces:
    """All namespaces of a tree, read when first asked for; `modules` are its modules, packages included."""

    def __init__(self, modules: frozenset[str], load: Callable[[str], Namespace | Failed | None]) -> None:
        self.modules = modules
        self._load = load
        self._read: dict[str, Namespace | Failed | None] = {}

    def get(self, module: str) -> Namespace | None:
        """The namespace of `module`; None where there is none or it does not parse."""
        found = self.attempt(module)
        return found if isinstance(found, Namespace) else None

    def read_before(
        self, modules: frozenset[str], changed: Collection[str], load: Callable[[str], Namespace | Failed | None]
    ) -> Namespaces:
        """Those of another tree with `modules`, of which all that did not change need not be read again."""
        found = Namespaces(modules, load)
        gone = self.modules ^ modules
        found._read = {
            module: read for module, read in self._read.items() if module not in changed and module not in gone
        }
        return found

    def has_read(self, module: str) -> bool:
        """Whether anything was asked that this module had a say in."""
        return module in self._read

    def attempt(self, module: str) -> Namespace | Failed | None:
        if module not in self._read:
            self._read[module] = self._load(module)
        return self._read[module]

    def origin(self, module: str, name: str) -> Origin:
        """Where `name` of `module` is really defined, however long the chain of re-exports."""
        chain: list[tuple[str, str]] = []
        return self._origin(module, name, chain)

    def _origin(self, module: str, name: str, chain: list[tuple[str, str]]) -> Origin:
        if (module, name) in chain:
            if f"{module}.{name}" in self.modules:  # `from . import sub` in the package itself
                return Origin(Found.MODULE, f"{module}.{name}", "", tuple(chain))
            return Origin(Found.UNKNOWN, module, name, tuple(chain))
        chain.append((module, name))
        namespace = self.get(module)
        if namespace is None:
            found = Found.UNKNOWN if module in self.modules else Found.OUTSIDE
            return Origin(found, module, name, tuple(chain))
        bindings = _last_bound(namespace.of(name))
        if not bindings:
            return self._elsewhere(namespace, module, name, chain)
        ends = [self._through(item, list(chain)) for item in self._arms(bindings) if item.how is Bound.IMPORT]
        agreed = len({(end.found, end.module, end.name) for end in ends}) == 1
        if agreed and all(item.how is Bound.IMPORT for item in bindings):
            return ends[0]
        return Origin(Found.DEFINED, module, name, tuple(chain))  # arms that differ: it is this module that decides

    def _through(self, item: TopLevel, chain: list[tuple[str, str]]) -> Origin:
        if item.origin is None:
            return Origin(Found.MODULE, item.module, "", tuple(chain))
        return self._origin(item.module, item.origin, chain)

    def _arms(self, bindings: tuple[TopLevel, ...]) -> list[TopLevel]:
        """The arms of a fallback; `from b import A` beside `from a.b import A` is `a.b` under another root."""
        known = [item.module for item in bindings if item.module in self.modules]
        return [
            item
            for item in bindings
            if item.module in known or not any(module.endswith(f".{item.module}") for module in known)
        ]

    def _elsewhere(self, namespace: Namespace, module: str, name: str, chain: list[tuple[str, str]]) -> Origin:
        """Names that no statement binds: submodules, star imports, a module's `__getattr__`."""
        if f"{module}.{name}" in self.modules:
            return Origin(Found.MODULE, f"{module}.{name}", "", tuple(chain))
        for star in namespace.stars:
            if self.exports(star, name):
                return self._origin(star, name, chain)
        if namespace.dynamic or any(star not in self.modules for star in namespace.stars):
            return Origin(Found.UNKNOWN, module, name, tuple(chain))
        return Origin(Found.ABSENT, module, name, tuple(chain))

    def starred(self, module: str) -> frozenset[str]:
        """The names that `from module import *` binds, as far as they can be told."""
        namespace = self.get(module)
        if namespace is None:
            return frozenset()
        inner = {name for star in namespace.stars if star != module for name in self.starred(star)}
        return frozenset(name for name in namespace.names | inner if self.exports(module, name))

    def exports(self, module: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether `from module import *` binds `name`."""
        namespace = self.get(module)
        if namespace is None or module in seen:
            return False
        if namespace.exported is not None:
            return name in namespace.exported
        if name.startswith("_"):
            return False
        inner = seen | {module}
        return name in namespace.names or any(self.exports(star, name, inner) for star in namespace.stars)

    def binds(self, module: str, name: str) -> bool | None:
        """Whether `module` has `name`; None where that cannot be known."""
        found = self.origin_of_binding(module, name)
        return None if found is Found.UNKNOWN or found is Found.OUTSIDE else found is not Found.ABSENT

    def origin_of_binding(self, module: str, name: str) -> Found:
        """What `name` is in `module` itself, whatever becomes of the chain behind it."""
        namespace = self.get(module)
        if namespace is not None and namespace.of(name):
            return Found.DEFINED
        return self.origin(module, name).found


def _last_bound(bindings: tuple[TopLevel, ...]) -> tuple[TopLevel, ...]:
    """The bindings that may hold in the end: the last one that is not conditional, and those after it."""
    sure = [at for at, item in enumerate(bindings) if not item.conditional]
    return bindings[sure[-1] :] if sure else bindings
