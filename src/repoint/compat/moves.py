"""All moves of a migration against all files: moves, the tree and facts in, comparisons and findings out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from repoint.analysis.facts import FileFacts
from repoint.analysis.namespaces import Namespaces
from repoint.compat.anchors import imported, reexports
from repoint.compat.compare import differences, missing, rendered
from repoint.compat.definitions import Definitions
from repoint.compat.modules import Modules
from repoint.compat.values import Checked, Code, Incompatible, Job, Pair
from repoint.manifest.moves import MoveTable, prefixes
from repoint.model import Comparison, Finding, Frozen, MissingMember
from repoint.names import Symbol, is_at_or_under


class Tree(Protocol):
    """What is asked of an `analysis.tree.ModuleTree`."""

    @property
    def namespaces(self) -> Namespaces: ...

    @property
    def by_module(self) -> Mapping[str, str]: ...

    def data(self, path: str) -> bytes: ...


class Prepared(Frozen, frozen=True):
    """Both definitions of each move that has two, the moves whose ends are one object, and the files to check.

    Of a package that is outside the tree there is nothing to tell: its moves are left out.
    """

    moves: dict[Symbol, Symbol]
    pairs: dict[Symbol, Pair]
    same: frozenset[Symbol]
    jobs: tuple[Job, ...]


class KeptLines(NamedTuple):
    """A file that becomes a stub: the lines that it keeps, and the names, which go on meaning what they do."""

    facts: FileFacts
    lines: frozenset[int]
    names: frozenset[str]


def prepare(
    moves: Mapping[Symbol, Symbol],
    tree: Tree,
    files: Collection[FileFacts],
    kept: Collection[KeptLines] = (),
) -> Prepared:
    """Read the definitions; what is left to do is to `check` each job, in any process.

    Leave out of `files` those that go away with the migration, or keep their old paths; `kept` are those that become
    stubs and keep some of their lines.
    """
    definitions = Definitions(Modules(tree.namespaces, lambda module: _read(tree, module)))
    pairs: dict[Symbol, Pair] = {}
    same: set[Symbol] = set()
    told: dict[Symbol, Symbol] = {}
    for old, new in moves.items():
        inside = [_top(symbol) in tree.namespaces.modules for symbol in (old, new)]
        if any(inside) and _is_same(definitions, old, new):
            same.add(old)
        elif all(inside):
            before = definitions.get(old)
            after = definitions.get(new) if before is not None else None
            if before is not None and after is not None:
                pairs[old] = Pair(old, new, before, after)
        if inside[0] or old in same:
            told[old] = new
    return Prepared(told, pairs, frozenset(same), (*jobs_of(pairs, files), *_kept_jobs(pairs, kept)))


def _is_same(definitions: Definitions, old: Symbol, new: Symbol) -> bool:
    origin = definitions.origin(new)
    return origin is not None and origin == definitions.origin(old)


def _top(symbol: Symbol) -> str:
    return symbol.module.partition(".")[0]


def conclude(prepared: Prepared, checked: Sequence[Checked]) -> tuple[tuple[Comparison, ...], tuple[Finding, ...]]:
    """The table and the findings, from what was found in each file."""
    found = [item for outcome in checked for item in outcome.found]
    met: Counter[str] = Counter()
    for outcome in checked:
        met.update(outcome.examined)
    by_move: dict[str, list[Incompatible]] = defaultdict(list)
    for item in found:
        by_move[item.old].append(item)
    table = tuple(
        _comparison(old, new, old in prepared.same, prepared.pairs.get(old), met[str(old)], by_move[str(old)])
        for old, new in sorted(prepared.moves.items())
    )
    return table, tuple(sorted(item.finding for item in found))


def _read(tree: Tree, module: str) -> bytes | None:
    path = tree.by_module.get(module)
    return tree.data(path) if path is not None else None


def jobs_of(pairs: Mapping[Symbol, Pair], files: Collection[FileFacts]) -> Iterator[Job]:
    """The files that use a symbol whose definitions differ, each with those symbols alone."""
    differing = {old.dotted: pair for old, pair in pairs.items() if any(differences(pair.before, pair.after))}
    if not differing:
        return
    known = reexports(files, {dotted: dotted for dotted in differing})
    heads = {name: frozenset(prefixes(name)) for name in known}
    for facts in files:
        paths = {path for found in imported(facts).values() for path in found}
        told = {fact.value.replace(":", ".") for fact in facts.strings if "." in fact.value}
        own = {
            name: differing[symbol]
            for name, symbol in known.items()
            if heads[name] & paths or any(is_at_or_under(value, name) for value in told)
        }
        if own:
            yield Job(facts, own)


def _kept_jobs(pairs: Mapping[Symbol, Pair], kept: Iterable[KeptLines]) -> Iterator[Job]:
    """What stubs keep, with every symbol whose definitions differ: their own are among them."""
    differing = {old.dotted: pair for old, pair in pairs.items() if any(differences(pair.before, pair.after))}
    for facts, lines, names in kept:
        own = {f"{facts.module}.{name}" for name in names}
        yield Job(facts, {old: pair for old, pair in differing.items() if old not in own}, lines)


def expanded(moves: MoveTable, files: Iterable[FileFacts]) -> dict[Symbol, Symbol]:
    """The moved symbols, and the names that `files` import from modules that move as a whole."""
    found = dict(moves.symbols)
    for facts in files:
        for statement in facts.imports:
            if not statement.is_from or statement.is_star:
                continue
            for alias in statement.names:
                old = Symbol(statement.target, alias.name)
                new = moves.symbol(*old) if old not in found else None
                if new is not None:
                    found[old] = new
    return found


def _comparison(
    old: Symbol, new: Symbol, same: bool, pair: Pair | None, met: int, found: Sequence[Incompatible]
) -> Comparison:
    if pair is None:
        return Comparison(str(old), str(new), same, False, "", "", (), (), met, len(found))
    uses = Counter(item.member for item in found if item.code is Code.MEMBER_MISSING)
    lacking = sorted(missing(pair.before, pair.after), key=lambda name: (-uses[name], name))
    places = {(item.path, item.line, item.column) for item in found}
    return Comparison(
        str(old),
        str(new),
        False,
        True,
        rendered(pair.before),
        rendered(pair.after),
        tuple(MissingMember(name, uses[name]) for name in lacking),
        tuple(differences(pair.before, pair.after)),
        met,
        len(places),
    )
