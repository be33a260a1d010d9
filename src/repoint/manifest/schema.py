"""The tables and keys of a migration manifest, as frozen values: what is allowed, and what is meant when left out.

The published JSON Schema and the decoder both read these classes; nothing else says what a manifest holds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from repoint.model import Severity, schema_of

DOTTED = r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"
PATH = r"^[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*)?$"
DURATION = r"^(?=.)([1-9]\d*h)?([1-9]\d*m)?([1-9]\d*s)?$"
SYMBOL = r"^[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*$"
COUNT = r"^ *(==|<=|<|>=|>) *\d+ *$"
SHARE = r"^ *(==|<=|<|>=|>) *(100(\.0+)?|\d{1,2}(\.\d+)?) *%? *$"
REF = r"^[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*$"
IDENTIFIER = r"^[^\W\d]\w*$"
MEMORY = r"^[1-9]\d*(KiB|MiB|GiB)$"
LINE = r"^[^\r\n]+$(?!\n)"
PATTERN_ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$(?!\n)"
MIGRATION_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)"

ModulePath = Annotated[str, Meta(pattern=DOTTED, description="A dotted module: `pkg.engines.old`.")]
SymbolPath = Annotated[str, Meta(pattern=SYMBOL, description="A symbol: `pkg.engines.old:Engine`.")]
MovePath = Annotated[str, Meta(pattern=PATH, description="A symbol `pkg.old:Name`, or a module `pkg.old`.")]
Name = Annotated[str, Meta(pattern=IDENTIFIER, description="A Python identifier.")]
Command = Annotated[
    str | tuple[str, ...],
    Meta(description='A command line, `"python -m pytest -q"`; or its words, `["ruff", "check"]`.'),
]
CountTarget = Annotated[str, Meta(pattern=COUNT, description="A comparison: `== 0`, `<= 5`.")]
ShareTarget = Annotated[str, Meta(pattern=SHARE, description="A comparison with a percentage: `>= 95%`.")]
Arguments = Annotated[dict[str, Any], Meta(description='Keyword arguments: `{ old_name = "a.B" }`.')]
Rule = Annotated[dict[str, Any], Meta(description='An ast-grep rule object: `{ kind = "call", has = { … } }`.')]
Glob = Annotated[str, Meta(min_length=1, description="A path pattern with `/`; `**` spans folders.")]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the manifest's tables."""


class Uses(StrEnum):
    """`rename`: call sites follow the new name; `alias`: they keep the old one by `as`."""

    RENAME = "rename"
    ALIAS = "alias"


class Relative(StrEnum):
    """Whether a moved relative import becomes absolute or stays relative."""

    ABSOLUTE = "absolute"
    KEEP = "keep"


class Strings(StrEnum):
    """`known`: arguments that name import paths; `exact`: any literal that equals an old path as well."""

    KNOWN = "known"
    EXACT = "exact"
    OFF = "off"


class Star(StrEnum):
    """What becomes of `from old import *`."""

    REPORT = "report"
    EXPAND = "expand"


class Construct(StrEnum):
    """Whether a canonical class may be built outside the homes."""

    ALLOW = "allow"
    FORBID = "forbid"


class Aliases(StrEnum):
    """Whether a canonical symbol may be imported under another name."""

    ALLOW = "allow"
    FORBID = "forbid"


class StubMode(StrEnum):
    """What an old implementation module becomes."""

    REDIRECT = "redirect"
    WARN = "warn"
    LAZY = "lazy"
    DELETE = "delete"


class GroupBy(StrEnum):
    """What one batch holds: a folder, what the same owners look after (CODEOWNERS), or a single file."""

    PACKAGE = "package"
    OWNER = "owner"
    FILE = "file"


class StubsWhen(StrEnum):
    """Whether stubs are the last batches or the first."""

    LAST = "last"
    FIRST = "first"


class Scope(Table, frozen=True):
    """Which tracked files are looked at, and where imports start from."""

    roots: tuple[str, ...] = (".",)
    include: tuple[Glob, ...] = ("**/*.py", "**/*.pyi")
    exclude: tuple[Glob, ...] = ()


class Move(Table, frozen=True):
    """An old path and its new one: both symbols, or both modules."""

    old: MovePath
    new: MovePath


class Canonical(Table, frozen=True):
    """The one name and path a symbol may be imported by."""

    symbol: SymbolPath
    aliases: Aliases = Aliases.ALLOW
    construct: Construct = Construct.ALLOW


class Stub(Table, frozen=True):
    """An implementation module that becomes a redirect to the homes of its names."""

    module: ModulePath
    mode: StubMode = StubMode.REDIRECT
    drop: tuple[Name, ...] = ()
    keep: tuple[Name, ...] = ()


class Rewrite(Table, frozen=True):
    """Policies of rewriting."""

    uses: Uses = Uses.RENAME
    relative: Relative = Relative.ABSOLUTE
    strings: Strings = Strings.KNOWN
    star: Star = Star.REPORT
    known_calls: tuple[ModulePath, ...] = ()
    text: tuple[Glob, ...] = ()


class Batches(Table, frozen=True):
    """How the changed files are put into commits, and in which order."""

    by: GroupBy = GroupBy.PACKAGE
    depth: Annotated[int, Meta(ge=1)] = 2
    max_files: Annotated[int, Meta(ge=1)] = 50
    order: tuple[Glob, ...] = ("tests/**", "**")
    stubs: StubsWhen = StubsWhen.LAST
    message: Annotated[str, Meta(min_length=1)] = "refactor(imports): {title}"


class Proof(Table, frozen=True):
    """What the proof may let pass: cycles of imports, each by its modules."""

    cycles: tuple[tuple[ModulePath, ...], ...] = ()


class OnFailure(StrEnum):
    """What a failed gate does: `stop` keeps the good commits, and goes no further."""

    STOP = "stop"


class After(Table, frozen=True):
    """Commands that format the changed files of a batch before its commit; the files' names are appended."""

    run: tuple[Command, ...] = ()


class Gates(Table, frozen=True):
    """Commands that must succeed: after `each` batch, after the last one the `final` ones too; and first on the base.

    No shell is involved. `timeout` holds for each command: `90s`, `15m`, `1h30m`.
    """

    each: tuple[Command, ...] = ()
    final: tuple[Command, ...] = ()
    timeout: Annotated[str, Meta(pattern=DURATION, description="Such as `90s`, `15m`, `1h30m`.")] = "15m"
    on_failure: OnFailure = OnFailure.STOP


class Pattern(Table, frozen=True):
    """A structural rule of ast-grep, by `match` or by `rule`: a rewrite with `fix`, told without. Blind to scopes."""

    id: Annotated[str, Meta(pattern=PATTERN_ID, description="Its code: `no-singletons`.")]
    message: Annotated[str, Meta(min_length=1)]
    match: Annotated[str, Meta(min_length=1)] | None = None
    rule: Rule | None = None
    constraints: Rule | None = None
    severity: Severity = Severity.WARNING
    files: tuple[Glob, ...] = ("**",)
    exclude: tuple[Glob, ...] = ()
    fix: str | None = None
    note: str = ""


class CodemodKind(StrEnum):
    """What a codemod is written for: a LibCST `Codemod` class, or a function of a Bowler `Query`."""

    LIBCST = "libcst"
    BOWLER = "bowler"


class FileFailure(StrEnum):
    """What a file does on which a codemod fails: `report` leaves it alone with a warning, `refuse` stops the plan."""

    REPORT = "report"
    REFUSE = "refuse"


class Codemod(Table, frozen=True):
    """A user's own transformation, run as a step; its module lies beside the manifest, or is installed.

    It looks at Python files in scope that do not become stubs. Those of `[[except]]` tables are among them: these are
    about old paths only.
    """

    kind: CodemodKind
    ref: Annotated[str, Meta(pattern=REF, description="`module:object`: `inject:InjectDependencies`.")]
    id: Annotated[str, Meta(pattern=PATTERN_ID)] | None = None
    args: Arguments | None = None
    files: tuple[Glob, ...] = ("**",)
    exclude: tuple[Glob, ...] = ()
    prefilter: tuple[Annotated[str, Meta(pattern=LINE, description="Text of one line.")], ...] = ()
    idempotent: bool = True
    on_failure: FileFailure = FileFailure.REPORT
    timeout: Annotated[str, Meta(pattern=DURATION, description="Such as `90s`, `15m`, `1h30m`.")] = "30s"
    memory: Annotated[str, Meta(pattern=MEMORY, description="Such as `512MiB`, `2GiB`.")] = "2GiB"


class Targets(Table, frozen=True):
    """What `audit` and `check` hold the repository to: a comparison for each figure that counts."""

    deprecated_imports: CountTarget | None = None
    alias_imports: CountTarget | None = None
    reexport_imports: CountTarget | None = None
    unresolvable_imports: CountTarget | None = None
    fragmented_imports: CountTarget | None = None
    canonical_share: ShareTarget | None = None
    direct_instantiations: CountTarget | None = None
    duplicate_definitions: CountTarget | None = None
    deprecated_strings: CountTarget | None = None
    implementations: CountTarget | None = None
    pattern_violations: CountTarget | None = None


class Except(Table, frozen=True):
    """Files that are meant to keep the old paths, and why."""

    files: tuple[Glob, ...]
    reason: str = ""


class Manifest(Table, frozen=True):
    """One migration, as its file says it."""

    name: Annotated[str, Meta(pattern=MIGRATION_NAME, max_length=150, description="Goes into branch names.")]
    description: str = ""
    scope: Scope = Scope()
    move: tuple[Move, ...] = ()
    canonical: tuple[Canonical, ...] = ()
    stub: tuple[Stub, ...] = ()
    pattern: tuple[Pattern, ...] = ()
    codemod: tuple[Codemod, ...] = ()
    rewrite: Rewrite = Rewrite()
    batches: Batches = Batches()
    proof: Proof = Proof()
    after: After = After()
    gates: Gates = Gates()
    targets: Targets = Targets()
    except_: Annotated[tuple[Except, ...], Meta(description="Files that keep the old paths.")] = msgspec.field(
        default=(), name="except"
    )


def json_schema() -> dict[str, object]:
    """The JSON Schema of a manifest, for editors."""
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "repoint manifest"}
    return {**named, **schema_of(Manifest)}
