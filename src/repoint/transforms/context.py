"""One file under transformation: its facts, text and world, with its variables in order and its findings collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct, field

from repoint.analysis.facts import MODULE, UNBOUND, FileFacts, ImportStatement, Reference, RefKind, ScopeKind
from repoint.analysis.text import Text
from repoint.model import Finding, Severity
from repoint.transforms.world import World


class Variable(NamedTuple):
    """A name in the scope that binds it."""

    scope: int
    name: str


class Place(NamedTuple):
    """One name of one import statement."""

    statement: int
    position: int


class Context(Struct, dict=True):
    """Gives lookups over one file's facts, and collects what is to be said about it."""

    facts: FileFacts
    text: Text
    world: World
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, severity: Severity, offset: int, message: str, mend: str = "") -> None:
        line, column = self.text.line(offset), self.text.column(offset)
        self.findings.append(Finding(self.facts.path, line, column, code, severity, message, mend))

    @cached_property
    def references(self) -> dict[Variable, list[Reference]]:
        """Every variable with all its references, in the order of the text."""
        found: dict[Variable, list[Reference]] = defaultdict(list)
        for reference in self.facts.references:
            found[Variable(reference.binds, reference.name)].append(reference)
        return found

    @cached_property
    def by_name(self) -> dict[str, list[Reference]]:
        found: dict[str, list[Reference]] = defaultdict(list)
        for reference in self.facts.references:
            found[reference.name].append(reference)
        return found

    @cached_property
    def _places(self) -> dict[int, Place]:
        return {
            alias.start: Place(statement.index, position)
            for statement in self.facts.imports
            for position, alias in enumerate(statement.names)
        }

    def uses(self, variable: Variable) -> list[Reference]:
        """References other than imports."""
        return [item for item in self.references.get(variable, ()) if item.kind is not RefKind.IMPORT]

    def import_places(self, variable: Variable) -> list[Place]:
        """The imports that bind `variable`."""
        found = self.references.get(variable, ())
        return [self._places[item.start] for item in found if item.kind is RefKind.IMPORT]

    def variable(self, statement: ImportStatement, position: int) -> Variable:
        """The variable that an import binds, `global` declarations taken into account."""
        start, local = statement.names[position].start, statement.local(position)
        for reference in self.by_name.get(local, ()):
            if reference.start == start and reference.kind is RefKind.IMPORT:
                return Variable(reference.binds, local)
        return Variable(statement.scope, local)

    def parents(self, scope: int) -> Iterator[int]:
        """`scope` and the scopes around it, the module last."""
        while scope != UNBOUND:
            yield scope
            scope = self.facts.scopes[scope].parent

    def is_within(self, scope: int, outer: int) -> bool:
        return outer in self.parents(scope)

    def is_class(self, scope: int) -> bool:
        return self.facts.scopes[scope].kind is ScopeKind.CLASS

    def binds(self, scope: int, name: str) -> bool:
        return name in self.facts.scopes[scope].bound

    def sees(self, scope: int, name: str) -> int:
        """The scope that `name` resolves to from `scope`, flow aside."""
        for outer in self.parents(scope):
            if self.binds(outer, name) and (outer == scope or not self.is_class(outer)):
                return outer
        return UNBOUND

    @property
    def is_surface_file(self) -> bool:
        """Whether what the file's top level binds is there for others: a package's `__init__`, a `conftest`."""
        return self.facts.is_init or self.facts.path.rpartition("/")[2] == "conftest.py"

    def in_surface_scope(self, scope: int) -> bool:
        return scope == MODULE or self.is_class(scope)
