"""What the files of a commit do: a tree and a subject in, tallies by path out, in as many looks as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from repoint.analysis.namespaces import Found
from repoint.analysis.tree import ModuleTree
from repoint.auditing.lenses import Item, TallyLens, tally_lens
from repoint.auditing.looking import Looker
from repoint.auditing.subject import Subject
from repoint.auditing.tally import NOTHING, Imported, Tally
from repoint.model import Failed
from repoint.names import Symbol


class Collected(NamedTuple):
    """Tallies by path, and the names that were asked for to make them."""

    tallies: dict[str, Tally | Failed]
    names: frozenset[str]


def collect(
    tree: ModuleTree, subject: Subject, items: list[Item], looker: Looker, passed: frozenset[str] = frozenset()
) -> Collected:
    """The tallies of every file that names something governed, or imports it by a name that another file gave it.

    `passed` are such names that are looked for in any case: a question that stays the same is asked once. What is
    read as an attribute of a module that only passes it on is not seen.
    """
    found = looker.look(tree.snapshot, items, first_lens(subject))
    known = subject.names
    while more := (passed | passed_on(tree, subject, found, known)) - known:
        known |= more
        for path, other in looker.look(tree.snapshot, items, tally_lens(subject.query(more), more)).items():
            found[path] = _joined(found.get(path, NOTHING), other)
    return Collected(found, known)


def _joined(first: Tally | Failed, other: Tally | Failed) -> Tally | Failed:
    """Both answers of one file; a definition of a name that is only passed on is no second one of the symbol."""
    if isinstance(first, Failed) or isinstance(other, Failed):
        return first if isinstance(first, Failed) else other
    return Tally(
        imports=tuple(dict.fromkeys((*first.imports, *other.imports))),
        calls=tuple(dict.fromkeys((*first.calls, *other.calls))),
        definitions=first.definitions,
        strings=first.strings or other.strings,
    )


def first_lens(subject: Subject) -> TallyLens:
    """What is asked of every file that names something governed."""
    return tally_lens(subject.query(subject.names), subject.names | subject.module_words)


def renamed(tally: Tally, subject: Subject, known: frozenset[str]) -> Iterator[Imported]:
    """Imports that others can take from this module under another name; `known` are names of governed symbols."""
    for item in tally.imports:
        asked = item.name in known or item.module in subject.modules
        if item.top and item.local != item.name and (asked or subject.moves.symbol(item.module, item.name)):
            yield item


def passed_on(
    tree: ModuleTree, subject: Subject, found: Mapping[str, Tally | Failed], known: frozenset[str]
) -> frozenset[str]:
    """Names that modules surely give to governed symbols that they pass on."""
    return frozenset(
        item.local
        for path, tally in found.items()
        if isinstance(tally, Tally) and tree.python[path]
        for item in renamed(tally, subject, known)
        if leads(Symbol(item.module, item.name), tree, subject)
    )


def leads(symbol: Symbol, tree: ModuleTree, subject: Subject) -> bool:
    """Whether an import of `symbol` gives something governed."""
    symbols, moves = subject.symbols, subject.moves
    if symbol in symbols or moves.symbol(*symbol) is not None:
        return True
    origin = tree.namespaces.origin(*symbol)
    end = Symbol(origin.module, origin.name)
    return origin.found is Found.DEFINED and (end in symbols or moves.symbol(*end) is not None)
