"""The values of the comparison: what a definition offers, how two of them differ, and which uses meet that.

All are plain enough for a process pool; `Comparison` is plain enough to stand in a plan file.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from repoint.analysis.facts import FileFacts
from repoint.model import Finding, Frozen, Severity
from repoint.names import Symbol


class Kind(StrEnum):
    """The kinds of parameter of the language reference, §8.7."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL = "positional or keyword"
    VAR_POSITIONAL = "variadic positional"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "variadic keyword"


class Parameter(Frozen, frozen=True):
    """`types` are the names that its annotation consists of, without `Optional` and the like."""

    name: str
    kind: Kind
    required: bool
    types: frozenset[str] = frozenset()


class Flavour(StrEnum):
    """What a call gives back, as far as the syntax tells."""

    SYNC = ""
    ASYNC = "async"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"
    CONTEXT = "context manager"
    ASYNC_CONTEXT = "async context manager"


class Signature(Frozen, frozen=True):
    """How something is called. `plain` tells that the result is surely no awaitable."""

    parameters: tuple[Parameter, ...]
    flavour: Flavour = Flavour.SYNC
    plain: bool = False

    def __str__(self) -> str:
        parts = []
        for at, parameter in enumerate(self.parameters):
            if parameter.kind is Kind.KEYWORD_ONLY and not self._has_star_before(at):
                parts.append("*")
            star = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(parameter.kind, "")
            default = "" if parameter.required or star else "=…"
            parts.append(f"{star}{parameter.name}{default}")
            following = self.parameters[at + 1].kind if at + 1 < len(self.parameters) else None
            if parameter.kind is Kind.POSITIONAL_ONLY and following is not Kind.POSITIONAL_ONLY:
                parts.append("/")
        return f"({', '.join(parts)})"

    def of(self, name: str) -> str:
        """The signature with a name: `async name(a, b=…)`."""
        return f"{self.flavour.value} {name}{self}" if self.flavour else f"{name}{self}"

    def _has_star_before(self, at: int) -> bool:
        return any(item.kind in (Kind.VAR_POSITIONAL, Kind.KEYWORD_ONLY) for item in self.parameters[:at])

    def bound(self) -> Signature:
        """The signature after the first parameter is given, as `self` is."""
        first = self.parameters[0].kind if self.parameters else None
        if first in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL):
            return Signature(self.parameters[1:], self.flavour, self.plain)
        return self


Signatures = tuple[Signature, ...] | None  # overloads in their order; None where they cannot be known


class MemberKind(StrEnum):
    """What a member of a class is."""

    METHOD = "method"
    CLASSMETHOD = "classmethod"
    STATICMETHOD = "staticmethod"
    PROPERTY = "property"
    ATTRIBUTE = "attribute"
    CLASS = "class"


class Member(Frozen, frozen=True):
    """One member. `on_class`: the class itself has it too; `plain`: as a property, its value cannot be called."""

    kind: MemberKind
    on_class: bool = True
    signatures: Signatures = None
    plain: bool = False

    def call(self, on_instance: bool) -> Signatures:
        """The signatures of `owner.member(…)`."""
        implicit = self.kind is MemberKind.CLASSMETHOD or (on_instance and self.kind is MemberKind.METHOD)
        if self.signatures is None or not implicit:
            return self.signatures
        return tuple(signature.bound() for signature in self.signatures)


_OF_METACLASSES = frozenset({"mro", "register"})  # of `type` and `abc.ABCMeta`


class Has(StrEnum):
    """Whether a definition has a member."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Definition(Frozen, frozen=True):
    """A class or a function, as its source says.

    `members` includes inherited ones, `maybe` names that may be there besides. `closed` tells that the class itself
    has no others, `closed_instances` the same of its instances. `call` is how it is called; `bases` are the linear
    order of all bases, dotted, and `known_bases` whether those are all.
    """

    symbol: Symbol
    is_class: bool
    call: Signatures = None
    members: dict[str, Member] = msgspec.field(default_factory=dict)
    maybe: frozenset[str] = frozenset()
    closed: bool = False
    closed_instances: bool = False
    makes_itself: bool = False
    bases: tuple[str, ...] = ()
    known_bases: bool = False

    def has(self, name: str, on_instance: bool) -> Has:
        """Whether `Name.name`, or `name` of an instance, is there."""
        member = self.members.get(name)
        if member is not None and (on_instance or member.on_class):
            return Has.YES
        if not self.is_class or name in self.maybe or name in _OF_METACLASSES:
            return Has.UNKNOWN
        if name.startswith("__") or (name.startswith("_") and name.endswith("_")):
            return Has.UNKNOWN
        return Has.NO if (self.closed_instances if on_instance else self.closed) else Has.UNKNOWN


class Pair(Frozen, frozen=True):
    """A moved symbol with two definitions."""

    old: Symbol
    new: Symbol
    before: Definition
    after: Definition

    @property
    def key(self) -> str:
        return str(self.old)

    @property
    def new_name(self) -> str:
        return self.new.name


class Code(StrEnum):
    """The stable codes of what can differ at a use."""

    MEMBER_MISSING = "member-missing"
    MEMBER_KIND = "member-kind"
    ARGUMENTS = "argument-mismatch"
    BECAME_ASYNC = "call-became-async"
    BECAME_SYNC = "call-became-sync"
    OVERRIDE = "override-mismatch"
    BASE_LOST = "base-lost"


class Incompatible(Frozen, frozen=True, order=True):
    """A use that the new definition cannot serve: `old` is the moved symbol, `used` what is used of it."""

    path: str
    line: int
    column: int
    code: Code
    used: str
    message: str
    old: str
    member: str

    @property
    def finding(self) -> Finding:
        mend = _MENDS[self.code]
        return Finding(self.path, self.line, self.column, self.code.value, Severity.WARNING, self.message, mend)


_MENDS = {
    Code.MEMBER_MISSING: "use what the new class offers, add the member there, or keep the old path here",
    Code.MEMBER_KIND: "read or call it as the new class defines it",
    Code.ARGUMENTS: "give the arguments that the new one takes",
    Code.BECAME_ASYNC: "await it, in a coroutine",
    Code.BECAME_SYNC: "call it without await",
    Code.OVERRIDE: "give the override the new method's parameters",
    Code.BASE_LOST: "use a class that both have as a base",
}


class Job(Frozen, frozen=True):
    """One file to check, its bytes aside. `pairs` are by dotted old path.

    With `lines`, only what stands on those is checked: what a stub keeps, for which its own definitions move, too.
    """

    facts: FileFacts
    pairs: dict[str, Pair]
    lines: frozenset[int] | None = None


class Checked(Frozen, frozen=True):
    """One file's uses: how many of each moved symbol were looked at, and those that differ."""

    path: str
    examined: dict[str, int]
    found: tuple[Incompatible, ...]
