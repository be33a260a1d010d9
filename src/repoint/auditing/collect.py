"""Which files count, and what they do: a snapshot and a subject in, tallies by path out; reads through `sources`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from repoint.analysis.namespace import Found
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.analysis.tree import ModuleTree
from repoint.analysis.words import occurrences as words_in
from repoint.auditing.subject import Subject
from repoint.auditing.tally import Tally, tally
from repoint.model import Failed
from repoint.names import Symbol
from repoint.sources.search import search
from repoint.sources.snapshot import Located, load
from repoint.sources.workers import Workers

Watch = Callable[[str, int, int], None]
Item = tuple[Located, str]


class Collector:
    """Looks at the files of one tree; `tallies` holds what was found, by path."""

    def __init__(self, tree: ModuleTree, subject: Subject, crew: Workers, watch: Watch) -> None:
        self.tree = tree
        self.subject = subject
        self.crew = crew
        self.watch = watch
        self.tallies: dict[str, Tally | Failed] = {}
        self.read = 0

    def run(self) -> None:
        """Look at every file that names something governed, and then at those that reach it by another name."""
        names = self.subject.names
        self._look(search(self.tree.snapshot, names | self.subject.module_words), names)
        known = names
        while more := self._passed_on_as() - known:
            known |= more
            self._look(search(self.tree.snapshot, more), known)

    def _look(self, paths: list[str], names: frozenset[str]) -> None:
        query = self.subject.query(names)
        wants = partial(_wants, Prefilter(query, self.tree.packages, frozenset()), names)
        python = [path for path in paths if path in self.tree.python]
        items = [(located, self.tree.python[located.path]) for located in self.tree.snapshot.locate(python)]
        task = self.crew.start(partial(_tally, query, wants), items, size=lambda item: item[0].size, died=_died)
        outcomes = task.results(lambda done: self.watch("analysing", done, len(items)))
        for path, outcome in zip(python, outcomes, strict=True):
            if isinstance(outcome, str):  # it changed in the working copy meanwhile
                self.tree.snapshot.stale |= {path}
                located = self.tree.snapshot.locate([path])[0]
                outcome = _tally(query, wants, (located, self.tree.python[path]))
            if isinstance(outcome, Tally | Failed):
                self.tallies[path] = outcome

    def _passed_on_as(self) -> frozenset[str]:
        """Names that modules give to governed symbols that they pass on."""
        found = set()
        for path, item in self.tallies.items():
            for imported in item.imports if isinstance(item, Tally) and self.tree.python[path] else ():
                old = Symbol(imported.module, imported.name)
                if imported.top and imported.local != imported.name and self._leads(old):
                    found.add(imported.local)
        return frozenset(found)

    def _leads(self, symbol: Symbol) -> bool:
        symbols, moves = self.subject.symbols, self.subject.moves
        if symbol in symbols or moves.symbol(*symbol) is not None:
            return True
        origin = self.tree.namespaces.origin(*symbol)
        end = Symbol(origin.module, origin.name)
        return origin.found is Found.DEFINED and (end in symbols or moves.symbol(*end) is not None)


def _tally(query: Query, wants: Callable[[bytes], bool], item: Item) -> Tally | Failed | str | None:
    """The tally; None for a file that is not about it, and a text for one that could not be read."""
    source = load(item[0])
    if source is None:
        return "unread"
    return tally(source, item[1], query) if wants(source.data) else None


def _wants(prefilter: Prefilter, names: frozenset[str], data: bytes) -> bool:
    return next(words_in(data, names), None) is not None or prefilter.wants(data)


def _died(item: Item) -> Failed:
    return Failed(item[0].path, 1, "the parser died of it")
