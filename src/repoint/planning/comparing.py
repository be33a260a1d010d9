"""The comparison of old and new definitions, beside the rewriting: facts and moves in, tables and findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.tree import ModuleTree
from repoint.compat.moves import KeptLines, conclude, expanded, prepare
from repoint.compat.values import Checked, Job
from repoint.model import Comparison, EditKind, FileChange, Finding, Severity
from repoint.names import Symbol
from repoint.planning.look import Passed
from repoint.planning.survey import Survey
from repoint.sources.snapshot import Located, load
from repoint.sources.workers import Workers
from repoint.transforms.world import World


class Comparing:
    """Begins to check every use of what has two definitions; `results` waits for it."""

    def __init__(
        self, survey: Survey, tree: ModuleTree, world: World, crew: Workers, kept: Mapping[str, frozenset[int]]
    ) -> None:
        """`kept` are the lines that stubs keep of their modules, by path."""
        gone = {stub.module for stub in world.migration.manifest.stub}
        files = [
            facts for facts in survey.facts.values() if facts.module not in gone and world.exception(facts.path) is None
        ]
        moves = expanded(world.moves, files)
        self._prepared = prepare(moves, tree, files, [*_kept(kept, tree, world, moves)])
        self._tree = tree
        located = tree.snapshot.locate([job.facts.path for job in self._prepared.jobs])
        items = list(zip(located, self._prepared.jobs, strict=True))
        self._task = crew.start(_check, items, size=lambda item: item[0].size, died=lambda _: Passed.DEADLY)

    def results(self) -> tuple[tuple[Comparison, ...], list[Finding]]:
        """One row for each move, and a finding for each use that the new definition cannot serve."""
        checked: list[Checked] = []
        told: list[Finding] = []
        for job, outcome in zip(self._prepared.jobs, self._task.results(), strict=True):
            path = job.facts.path
            if outcome is Passed.DEADLY:
                message = "no uses compared: a worker died of it"
                told.append(Finding(path, 1, 1, "not-compared", Severity.INFO, message, ""))
            elif isinstance(outcome, Passed):  # gone from the working copy meanwhile
                checked.append(_checked(job, self._tree.data(path)))
            else:
                checked.append(outcome)
        comparisons, found = conclude(self._prepared, checked)
        return comparisons, [*found, *told]


def answered(
    findings: Iterable[Finding], changes: Mapping[str, FileChange], read: Callable[[str], bytes]
) -> Iterator[Finding]:
    """The same findings of uses; only told, where a codemod rewrites the line. `read` gives a file by its path."""
    lines: dict[tuple[str, int], str] = {}
    for path, change in changes.items():
        for edit in change.edits:
            if edit.kind is EditKind.CODEMOD:
                first = read(path).count(b"\n", 0, edit.start) + 1
                rule = edit.rule.rpartition("+")[2]
                lines |= {(path, line): rule for line in range(first, first + edit.before.count("\n") + 1)}
    for finding in findings:
        rule = lines.get((finding.path, finding.line), "")
        if not rule:
            yield finding
            continue
        message = f"{finding.message}; {rule} rewrites this line"
        mend = "see in the diff that the line has what is asked for"
        yield replace(finding, severity=Severity.INFO, message=message, mend=mend)


def _kept(
    kept: Mapping[str, frozenset[int]], tree: ModuleTree, world: World, moves: Mapping[Symbol, Symbol]
) -> Iterator[KeptLines]:
    """The facts of what stubs keep, with those of their own names that move."""
    for path, lines in kept.items():
        names = {old.name for old in moves if old.module == tree.python[path]}
        found = analyse(tree.snapshot.source(path), tree.python[path], world.query.with_names(names))
        if isinstance(found, FileFacts):
            yield KeptLines(found, lines, frozenset(world.stubs[tree.python[path]].keep))


def _check(item: tuple[Located, Job]) -> Checked | Passed:
    located, job = item
    source = load(located)
    return Passed.UNREAD if source is None else _checked(job, source.data)


def _checked(job: Job, data: bytes) -> Checked:
    from repoint.compat.files import check  # with much that a plan without two definitions of a name does not need

    return check(job, data)
