"""The values that a call can name: for a role, the one variable or attribute that holds it, or why there is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from injection.attributes import Attributes
from injection.declared import Declared, Role
from injection.evidence import Evidence, Judge, Trust, last_name
from injection.order import bound_before, deferred
from injection.scopes import File, Scope


@dataclass(frozen=True)
class Found:
    """The expression to pass."""

    text: str


@dataclass(frozen=True)
class Missing:
    """No value of a role can be named for certain; `why` is "" if nothing comes near."""

    why: str = ""


@dataclass(frozen=True)
class _Candidate:
    text: str
    evidence: Evidence
    same_as: str = ""  # the expression that it was assigned from, if it can only be that


class Reach:
    """What is in reach of places in one file."""

    def __init__(self, file: File, declared: Declared) -> None:
        self.file = file
        self.judge = Judge(file)
        known = {name for role in declared.roles for name in role.names}
        self.roles_of = {name: [role for role in declared.roles if name in role.names] for name in known}
        self.attributes = Attributes(file, self.judge, declared.setup)

    def find(self, role: Role, node: ast.AST) -> Found | Missing:
        """The value for `role` at `node`: known by its type rather than only by its name, and never one of two."""
        candidates = [*self._variables(role, node), *self._attributes(role, node)]
        if not candidates:
            return Missing()
        typed = [candidate for candidate in candidates if candidate.evidence.trust is not Trust.OPEN]
        top = typed or candidates
        top = _without_copies(top)
        if len(top) > 1:
            return Missing(f"{_listed([candidate.text for candidate in top])} could each be {role.name}")
        if top[0].evidence.nullable:
            return Missing(f"{top[0].text} may be None")
        return Found(top[0].text)

    def fits(self, role: Role, node: ast.expr) -> bool | None:
        """Whether an argument is a value for `role`; None if nothing tells."""
        evidence = self.judge.value(node, role)
        if evidence.trust is Trust.NOT:
            return False
        if evidence.trust < Trust.OPEN and not (isinstance(node, ast.Constant) and node.value is None):
            return True
        name = "" if isinstance(node, ast.Call) else last_name(node).lstrip("_")
        return True if name in role.names else None

    def _variables(self, role: Role, node: ast.AST) -> Iterator[_Candidate]:
        for scope, name in self.file.visible(self.file.scope_of[node]):
            if name.startswith("__") and not name.endswith("__"):
                continue  # within a class it is another name
            evidence = self.judge.variable(scope, name, role, node)
            if self._counts(evidence, name, role) and self._bound(scope, name, node):
                values = [binding.value for binding in scope.bindings[name] if binding.how != "parameter"]
                yield _Candidate(name, evidence, self._copied(values, node))

    def _bound(self, scope: Scope, name: str, node: ast.AST) -> bool:
        bindings = scope.bindings[name]
        if self.file.declared_outer(name, node):
            return False  # it cannot be named before it is declared `global`
        if any(binding.how in ("deleted", "caught") for binding in bindings):
            return False
        if deferred(self.file, node, scope) and (len(bindings) > 1 or bindings[0].how in ("loop", "comprehension")):
            return False  # it runs later, and finds whatever the name is bound to by then
        return any(bound_before(self.file, binding, node) for binding in bindings)

    def _attributes(self, role: Role, node: ast.AST) -> Iterator[_Candidate]:
        for instance, method, owner in self.attributes.owners(node):
            for name in self.attributes.names(owner):
                evidence = self.attributes.evidence(owner, name, role)
                if self._counts(evidence, name.lstrip("_"), role) and self.attributes.bound(owner, name, method, node):
                    value = self.attributes.single_value(owner, name)
                    inside = value is not None and self.file.scope_of[value] is self.file.scope_of[node]
                    yield _Candidate(f"{instance}.{name}", evidence, self._copied([value], node) if inside else "")

    def _copied(self, values: list[ast.expr | None], node: ast.AST) -> str:
        """`context` or `self.context`, if that is all that the value is, and it is not bound again around `node`."""
        value = values[0] if len(values) == 1 else None
        if isinstance(value, ast.Name):
            scope = self.file.resolve(value.id, self.file.scope_of[value])
            return value.id if scope is not None and len(scope.bindings[value.id]) == 1 else ""
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            for name, method, owner in self.attributes.owners(node):
                if name == value.value.id and not self.attributes.assigned_in(owner, value.attr, method):
                    return f"{name}.{value.attr}"
        return ""

    def _counts(self, evidence: Evidence, name: str, role: Role) -> bool:
        """By its type, unless its name is declared for other roles alone; else by its name."""
        named = self.roles_of.get(name, [])
        if evidence.trust is Trust.OPEN or named:
            return role in named and evidence.trust is not Trust.NOT
        return evidence.trust is not Trust.NOT


def _without_copies(candidates: list[_Candidate]) -> list[_Candidate]:
    """`context = self.context` and `self.context = context` are one value each: the variable."""
    texts = {candidate.text for candidate in candidates}
    dropped = set()
    for candidate in candidates:
        if candidate.same_as in texts:
            dropped.add(candidate.text if "." in candidate.text else candidate.same_as)
    return [candidate for candidate in candidates if candidate.text not in dropped] or candidates


def _listed(texts: list[str]) -> str:
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
