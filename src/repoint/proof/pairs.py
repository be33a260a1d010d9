"""Check: every name in a changed file stands for what it stood for before, but for the declared moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from repoint.model import Finding, Frozen, Severity
from repoint.names import is_at_or_under, parent, rebase
from repoint.proof.model import Examined, Pair
from repoint.proof.resolve import Meaning, Missing, Origin, Tree


class Moves(Frozen, frozen=True):
    """The declared moves by dotted old path: of symbols, and of modules with all that is below them."""

    symbols: Mapping[str, str]
    modules: Mapping[str, str]

    def new(self, path: str) -> str | None:
        """Where `path` is declared to go; None where it stays. The longest old path that covers it decides."""
        head = path
        while head:
            if (symbol := self.symbols.get(head)) is not None:
                return rebase(path, head, symbol)
            if (module := self.modules.get(head)) is not None:
                is_there = is_at_or_under(module, head) and is_at_or_under(path, module)
                return None if is_there else rebase(path, head, module)
            head = parent(head)
        return None

    def olds(self, path: str) -> Iterator[str]:
        """The old paths of which `path` is the new one."""
        for old, new in (*self.symbols.items(), *self.modules.items()):
            if is_at_or_under(path, new):
                yield rebase(path, new, old)


def fault(path: str, line: int, message: str, mend: str = "report this to the maintainers") -> Finding:
    """What could not be shown, at a place of a file."""
    return Finding(path, line, 1, "not-proved", Severity.ERROR, message, mend)


class Pairs:
    """Judges pairs of paths in the two trees; each pair once."""

    def __init__(self, before: Tree, after: Tree, moves: Moves) -> None:
        self.before = before
        self.after = after
        self.moves = moves
        self._verdicts: dict[tuple[str, str], str | None] = {}

    def findings(self, examined: Iterable[Examined]) -> Iterator[Finding]:
        for file in examined:
            told: set[tuple[str, str]] = set()
            for pair in file.pairs:
                if pair.outside and self.modules(pair):
                    continue  # a module that the file imports: its own uses are pairs of their own
                if (pair.before, pair.after) in told:
                    continue  # one line for each pair of a file says it all
                told.add((pair.before, pair.after))
                if (why := self.difference(pair.before, pair.after)) is not None:
                    what = f"`{pair.name}` does not mean the same after the migration: {why}"
                    yield fault(file.path, pair.line, what, "declare the [[move]] that is meant, or report this")

    def modules(self, pair: Pair) -> bool:
        """Whether the pair is of two whole modules, the first of which is not declared to become the second."""
        if self.moves.new(pair.before) is not None:
            return False
        return _may_be_module(self.before, pair.before) and _may_be_module(self.after, pair.after)

    def exchanged(self, file: Examined) -> frozenset[str]:
        """Names that importers may read from the file, and that now stand for another module than before."""
        return frozenset(pair.name for pair in file.pairs if pair.outside and self.modules(pair))

    def difference(self, before: str, after: str) -> str | None:
        """How what `after` stands for differs from what `before` was to become; None where it does not."""
        key = before, after
        if key not in self._verdicts:
            self._verdicts[key] = self._difference(before, after)
        return self._verdicts[key]

    def _difference(self, before: str, after: str) -> str | None:
        got = there(self.after.origins(after))
        if not got:  # what was nowhere before may well be nowhere still
            return f"{before} became {after}, where nothing is" if self.before.resolves(before) else None
        declared = self.moves.new(before)
        if declared is not None:
            if declared == after or got == there(self.after.origins(declared)):
                return None
            return f"{before} is to become {declared}, not {after} ({_told(got)})"
        wanted = self._wanted(before)
        # A name is followed to its end either by the moves of the paths on the way, or past them.
        if got in (wanted, there(self.before.origins(before))):
            return None
        tried = self._wanted(before, first=True)
        if got == tried and all(isinstance(meaning, Origin) for meaning in tried):
            return None  # what was tried is in the repository: what an `except` has for its lack is never taken
        return f"{before} ({_told(wanted)}) became {after} ({_told(got)})"

    def _wanted(self, path: str, *, first: bool = False) -> frozenset[Meaning]:
        """What `path` stood for, with every move along the way made."""
        found, turned = self.before.walk(path, self.moves.new, first=first)
        wanted = set(there(found))
        for new in turned:
            wanted |= there(self.after.origins(new))
        return frozenset(wanted)


def _may_be_module(tree: Tree, path: str) -> bool:
    """Whether `path` is a module of the tree's, or nothing that is known to be anything else."""
    return path in tree.modules or not any(isinstance(meaning, Origin) for meaning in tree.origins(path))


def there(meanings: frozenset[Meaning]) -> frozenset[Meaning]:
    """Those that exist: a path that only conditions lead to may well end nowhere."""
    return frozenset(meaning for meaning in meanings if not isinstance(meaning, Missing))


def _told(meanings: frozenset[Meaning]) -> str:
    return " or ".join(sorted(str(meaning) for meaning in meanings)) or "nothing"
