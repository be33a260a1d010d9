"""The proof of a part of a plan: a selection, its manifest and the plan's base commit in, faults and checks out.

What was proved of the whole plan need not hold where files are left out: they may use what the others take away. Only
"nothing left to move" is not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec.structs import replace

from repoint.analysis.facts import FileFacts
from repoint.analysis.text import Text
from repoint.analysis.tree import ModuleTree
from repoint.codemods.configured import RULE as CODEMOD
from repoint.errors import NotProved, Problem, Refused
from repoint.manifest.decode import Migration
from repoint.manifest.schema import StubsWhen
from repoint.model import Batch, Check, Edit, EditKind, FileChange, Finding, Severity, SourceFile, splice
from repoint.names import parent
from repoint.patterns.fixing import RULE as PATTERN
from repoint.planning.assemble import change_of
from repoint.planning.codemodding import Codemodding
from repoint.planning.look import analysing, died, size_of
from repoint.planning.patterning import fixing_rules, made_by_rules
from repoint.planning.proving import REPORT, Proving, Watch
from repoint.planning.selection import Selection, is_whole
from repoint.planning.survey import Survey, world_of
from repoint.sources.search import search
from repoint.sources.snapshot import Snapshot, blob_id
from repoint.sources.workers import Workers, working
from repoint.transforms import rewrite
from repoint.transforms.stubs.usage import Use, UseKind, uses_of
from repoint.transforms.world import World

Proof = tuple[tuple[Finding, ...], tuple[Check, ...]]

_PYTHON = (".py", ".pyi")
_STEPS = (EditKind.PATTERN, EditKind.CODEMOD)
_TOLD = 4
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def require_proof(
    part: Selection,
    migration: Migration,
    snapshot: Snapshot,
    watch: Watch,
    *,
    jobs: int | None = None,
    standing: tuple[Batch, ...] = (),
) -> tuple[Check, ...]:
    """The checks of `prove_part`, all passed. Raises NotProved with a line for each fault."""
    findings, checks = prove_part(part, migration, snapshot, watch, jobs=jobs, standing=standing)
    faults = [item for item in findings if item.severity is Severity.ERROR]
    if faults:
        raise NotProved.all_of(tuple(Problem(item.message, f"{item.path}:{item.line}", item.mend) for item in faults))
    return checks


def prove_part(
    part: Selection,
    migration: Migration,
    snapshot: Snapshot,
    watch: Watch,
    *,
    jobs: int | None = None,
    standing: tuple[Batch, ...] = (),
) -> Proof:
    """What is not so once `part.plan` is applied to `snapshot`, its base commit, and how much was looked at.

    `standing` are batches of the whole plan that are on the branch already. Each fault says in its mend what to take
    in. Raises Refused where the manifest or the commit is not the plan's.
    """
    plan = part.plan
    if migration.digest != plan.manifest_digest:
        raise Refused("the manifest is not the one that the plan was made of", where=plan.name, mend="plan again")
    if snapshot.commit != plan.base:
        what = f"commit {snapshot.commit[:12]} is not the plan's base, {plan.base[:12]}"
        raise Refused(what, where=str(snapshot.git.folder), mend="prove the plan on its own commit")
    with working(jobs) as crew:
        try:
            return _ProvingPart(part, migration, snapshot, crew, watch, standing).prove()
        finally:
            snapshot.git.abandon()


class _ProvingPart:
    """One run: the changes that are made, those that are left out, and the files that become stubs."""

    def __init__(
        self,
        part: Selection,
        migration: Migration,
        snapshot: Snapshot,
        crew: Workers,
        watch: Watch,
        standing: tuple[Batch, ...],
    ) -> None:
        self.migration = migration
        self.snapshot = snapshot
        self.crew = crew
        self.watch = watch
        self.tree = ModuleTree(snapshot, migration.manifest.scope)
        self.world = world_of(migration, self.tree)
        self.rules = fixing_rules(migration.manifest.pattern)
        self.proving = Proving(self.tree, self.world, crew, all_moves=False)
        self.whole, self.part = part.whole, part.plan
        self.batches = (*standing, *part.plan.batches)
        self.made = {change.path: change for batch in self.batches for change in batch.files}
        self.left_out = {
            change.path: change
            for batch in part.whole.batches
            for change in batch.files
            if change.path not in self.made
        }
        self.stubs: dict[str, FileChange] = {}
        self.fixed: dict[str, tuple[Edit, ...]] = {}  # what moves and patterns do, of files that codemods rewrite

    def prove(self) -> Proof:
        refused = [fault for change in self.made.values() if (fault := self._take(change)) is not None]
        refused += self._codemods()
        faults, checks = self.proving.results(self._search, self.watch)
        strings, check = self._strings()
        found, checks = [*refused, *faults, *strings], (*checks, check)
        if self.migration.manifest.batches.stubs is StubsWhen.FIRST:
            changing, check = self._neutral()
            found, checks = [*found, *changing], (*checks, check)
        known = frozenset(self.whole.findings)
        return tuple(sorted({self._mended(item) for item in found if item not in known})), checks

    def _search(self, words: frozenset[str]) -> list[str]:
        return search(self.snapshot, words, _PYTHON)

    def _take(self, change: FileChange) -> Finding | None:
        """Give a change to the proof; or say why there is nothing to prove."""
        path = change.path
        if change.before is None or not self.snapshot.is_regular(path):
            return _fault(path, "is no file at the plan's base")
        source = self.snapshot.source(path)
        if source.blob != change.before:
            return _fault(path, "is not the file that was planned, at the plan's base")
        try:
            after = splice(source.data, change.edits, change.encoding)
        except (ValueError, LookupError) as error:
            return _fault(path, f"its edits do not fit: {error}")
        if change.after is not None and blob_id(after, len(change.after)) != change.after:
            return _fault(path, "its edits do not lead to the file that is planned")
        module = self.tree.python.get(path)
        if is_whole(change):
            if module not in self.world.stubs:
                return _fault(path, "is replaced as a whole, and is no [[stub]] of the manifest")
            self.stubs[path] = change
            self.proving.add_stub(path, None if change.after is None else after)
        elif module is not None:
            return self._take_moves(source, change)
        return None

    def _take_moves(self, source: SourceFile, change: FileChange) -> Finding | None:
        """Give the moves of a change to the proof; what patterns make of them is made once more, and compared."""
        moves = change.edits
        if any(edit.kind in _STEPS for edit in moves):
            moves = self._moves_of(source, change)
            made = made_by_rules(source.data, moves, change.encoding, self.rules.of(source.path))
            if any(edit.kind is EditKind.CODEMOD for edit in change.edits):
                self.fixed[source.path] = made
            elif made != change.edits:
                return _fault(source.path, "its rewrites by patterns are not those that the manifest's patterns make")
        if moves:
            only, between = change_of(source, change.encoding, moves)
            self.proving.add(source, only, between, None)
        return None

    def _moves_of(self, source: SourceFile, change: FileChange) -> tuple[Edit, ...]:
        """The edits of the moves alone: as the plan has them, or made once more where steps rewrote their result.

        A codemod may have taken back one of them, of which nothing is left then.
        """
        if not any(_is_joined(edit) or edit.kind is EditKind.CODEMOD for edit in change.edits):
            return tuple(edit for edit in change.edits if edit.kind not in _STEPS)
        facts, world = self._surveyed
        if source.path not in facts:
            return ()
        return rewrite.rewrite(facts[source.path], source.data, world).edits

    def _codemods(self) -> Iterator[Finding]:
        """What codemods make of the files that they rewrite is made once more, and compared."""
        if self.fixed:
            step = Codemodding(self.tree, self.world, self.crew, frozenset(), self.watch)
            for path, edits, why in step.made(self.fixed):
                if edits != self.made[path].edits:
                    what = "its rewrites by codemods are not those that the manifest's codemods make now"
                    yield _fault(path, f"{what}: {why}" if why else what)

    @cached_property
    def _surveyed(self) -> tuple[dict[str, FileFacts], World]:
        survey = Survey(self.migration, self.tree, self.crew, self.watch)
        world = survey.run()
        return survey.facts, world

    def _neutral(self) -> tuple[list[Finding], Check]:
        """With stubs first, every user of a declared stub is to move without any change of what runs."""
        standing = {path for path, change in self.stubs.items() if change.after is not None}
        firsts = ({change.path for change in batch.files} for batch in self.batches)
        stubbed = frozenset[str]().union(*(paths for paths in firsts if paths & standing))
        promised = {self.tree.python[path] for path, change in self.left_out.items() if is_whole(change)}
        return self.proving.neutral(stubbed, frozenset(promised & self.world.stubs.keys()))

    def _strings(self) -> tuple[list[Finding], Check]:
        """Strings that are left as they are, though they patch what becomes a stub, or name what is gone."""
        gone = {self.tree.python[path]: change.after is None for path, change in self.stubs.items()}
        edited = {path: self._lines(change) for path, change in self.left_out.items() if path in self.tree.python}
        facts = self._facts([path for path, lines in edited.items() if lines])
        found: list[Finding] = []
        looked_at = 0
        for module, uses in uses_of(frozenset(gone), facts).items():
            for use in uses:
                data = self.tree.data(use.path)
                line = data.count(b"\n", 0, Text(data).raw(use.offset)) + 1
                if line in edited[use.path] and use.kind in (UseKind.PATCH, UseKind.STRING):
                    looked_at += 1
                    found += _left_string(use, line, module, gone=gone[module])
        return found, Check("strings that stay reach what they name", looked_at, len(found))

    def _lines(self, change: FileChange) -> set[int]:
        """The lines of the strings that a change would move, those among them that patterns rewrote as well."""
        data = self.tree.data(change.path)
        edits = (edit for edit in change.edits if edit.kind is EditKind.STRING or _is_joined(edit))
        firsts = ((data.count(b"\n", 0, edit.start) + 1, edit.before.count("\n")) for edit in edits)
        return {line for first, more in firsts for line in range(first, first + more + 1)}

    def _facts(self, paths: list[str]) -> Iterable[FileFacts]:
        items = [(located, self.tree.python[located.path]) for located in self.snapshot.locate(paths)]
        look = analysing(self.world.query, bool)
        outcomes = self.crew.start(look, items, size=size_of, died=died).results()
        return (item for item in outcomes if isinstance(item, FileFacts))

    def _mended(self, fault: Finding) -> Finding:
        """The same with what to take in: the file itself, or one that it speaks of; else whatever is left out. Or
        with the stub to leave out as well, where it speaks of one that is not on the branch yet."""
        named = set(_DOTTED.findall(fault.message))
        paths = [path for path in self.left_out if path == fault.path]
        paths = paths or [path for path in self.left_out if self._is_named(path, named)]
        wanted = set(paths or self.left_out)
        told = [item for at, batch in enumerate(self.whole.batches, 1) for item in self._missing(at, batch, wanted)]
        more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        stubs = {change.path for change in self.stubs.values() if self._is_named(change.path, named)}
        also = [f"batch {at} ({batch.id})" for at, batch in self._coming() if stubs & {c.path for c in batch.files}]
        other = f", or leave out {', '.join(also)} too" if 0 < len(also) < len(self.part.batches) else ""
        return replace(fault, mend=f"take in {', '.join(told[:_TOLD])}{more} as well{other}") if told else fault

    def _coming(self) -> Iterator[tuple[int, Batch]]:
        """The batches that are to be committed now, with their positions in the whole."""
        ids = {batch.id for batch in self.part.batches}
        return ((at, batch) for at, batch in enumerate(self.whole.batches, 1) if batch.id in ids)

    def _is_named(self, path: str, named: set[str]) -> bool:
        """Whether a file's module is among the dotted paths, or has one of them as a name."""
        module = self.tree.python.get(path)
        return bool(module) and any(module in (name, parent(name)) for name in named)

    def _missing(self, position: int, batch: Batch, wanted: set[str]) -> Iterator[str]:
        """What to say of a batch that has one of the files `wanted`: its name, or those files if others are in."""
        paths = [change.path for change in batch.files if change.path in wanted]
        if paths and all(change.path in self.left_out for change in batch.files):
            yield f"batch {position} ({batch.id})"
        else:
            yield from paths


def _is_joined(edit: Edit) -> bool:
    """Whether a pattern or a codemod rewrote what the moves had changed: the edit is theirs as well."""
    return edit.kind in _STEPS and not all(rule.startswith((PATTERN, CODEMOD)) for rule in edit.rule.split("+"))


def _left_string(use: Use, line: int, module: str, *, gone: bool) -> Iterator[Finding]:
    named = f"{module}.{use.name}" if use.name else module
    if gone:
        yield _fault(use.path, f"{named} is named by a string here, and is gone after the migration", line)
    elif use.kind is UseKind.PATCH:
        yield _fault(use.path, f"{named} is patched here, which reaches nothing once {module} is a stub", line)


def _fault(path: str, what: str, line: int = 1) -> Finding:
    return Finding(path, line, 1, "not-proved", Severity.ERROR, what, REPORT)
