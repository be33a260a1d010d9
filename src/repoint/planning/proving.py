"""The proof of a plan, begun while files are still being rewritten: changes in, faults and a tally of checks out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import NamedTuple

from repoint.analysis.facts import FileFacts
from repoint.analysis.parse import Unparsable, check, deep_recursion
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.tree import ModuleTree
from repoint.model import Check, FileChange, Finding, Frozen, Severity, SourceFile, splice
from repoint.names import is_package_file, parent
from repoint.planning.look import Look, Passed, analysing
from repoint.proof.examine import examine
from repoint.proof.model import Examined, Subject
from repoint.proof.neutral import looked_at, not_neutral
from repoint.proof.pairs import Moves
from repoint.proof.repository import Verdict, prove_repository
from repoint.proof.resolve import Tree
from repoint.proof.users import Sieve, Sifted, sift
from repoint.sources.snapshot import Located, blob_id, load
from repoint.sources.workers import Task, Workers
from repoint.transforms import rewrite
from repoint.transforms.world import World

AT_ONCE = 400_000
REPORT = "report this file to the maintainers"

Search = Callable[[frozenset[str]], list[str]]
Watch = Callable[[str, int, int], None]
Looked = tuple[Examined, FileFacts | None]


class Proving:
    """Takes changed files one by one, and has each examined in a worker while its caller goes on.

    Of a part of a plan it is not asked whether `all_moves`: something is left, on purpose.
    """

    def __init__(self, tree: ModuleTree, world: World, crew: Workers, *, all_moves: bool = True) -> None:
        self._tree = tree
        self._world = world
        self._crew = crew
        self._after: dict[str, bytes | None] = {}
        self._changes: dict[str, FileChange] = {}
        self._tasks: list[tuple[list[Changed], Task[Changed, Looked | Passed]]] = []
        prefilter = Prefilter(world.query, tree.packages, world.forbidden_aliases)
        self._analyse = analysing(world.query, prefilter.wants) if all_moves else None
        self._gathered: list[Changed] = []
        self._files = 0
        self._stubs: dict[str, str] = {}
        self._deadly: list[Finding] = []
        self._examined: list[Examined] = []

    def add(self, source: SourceFile, change: FileChange, after: bytes, outline: bytes | None) -> None:
        """A file that was rewritten; `outline` is `thin.outline` of it as it was, if that is known."""
        self._after[source.path] = after
        self._changes[source.path] = change
        (located,) = self._tree.snapshot.locate([source.path])
        self._gathered.append(Changed(located, self._tree.python[source.path], change, outline))
        self._files += 1
        if sum(item.located.size for item in self._gathered) > AT_ONCE:
            self._send()

    def add_stub(self, path: str, after: bytes | None) -> None:
        """A file that became a stub, or is deleted (None)."""
        self._after[path] = after
        self._stubs[path] = self._tree.python[path]

    def _send(self) -> None:
        if self._gathered:
            look = partial(_examine, self._analyse)
            task = self._crew.start(look, self._gathered, size=lambda item: item.located.size, died=_died)
            self._tasks.append((self._gathered, task))
            self._gathered = []

    def results(
        self, search: Search, watch: Watch, told: frozenset[tuple[str, int]] = frozenset()
    ) -> tuple[list[Finding], tuple[Check, ...]]:
        """Every fault, and how much each check looked at. `search` gives the paths that hold any of some words.

        At places that were `told` already, by path and line, what the repository lacks is not told once more.
        """
        self._send()
        looked: list[Looked] = []
        for changed, task in self._tasks:
            outcomes = task.results(partial(self._tell, watch, len(looked)))
            looked += [
                self._look_here(item) if isinstance(outcome, Passed) else outcome
                for item, outcome in zip(changed, outcomes, strict=True)
            ]
        again = [fault for _, facts in looked for fault in self._again(facts)]
        self._examined = examined = [item for item, _ in looked]
        shapes = [fault for item in examined for fault in item.faults]
        broken = [fault for path, data in self._after.items() if path in self._stubs for fault in _broken(path, data)]
        repository = self._repository(examined, search)
        tally = [
            Check("parses", len(self._after), len(broken)),
            Check("same but for the moves, name by name", len(examined), len(shapes)),
            *([Check("nothing left to move", len(examined), len(again))] if self._analyse is not None else ()),
            *(Check(name, looked_at, len(found)) for name, looked_at, found in repository),
        ]
        lacking = [fault for _, _, found in repository for fault in found if (fault.path, fault.line) not in told]
        faults = [*broken, *shapes, *again, *self._deadly, *lacking]
        return faults, tuple(tally)

    def _look_here(self, item: Changed) -> Looked:
        """Look at what is gone from the working copy meanwhile."""
        return _examine_data(self._analyse, item, self._tree.data(item.located.path))

    def _tell(self, watch: Watch, before: int, done: int) -> None:
        watch("proving", before + done, self._files)

    def _again(self, facts: FileFacts | None) -> Iterator[Finding]:
        """Applying the migration to its own result must change nothing."""
        data = self._after[facts.path] if facts else None
        if facts is None or data is None:
            return
        for edit in rewrite.rewrite(facts, data, self._world).edits[:1]:
            line = data.count(b"\n", 0, edit.start) + 1
            message = f"not proved: after the migration, `{edit.before}` on line {line} would change once more"
            yield Finding(facts.path, line, 1, "not-proved", Severity.ERROR, message, REPORT)

    def _repository(self, examined: Iterable[Examined], search: Search) -> tuple[Verdict, ...]:
        before, after = Tree(self._tree.by_module, self._tree.data), self._tree_after
        moves = self._world.moves
        symbols = {old.dotted: new.dotted for old, new in moves.symbols.items()}
        accepted = frozenset(frozenset(cycle) for cycle in self._world.migration.manifest.proof.cycles)
        stubs = frozenset(module for module in self._stubs.values() if module)
        moved = Moves(symbols, moves.modules)
        return prove_repository(examined, before, after, moved, stubs, search, accepted, self._sifting)

    @cached_property
    def _tree_after(self) -> Tree:
        """Everything as it will be, once all changes are known."""
        gone = {path for path, data in self._after.items() if data is None}
        modules = {module: path for module, path in self._tree.by_module.items() if path not in gone}
        return Tree(modules, self._read_after)

    def neutral(self, stubbed: frozenset[str], promised: frozenset[str] = frozenset()) -> tuple[list[Finding], Check]:
        """After `results`, with stubs first: whether whoever moves once the files `stubbed` are changed gets the same.

        Gives what is not so, and how much was looked at. Users of modules `promised` to be stubs are to be as safe.
        """
        later = (item for item in self._examined if item.path not in stubbed)
        tree = Tree(self._tree.by_module, lambda path: (self._read_after if path in stubbed else self._tree.data)(path))
        pairs = looked_at(later)
        modules = frozenset(self._stubs[path] for path in stubbed if path in self._stubs)
        found = sorted(set(not_neutral(pairs, tree, self._tree_after, modules | promised)))
        failed = sum(finding.severity is Severity.ERROR for finding in found)
        return found, Check("moving to a stub's homes changes no object", len(pairs), failed)

    def _sifting(self, paths: list[str], sieve: Sieve) -> Iterator[Sifted]:
        """Begin to read, in the workers, what the files use; they are given back one by one."""
        items: list[_Sand] = []
        for located in self._tree.snapshot.locate([path for path in paths if path not in self._stubs]):
            module = self._tree.python.get(located.path, "")
            items.append(_Sand(located, module, self._changes.get(located.path)))
        for path in paths:
            data = self._after[path] if path in self._stubs else None
            if data is not None:
                items.append(_Sand(Located(path, "", "", len(data), None, data), self._stubs[path], None))
        task = self._crew.start(partial(_sift, sieve), items, size=_size_of, died=lambda _: Passed.DEADLY)
        return self._sifted(items, task, sieve)

    def _sifted(self, items: list[_Sand], task: Task[_Sand, Sifted | Passed], sieve: Sieve) -> Iterator[Sifted]:
        for item, outcome in zip(items, task.results(), strict=True):
            path = item.located.path
            if outcome is Passed.DEADLY:
                message = "not proved: the parser died of it, so that nobody knows whether it uses what is gone"
                self._deadly.append(Finding(path, 1, 1, "not-proved", Severity.ERROR, message, REPORT))
            if outcome is Passed.UNREAD:  # gone from the working copy meanwhile
                outcome = sift(path, item.module, self._read_after(path), sieve) or Passed.UNWANTED
            if isinstance(outcome, Sifted):
                yield outcome

    def _read_after(self, path: str) -> bytes:
        """Raises LookupError for a file that is deleted."""
        data = self._after[path] if path in self._after else self._tree.data(path)
        if data is None:
            raise LookupError(path)
        return data


class _Sand(NamedTuple):
    """A file to sift as it will be: where it is, its module, and its change if it has one."""

    located: Located
    module: str
    change: FileChange | None


def _size_of(item: _Sand) -> int:
    return item.located.size


def _sift(sieve: Sieve, item: _Sand) -> Sifted | Passed:
    source, change = load(item.located), item.change
    if source is None:
        return Passed.UNREAD
    data = splice(source.data, change.edits, change.encoding) if change is not None else source.data
    return sift(item.located.path, item.module, data, sieve) or Passed.UNWANTED


class Changed(Frozen, frozen=True):
    """A file that was rewritten: where it is, its module, its change, and maybe `thin.outline` of it as it was."""

    located: Located
    module: str
    change: FileChange
    outline: bytes | None


def _examine(look: Look | None, item: Changed) -> Looked | Passed:
    source = load(item.located)
    return Passed.UNREAD if source is None else _examine_data(look, item, source.data)


def _examine_data(look: Look | None, item: Changed, before: bytes) -> Looked:
    """The proof of one file; and its facts as it will be, where a second migration would `look` at it."""
    path, module, change = item.located.path, item.module, item.change
    try:
        after = splice(before, change.edits, change.encoding)
    except (ValueError, LookupError) as error:
        return _unproved(path, f"its edits do not fit: {error}"), None
    if change.after is None or blob_id(after, len(change.after)) != change.after:
        return _unproved(path, "its edits do not lead to the file that is planned"), None
    package = module if is_package_file(path) else parent(module)
    subject = Subject(path, module, package, before, after, change.edits, item.outline)
    located = Located(path, "100644", "", len(after), None, after)
    try:
        with deep_recursion():
            examined = examine(subject)
            facts = look((located, subject.module)) if look is not None else None
    except RecursionError:
        return _unproved(path, "is nested too deeply to be compared with what it was"), None
    return examined, facts if isinstance(facts, FileFacts) else None


def _died(item: Changed) -> Looked:
    return _unproved(item.located.path, "the parser died of its new text"), None


def _unproved(path: str, reason: str) -> Examined:
    return Examined(path, (Finding(path, 1, 1, "not-proved", Severity.ERROR, f"not proved: {reason}", REPORT),))


def _broken(path: str, data: bytes | None) -> list[Finding]:
    if data is None:
        return []
    try:
        check(data)
    except Unparsable as error:
        message = f"not proved: its stub would not parse: {error.reason}"
        return [Finding(path, error.line, 1, "not-proved", Severity.ERROR, message, REPORT)]
    return []
