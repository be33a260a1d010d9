"""The step of a plan after the moves: changed files and the rules with a `fix` in, changes of both steps out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.analysis.tree import ModuleTree
from repoint.composing import compose, origin
from repoint.manifest.schema import Pattern
from repoint.model import Check, Edit, FileChange, Finding, Severity, SourceFile, splice
from repoint.patterns.fixing import RULE, Fixed, Unfixed, fix
from repoint.patterns.rules import Rules, compile_patterns
from repoint.planning.assemble import change_of
from repoint.planning.look import Passed
from repoint.sources.search import search
from repoint.sources.snapshot import Located, load
from repoint.sources.workers import Workers
from repoint.transforms import rewrite
from repoint.transforms.world import World

Wants = Callable[[bytes], bool]
NAME = "rewrites by patterns parse and settle"
_PYTHON = (".py", ".pyi")


class _Item(NamedTuple):
    """A file, its module, and what the moves change in it, if they do."""

    located: Located
    module: str
    moves: FileChange | None


class _Done(NamedTuple):
    """What the rules do to a file after the moves; `facts` are those of the result, if it may name an old path."""

    outcome: Fixed | Unfixed
    facts: FileFacts | None


def fixing_rules(patterns: tuple[Pattern, ...]) -> Rules:
    """The rules among `patterns` that rewrite."""
    return compile_patterns(tuple(pattern for pattern in patterns if pattern.fix is not None))


class Patterning:
    """One run of the step over a repository, apart from the files `stubbed`, which are replaced as a whole."""

    def __init__(self, tree: ModuleTree, world: World, crew: Workers, stubbed: frozenset[str]) -> None:
        self._tree = tree
        self._world = world
        self._crew = crew
        self._stubbed = stubbed
        self._rules = fixing_rules(world.migration.manifest.pattern)
        self._failed = 0
        self._looked_at = 0

    def run(self, moved: Mapping[str, FileChange]) -> tuple[dict[str, FileChange], list[Finding], tuple[Check, ...]]:
        """The changes of files that rules rewrite, moves and all, what there is to say, and one check."""
        if not self._rules.patterns:
            return {}, [], ()
        items = self._items(moved)
        prefilter = Prefilter(self._world.query, self._tree.packages, self._world.forbidden_aliases)
        look = partial(_look, self._rules, self._world.query, prefilter.wants)
        outcomes = self._looked(look, items)
        changes: dict[str, FileChange] = {}
        findings: list[Finding] = []
        for item, outcome in zip(items, outcomes, strict=True):
            change = self._take(item, outcome, findings)
            if change is not None:
                changes[change.path] = change
        findings += self._blind(changes)
        return changes, findings, (Check(NAME, self._looked_at, self._failed),)

    def _looked(self, look: Callable[[_Item], _Done | Passed], items: list[_Item]) -> Iterator[_Done]:
        """The outcome for each item; what is gone from the working copy meanwhile is looked at as git has it."""
        task = self._crew.start(look, items, size=lambda item: item.located.size, died=_died)
        for item, outcome in zip(items, task.results(), strict=True):
            if isinstance(outcome, Passed):
                self._tree.snapshot.stale |= {item.located.path}
                (located,) = self._tree.snapshot.locate([item.located.path])
                outcome = look(item._replace(located=located))
            if not isinstance(outcome, Passed):
                yield outcome

    def _items(self, moved: Mapping[str, FileChange]) -> list[_Item]:
        snapshot = self._tree.snapshot
        asked = [path for path in self._tree.python if path not in self._stubbed and snapshot.is_regular(path)]
        paths = sorted(self._rules.candidates(asked, lambda words: {*search(snapshot, words, _PYTHON), *moved}))
        located = snapshot.locate(paths)
        return [_Item(item, self._tree.python[item.path], moved.get(item.path)) for item in located]

    def _take(self, item: _Item, done: _Done, findings: list[Finding]) -> FileChange | None:
        """The change of a file, if there is one and nothing speaks against it; `findings` takes what is to be said."""
        path, moves = item.located.path, item.moves
        edits, encoding = (moves.edits, moves.encoding) if moves is not None else ((), "utf-8")
        place = partial(line_before, self._tree, path, edits, encoding)
        made = done.outcome
        if isinstance(made, Unfixed):
            self._looked_at += not made.broken
            self._failed += not made.broken
            findings.append(_unfixed(path, place(made.line), made))
            return None
        findings += _kept(path, made, place)
        if not made.edits:
            return None
        self._looked_at += 1
        source = self._tree.snapshot.source(path)
        after = splice(splice(source.data, edits, made.encoding), made.edits, made.encoding)
        again = rewrite.rewrite(done.facts, after, self._world).edits[:1] if done.facts is not None else ()
        for edit in again:
            self._failed += 1
            line = place(after.count(b"\n", 0, origin(made.edits, edit.start, made.encoding)) + 1)
            reason = f"`{edit.before}` in the result names an old path, and would move"
            findings.append(_unfixed(path, line, Unfixed(line, reason, settled=False)))
            return None
        whole = compose(source.data, edits, made.edits, made.encoding)
        if not whole:
            self._failed += 1
            reason = "all that the moves change is taken back"
            findings.append(_unfixed(path, 1, Unfixed(1, reason, settled=False)))
            return None
        return change_of(source, made.encoding, whole)[0]

    def _blind(self, changes: Mapping[str, FileChange]) -> Iterator[Finding]:
        """For each rule that rewrites anything, that it goes by form alone; at its first place."""
        places: dict[str, list[tuple[str, Edit]]] = defaultdict(list)
        for path, change in sorted(changes.items()):
            for edit in change.edits:
                for rule in edit.rule.split("+"):
                    places[rule].append((path, edit))
        for pattern in self._rules.patterns:
            found = places.get(RULE + pattern.id)
            if found is None:
                continue
            path, edit = found[0]
            files = len({path for path, _ in found})
            message = f"pattern {pattern.id} rewrites {len(found)} place{'s' * (len(found) > 1)} in {files} file"
            message += f"{'s' * (files > 1)} by form alone: what the names there are bound to is not looked at"
            line = self._tree.data(path).count(b"\n", 0, edit.start) + 1
            mend = f"read its hunks: {pattern.message}"
            yield Finding(path, line, 1, "pattern-blind", Severity.INFO, message, mend)


def made_by_rules(data: bytes, moves: tuple[Edit, ...], encoding: str, rules: Rules) -> tuple[Edit, ...]:
    """The edits of a file by its moves and then by the rules; those of the moves alone where the rules fail."""
    made = fix(splice(data, moves, encoding), rules)
    return moves if isinstance(made, Unfixed) else compose(data, moves, made.edits, encoding)


def _look(rules: Rules, query: Query, wants: Wants, item: _Item) -> _Done | Passed:
    source = load(item.located)
    if source is None:
        return Passed.UNREAD
    path, moves = item.located.path, item.moves
    between = source.data if moves is None else splice(source.data, moves.edits, moves.encoding)
    made = fix(between, rules.of(path))
    if isinstance(made, Unfixed) or not made.edits:
        return _Done(made, None)
    after = splice(between, made.edits, made.encoding)
    facts = analyse(SourceFile(path, "100644", "", after), item.module, query) if wants(after) else None
    return _Done(made, facts if isinstance(facts, FileFacts) else None)


def _died(item: _Item) -> _Done:
    return _Done(Unfixed(1, "the parser died of it"), None)


def line_before(tree: ModuleTree, path: str, edits: tuple[Edit, ...], encoding: str, line: int) -> int:
    """The line before the migration of one after the moves."""
    if not edits:
        return line
    data = tree.data(path)
    after = splice(data, edits, encoding)
    start = sum(len(part) for part in after.splitlines(keepends=True)[: line - 1])
    return data.count(b"\n", 0, origin(edits, start, encoding)) + 1


def _unfixed(path: str, line: int, made: Unfixed) -> Finding:
    if made.broken:
        message = f"a pattern matches in it, but {made.reason} (line {made.line}), and is left alone"
        return Finding(path, line, 1, "unparsable", Severity.WARNING, message, "mend the file, or rewrite it by hand")
    code = "pattern-not-proved" if made.settled else "pattern-not-idempotent"
    mend = "make the patterns match nothing that they write" if not made.settled else "correct the pattern's `fix`"
    mend += ", or name the file in its `exclude`"
    return Finding(path, line, 1, code, Severity.ERROR, f"rewritten by patterns, {made.reason}", mend)


def _kept(path: str, made: Fixed, place: Callable[[int], int]) -> Iterable[Finding]:
    for hit in made.kept:
        message = f"pattern {hit.pattern} leaves this place: the line says `repoint: keep`"
        yield Finding(path, place(hit.line), hit.column, "kept", Severity.INFO, message, "")
    for item in made.overtaken:
        message = f"pattern {item.pattern} matches here too, where {item.by} has rewritten"
        mend = "let the two patterns exclude each other, or see that the result is meant"
        yield Finding(path, place(item.line), 1, "pattern-overtaken", Severity.WARNING, message, mend)
