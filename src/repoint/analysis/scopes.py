"""Scopes of a file while it is walked, and the resolution of names by the rules of the language reference, §4.2.2."""

from __future__ import annotations

from msgspec import Struct, field

from repoint.analysis.facts import MODULE, UNBOUND, Scope, ScopeKind
from repoint.model import Frozen


class Binding(Frozen, frozen=True):
    """A place that binds a name: in force from `offset` on, surely so only if not `conditional`."""

    offset: int
    conditional: bool


class OpenScope(Struct):
    """A scope under construction: what it binds, what it declares to be somebody else's, and what it may unbind."""

    kind: ScopeKind
    parent: int
    parameters: frozenset[str] = frozenset()
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    def bind(self, name: str, offset: int, conditional: bool) -> None:
        self.bindings.setdefault(name, []).append(Binding(offset, conditional))

    def closed(self) -> Scope:
        own = self.bindings.keys() - self.globals - self.nonlocals
        return Scope(self.kind, self.parent, frozenset(own))


class ScopeTree:
    """All scopes of one file; index 0 is the module."""

    def __init__(self) -> None:
        self.scopes = [OpenScope(ScopeKind.MODULE, UNBOUND)]

    def open(self, kind: ScopeKind, parent: int, parameters: frozenset[str] = frozenset()) -> int:
        self.scopes.append(OpenScope(kind, parent, parameters))
        return len(self.scopes) - 1

    def holder(self, name: str, scope: int) -> int:
        """The scope that a binding of `name` written in `scope` binds it in."""
        here = self.scopes[scope]
        if name in here.globals:
            return MODULE
        if name in here.nonlocals:
            return self._enclosing(name, here.parent)
        return scope

    def walrus_holder(self, name: str, scope: int) -> int:
        """The scope that `(name := …)` binds in: the nearest that is no comprehension (PEP 572)."""
        while self.scopes[scope].kind is ScopeKind.COMPREHENSION:
            scope = self.scopes[scope].parent
        return self.holder(name, scope)

    def resolve(self, name: str, scope: int, offset: int) -> tuple[int, bool]:
        """The scope that a use of `name` at `offset` in `scope` refers to, and whether that is uncertain."""
        here = self.scopes[scope]
        if name in here.globals:
            return MODULE, False
        if name in here.nonlocals:
            return self._enclosing(name, here.parent), False
        if name in here.bindings:
            if here.kind is ScopeKind.CLASS:
                return self._in_class_body(name, scope, offset)
            return scope, False
        return (self._enclosing(name, here.parent) if scope != MODULE else UNBOUND), False

    def _in_class_body(self, name: str, scope: int, offset: int) -> tuple[int, bool]:
        """A class body reads a global of the same name until it binds its own."""
        bindings = self.scopes[scope].bindings[name]
        if offset < min(binding.offset for binding in bindings):
            bound = name in self.scopes[MODULE].bindings
            return (MODULE if bound else UNBOUND), False
        here = self.scopes[scope]
        sure = name not in here.unsure and any(
            not binding.conditional and binding.offset <= offset for binding in bindings
        )
        return scope, not sure

    def _enclosing(self, name: str, scope: int) -> int:
        """The nearest enclosing scope that binds `name`; class bodies are passed over."""
        while scope != UNBOUND:
            here = self.scopes[scope]
            if name in here.globals:
                return MODULE
            if here.kind is not ScopeKind.CLASS and name in here.bindings and name not in here.nonlocals:
                return scope
            scope = here.parent
        return UNBOUND
