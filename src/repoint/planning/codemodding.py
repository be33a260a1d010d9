"""The step of a plan after the patterns: changed files and the manifest's codemods in, changes of all steps out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.text import Text, Undecodable
from repoint.analysis.tree import ModuleTree
from repoint.codemods.chain import Asking, Done, Item, run
from repoint.codemods.configured import Configured, configure
from repoint.codemods.hosts import Hosts, hosting
from repoint.codemods.remarks import Remark, overlap
from repoint.codemods.values import LOST, Fate, Outcome, Subject
from repoint.composing import compose, line_at, origin, overlaps, start_of_line
from repoint.errors import ManifestErrors, Problem
from repoint.model import Check, CodemodRun, Edit, FileChange, Finding, Severity, SourceFile, splice
from repoint.patterns.fixing import Unfixed, fix
from repoint.patterns.rules import Rules
from repoint.planning.assemble import change_of
from repoint.planning.outward import Outward
from repoint.planning.patterning import fixing_rules
from repoint.sources.search import search
from repoint.sources.workers import Workers
from repoint.transforms import rewrite
from repoint.transforms.world import World

Watch = Callable[[str, int, int], None]
NAME = "rewrites by codemods parse and settle"
STAGE = "running codemods"
STRIKES = 10  # files on which a codemod's process may be lost before the codemod is given up
_PYTHON = (".py", ".pyi")
_MEND = "let the codemod write what no step before it would change, or name the file in its `exclude`"


class Codemodded(NamedTuple):
    """The changes of files that codemods rewrite, all steps in one; what there is to say; what each codemod did; and
    pairs of files that only make sense together."""

    changes: dict[str, FileChange]
    findings: list[Finding]
    checks: tuple[Check, ...]
    runs: tuple[CodemodRun, ...]
    links: list[tuple[str, str]]


class Codemodding:
    """One run of the step over a repository, apart from the files `stubbed`, which are replaced as a whole."""

    def __init__(self, tree: ModuleTree, world: World, crew: Workers, stubbed: frozenset[str], watch: Watch) -> None:
        self._tree = tree
        self._world = world
        self._count = crew.count
        self._stubbed = stubbed
        self._watch = watch
        self._steps = configure(world.migration.manifest.codemod)
        self._prefilter = Prefilter(world.query, tree.packages, world.forbidden_aliases)
        self._rules = fixing_rules(world.migration.manifest.pattern) if self._steps else Rules()
        self._findings: list[Finding] = []
        self._failed = 0

    def run(self, earlier: Mapping[str, FileChange]) -> Codemodded:
        """All of it. Raises ManifestErrors for codemods that cannot run on any file."""
        if not self._steps:
            return Codemodded({}, [], (), (), [])
        items = self._items(earlier)
        outcomes = self._outcomes(items)
        changes: dict[str, FileChange] = {}
        for item, done in zip(items, outcomes, strict=True):
            before = earlier[item.path].edits if item.path in earlier else ()
            change = self._take(item, done, before)
            if change is not None:
                changes[change.path] = change
        outward = Outward(self._tree, items, outcomes, changes, {**earlier, **changes}, self._stubbed)
        lost = list(outward.findings(self._steps))
        self._findings += lost
        self._failed += sum(finding.severity is Severity.ERROR for finding in lost)
        self._tell_given_up(items, outcomes)
        looked_at = sum(bool(done.asked) for done in outcomes)
        runs = tuple(self._ran(step, items, outcomes, changes) for step in self._steps)
        for step, ran in zip(self._steps, runs, strict=True):
            if not ran.asked:
                self._tell_overtaken(step, items)
        return Codemodded(changes, self._findings, (Check(NAME, looked_at, self._failed),), runs, outward.links())

    def made(self, earlier: Mapping[str, tuple[Edit, ...]]) -> Iterator[tuple[str, tuple[Edit, ...], str]]:
        """The edits of files by the steps before, which are given, and then by codemods; and why some fail, if so."""
        items = [self._item(path, edits) for path, edits in sorted(earlier.items())]
        for item, done in zip(items, self._outcomes(items), strict=True):
            whole = compose(self._tree.data(item.path), earlier[item.path], done.edits, done.encoding)
            told = [remark.message for remark in done.remarks if remark.severity is not Severity.INFO]
            yield item.path, whole, told[0] if done.failed and told else ""

    def _items(self, earlier: Mapping[str, FileChange]) -> list[Item]:
        snapshot = self._tree.snapshot
        asked = {path for path in self._tree.python if path not in self._stubbed and snapshot.is_regular(path)}
        wanted: set[str] = set()
        for step in self._steps:
            if not any(step.looks_at(path) for path in asked):
                self._tell_idle(step)
            words = step.words
            holding = {*_holding(self._tree, words), *earlier} if words else asked
            wanted |= {path for path in holding & asked if step.looks_at(path)}
        edits = {path: earlier[path].edits if path in earlier else () for path in wanted}
        self._tree.snapshot.read(sorted(wanted))
        return [self._item(path, edits[path]) for path in sorted(wanted)]

    def _item(self, path: str, edits: tuple[Edit, ...]) -> Item:
        steps = tuple(step for step in self._steps if step.looks_at(path))
        return Item(path, self._tree.python[path], self._between(path, edits), steps)

    def _between(self, path: str, edits: tuple[Edit, ...]) -> bytes:
        data = self._tree.data(path)
        return splice(data, edits, _encoding(data)) if edits else data

    def _outcomes(self, items: list[Item]) -> list[Done]:
        steps = [step.step for step in self._steps]
        limits = [step.limits for step in self._steps]
        with hosting(self._world.migration.folder, steps, limits, self._count) as hosts:
            self._require_usable(hosts)
            patience = _Patience()
            self._watch(STAGE, 0, len(items))
            work = partial(_run, patience)
            # Said here once for all threads: what each of them says of warnings, it says to all.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return hosts.map(work, items, lambda count: self._watch(STAGE, count, len(items)))

    def _require_usable(self, hosts: Hosts) -> None:
        """Raise ManifestErrors for each codemod that cannot be loaded."""
        migration = self._world.migration
        problems = []
        for step, loaded in zip(self._steps, hosts.ready(), strict=True):
            if not loaded.what:
                continue
            place = migration.place("codemod", step.position, "ref")
            problems.append(Problem(f"[[codemod]] {step.id}: {loaded.what}", place, loaded.mend))
        if problems:
            raise ManifestErrors(tuple(problems))

    def _take(self, item: Item, done: Done, before: tuple[Edit, ...]) -> FileChange | None:
        """The change of a file, if there is one and nothing speaks against it."""
        for remark in done.remarks:
            self._tell(item.path, before, remark)
            self._failed += remark.severity is Severity.ERROR
        if not done.edits:
            return None
        after = splice(item.data, done.edits, done.encoding)
        if (unsettled := self._moved_again(item, done, after) or self._fixed_again(item, done, after)) is not None:
            self._failed += 1
            self._tell(item.path, before, unsettled)
            return None
        source = self._tree.snapshot.source(item.path)
        whole = compose(source.data, before, done.edits, done.encoding)
        if not whole:
            self._failed += 1
            reason = "all that the steps before them change is taken back by codemods"
            self._tell(item.path, (), Remark("codemod-not-idempotent", Severity.ERROR, reason, _MEND))
            return None
        self._tell_overlaps(item.path, before, done)
        return change_of(source, done.encoding, whole)[0]

    def _moved_again(self, item: Item, done: Done, after: bytes) -> Remark | None:
        """That the moves would change the result once more, if so."""
        if not self._prefilter.wants(after):
            return None
        facts = analyse(SourceFile(item.path, "100644", "", after), item.module, self._world.query)
        if not isinstance(facts, FileFacts):
            return None
        for edit in rewrite.rewrite(facts, after, self._world).edits[:1]:
            reason = f"rewritten by codemods, `{edit.before}` in the result names an old path, and would move"
            line = _line_in(item.data, done, edit.start)
            return Remark("codemod-not-idempotent", Severity.ERROR, reason, _MEND, line)
        return None

    def _fixed_again(self, item: Item, done: Done, after: bytes) -> Remark | None:
        """The same of the patterns."""
        made = fix(after, self._rules.of(item.path))
        if isinstance(made, Unfixed):
            reason = f"rewritten by codemods, patterns cannot rewrite the result: {made.reason}"
            return Remark("codemod-not-idempotent", Severity.ERROR, reason, _MEND)
        for edit in made.edits[:1]:
            reason = f"rewritten by codemods, {edit.rule} would change `{edit.before}` in the result once more"
            line = _line_in(item.data, done, edit.start)
            return Remark("codemod-not-idempotent", Severity.ERROR, reason, _MEND, line)
        return None

    def _tell_overlaps(self, path: str, before: tuple[Edit, ...], done: Done) -> None:
        """Where a codemod rewrites what moves or patterns have written."""
        steps = {step.rule: step for step in self._steps}
        first = dict(reversed(overlaps(before, done.edits, done.encoding)))
        for near, at in sorted(first.items()):
            step = steps[done.edits[at].rule.split("+")[0]]
            line = line_at(self._tree.data(path), before[near].start)
            self._tell(path, (), overlap(step, line, before[near].rule.split("+")))

    def _tell_given_up(self, items: list[Item], outcomes: list[Done]) -> None:
        """One error for each codemod that was given up, at the first file that was not tried."""
        for step in self._steps:
            untried = [item.path for item, done in zip(items, outcomes, strict=True) if step.position in done.untried]
            if untried:
                reason = f"codemod {step.id} is given up: its process was lost on {STRIKES} files, and "
                reason += f"{len(untried)} file{'s were' if len(untried) > 1 else ' was'} not tried"
                mend = "mend the codemod, or raise its `timeout` or `memory`"
                self._failed += 1
                self._tell(untried[0], (), Remark("codemod-given-up", Severity.ERROR, reason, mend))

    def _tell_idle(self, step: Configured) -> None:
        message = f"is in `files` of codemod {step.id}, which has no file to look at: none in scope fits"
        place, mend = next(iter(step.files), "."), "correct `files` and `exclude` (a folder's are `app/**`), or [scope]"
        self._findings.append(Finding(place, 1, 1, "codemod-idle", Severity.WARNING, message, mend))

    def _tell_overtaken(self, step: Configured, items: list[Item]) -> None:
        """Where moves or patterns rewrite all that `prefilter` looks for, at the first such file."""
        for item in items:
            data = self._tree.data(item.path)
            if step in item.steps and data != item.data and step.wants(data.decode("utf-8", "replace")):
                message = f"holds the `prefilter` of codemod {step.id} only until the steps before rewrite it, "
                message += "so that the codemod is asked of no file"
                mend = "let `prefilter` name what the moves and patterns bring in"
                self._findings.append(Finding(item.path, 1, 1, "codemod-idle", Severity.WARNING, message, mend))
                return

    def _tell(self, path: str, before: tuple[Edit, ...], remark: Remark) -> None:
        """Take a finding, its line brought back to the file as it was before the steps whose edits are given."""
        line = remark.line
        if before:
            data, encoding = self._tree.data(path), _encoding(self._tree.data(path))
            line = line_at(data, origin(before, start_of_line(splice(data, before, encoding), line), encoding))
        _, severity, message, mend, _, column, _ = remark
        self._findings.append(Finding(path, line, column, remark.code, severity, message, mend))

    def _ran(
        self, step: Configured, items: list[Item], outcomes: list[Done], changes: Mapping[str, FileChange]
    ) -> CodemodRun:
        pairs = [(item.path, done) for item, done in zip(items, outcomes, strict=True)]
        asked = sum(step.position in done.asked for _, done in pairs)
        changed = sum(step.position in done.changed and path in changes for path, done in pairs)
        failed = sum(step.position in done.failed for _, done in pairs)
        own = [remark for _, done in pairs for remark in done.remarks if remark.position == step.position]
        warned = sum(remark.code == "codemod-warning" for remark in own)
        return CodemodRun(step.id, asked, changed, failed, warned)


class _Patience:
    """Counts on how many files a codemod's process was lost, and has none left after so many."""

    def __init__(self) -> None:
        self._strikes: Counter[int] = Counter()

    def ask(self, ask: Asking, step: int, subject: Subject) -> Outcome:
        if self._strikes[step] >= STRIKES:
            return Outcome(Fate.UNTRIED)
        outcome = ask(step, subject)
        self._strikes[step] += outcome.fate in LOST
        return outcome


def _run(patience: _Patience, item: Item, ask: Asking) -> Done:
    return run(item, partial(patience.ask, ask))


def _holding(tree: ModuleTree, words: frozenset[str]) -> set[str]:
    return set(search(tree.snapshot, words, _PYTHON, literal=True)) & tree.python.keys()


def _encoding(data: bytes) -> str:
    try:
        return Text(data).encoding
    except Undecodable:
        return "utf-8"


def _line_in(data: bytes, done: Done, offset: int) -> int:
    """The line in `data` of an offset into what codemods made of it."""
    return line_at(data, origin(done.edits, offset, done.encoding))
