"""The facts of one file, as frozen values: imports, scopes, references and strings that a query asks about.

Offsets are those of `analysis.text.Text`; scopes are indices into `FileFacts.scopes`, 0 being the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, StrEnum

from repoint.model import Frozen
from repoint.names import resolve_relative

MODULE = 0
UNBOUND = -1


class ScopeKind(StrEnum):
    """The kinds of scope of the language reference, §4.2."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    LAMBDA = "lambda"
    COMPREHENSION = "comprehension"
    TYPE_PARAMETERS = "type parameters"


class RefKind(StrEnum):
    """How a name stands in the text."""

    LOAD = "load"
    STORE = "store"
    DELETE = "delete"
    DEFINITION = "definition"
    PARAMETER = "parameter"
    DECLARATION = "declaration"
    IMPORT = "import"


class When(IntEnum):
    """When a reference is evaluated, as far as the module's import goes."""

    NEVER = 0
    LATER = 1
    IMPORT = 2


class Role(StrEnum):
    """A syntactic place in which the identity of an object counts, or nothing but its truth (`test`)."""

    NONE = ""
    COMPARE = "compare"
    KEY = "key"
    EXCEPT = "except"
    BASE = "base"
    ISINSTANCE = "isinstance"
    BRANCH = "branch"
    TEST = "test"


class StringUse(StrEnum):
    """What a string literal is for. The forms of a module's path that need more than the string are told apart.

    A ROOT_PATH is `__import__`'s, which gives the root package, a RELATIVE_PATH begins with dots, a PATCHED_MODULE
    is `patch.multiple`'s. What is put together at run time has `{}` for what is not spelled out; a
    DYNAMIC_ATTRIBUTE is the target of a patch.
    """

    PLAIN = "plain"
    DOCSTRING = "docstring"
    MODULE_PATH = "module path"
    ATTRIBUTE_PATH = "attribute path"
    ATTRIBUTE_NAME = "attribute name"
    TOLD_NAME = "told name"
    ROOT_PATH = "root path"
    RELATIVE_PATH = "relative path"
    PATCHED_MODULE = "patched module"
    DYNAMIC_PATH = "dynamic path"
    DYNAMIC_ATTRIBUTE = "dynamic attribute path"
    ALL = "__all__"


class Alias(Frozen, frozen=True):
    """One name of an import statement, and its span `name [as asname]`."""

    name: str
    asname: str | None
    start: int
    end: int
    noqa: bool


class ImportStatement(Frozen, frozen=True):
    """An import statement. `module` is what stands after `from`, without dots, and None for `import …`.

    `target` is the absolute module that is imported from; empty where a relative import leaves the tree.
    `run` numbers the run of imports that it stands in, `block` the block, of `block_size` statements.
    """

    index: int
    start: int
    end: int
    line: int
    level: int
    module: str | None
    target: str
    names: tuple[Alias, ...]
    scope: int
    run: int
    block: int
    block_size: int
    kept: bool
    type_checking: bool
    top_of_function: bool

    @property
    def is_from(self) -> bool:
        return self.module is not None

    @property
    def is_star(self) -> bool:
        return self.is_from and self.names[0].name == "*"

    def local(self, position: int) -> str:
        """The variable that the name at `position` binds: for `import a.b` that is `a`."""
        alias = self.names[position]
        if alias.asname is None and not self.is_from:
            return alias.name.partition(".")[0]
        return alias.asname or alias.name

    def path(self, position: int) -> str:
        """What that variable stands for, dotted: for `import a.b` that is `a`."""
        alias = self.names[position]
        if self.is_from:
            return f"{self.target}.{alias.name}"
        return alias.name if alias.asname else self.local(position)


class Scope(Frozen, frozen=True):
    """A scope, and which of the names asked about it binds or declares."""

    kind: ScopeKind
    parent: int
    bound: frozenset[str]


class Attribute(Frozen, frozen=True):
    """One `.name` of a chain: its span is the name's alone."""

    name: str
    start: int
    end: int


class Reference(Frozen, frozen=True):
    """A name at a place: where it stands (`scope`), what it resolves to (`binds`: a scope, or UNBOUND).

    `chain` are the attributes read from it in one go. `exact` is False where the bytes at the span are not
    the name itself, so that it cannot be rewritten. `ambiguous`: a class body that may or may not have bound it.
    """

    name: str
    start: int
    end: int
    scope: int
    binds: int
    kind: RefKind
    chain: tuple[Attribute, ...]
    when: When
    role: Role
    group: int
    exact: bool
    ambiguous: bool


class StringFact(Frozen, frozen=True):
    """A string literal that holds a text asked about: the span of its content, and what it is for.

    `exact` is False where the content is not spelled as its value (escapes, several parts). For an
    ATTRIBUTE_NAME, `owner` is the start of the name of the object whose attribute it names, and the attributes
    between. `parts` are names in the code that go with the string: those read from the root package, or those
    patched in the module. `package` is what a relative path starts from, None where that is not known.
    """

    value: str
    start: int
    end: int
    line: int
    use: StringUse
    exact: bool
    kept: bool
    owner: tuple[int, tuple[str, ...]] | None
    parts: tuple[Attribute, ...] = ()
    package: str | None = None

    @property
    def module(self) -> str:
        """The module that a string names which is meant as a module's path; empty for others, and if unknown."""
        if self.use is StringUse.RELATIVE_PATH:
            rest = self.value.lstrip(".")
            return resolve_relative(self.package or "", len(self.value) - len(rest), rest) or ""
        return self.value if self.use in _MODULES else ""


_MODULES = frozenset({StringUse.MODULE_PATH, StringUse.ROOT_PATH, StringUse.PATCHED_MODULE})


class Hazard(Frozen, frozen=True):
    """A construct that would change its meaning with a local name: `f"{x=}"`, `locals()`, `exec`.

    `names` are the names it concerns; empty means any name visible from `scope`.
    """

    scope: int
    names: tuple[str, ...]
    line: int
    what: str


class FileFacts(Frozen, frozen=True):
    """Everything the later stages need to know of one file.

    `exported` are the names that `__all__` spells out; `exports` the lines that put it together otherwise, each with
    the module whose `__all__` is taken over, or an empty string.
    """

    path: str
    blob: str
    module: str
    package: str
    is_init: bool
    imports: tuple[ImportStatement, ...]
    scopes: tuple[Scope, ...]
    references: tuple[Reference, ...]
    strings: tuple[StringFact, ...]
    hazards: tuple[Hazard, ...]
    exported: frozenset[str]
    exports: tuple[tuple[int, str], ...]
    fixture_names: frozenset[str]
    notes: tuple[tuple[int, str], ...]


def import_bindings(facts: FileFacts) -> Iterator[tuple[tuple[int, str], str, ImportStatement]]:
    """Every variable (its scope and its name) that an import binds, with what it stands for, and the import."""
    binders = {item.start: item for item in facts.references if item.kind is RefKind.IMPORT}
    for statement in facts.imports:
        for position, alias in enumerate(statement.names):
            binder = binders.get(alias.start)
            if binder is not None:
                yield (binder.binds, binder.name), statement.path(position), statement
