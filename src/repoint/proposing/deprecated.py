"""Which modules and definitions call themselves deprecated, and which homes they name: the index in, evidence out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from repoint.model import Frozen
from repoint.names import Symbol, last
from repoint.proposing.facts import Definition, FileRead, Note
from repoint.proposing.index import Index
from repoint.proposing.notes import (
    Named,
    compatible_line,
    deprecated_lines,
    homes,
    importing,
    importing_from,
    is_about,
    subject,
    subjects,
)

_QUOTE = 76  # characters of a note that are quoted

LineOf = Callable[[Note, frozenset[str]], str]


class Said(Frozen, frozen=True):
    """What somebody wrote of a module or definition: one line of evidence, and the homes it names, best first.

    `subjects` are the names that it calls deprecated by name; `aliases` what it says to import a home as. `only` are
    names of the module, where nothing but those is called deprecated. `mild`: nothing says `deprecated`, but that it is
    there for compatibility.
    """

    evidence: tuple[str, ...]
    homes: tuple[Symbol, ...] = ()
    modules: tuple[str, ...] = ()
    subjects: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    mild: bool = False
    aliases: tuple[tuple[str, Symbol], ...] = ()


def of_module(index: Index, read: FileRead) -> Said | None:
    """What a module says of itself; None where it calls itself neither deprecated nor there for compatibility.

    What a package's `__init__` passes on is its public face: it has to say `deprecated` in so many words.
    """
    own = frozenset({last(read.module), read.module})
    names = frozenset({item.name for item in read.definitions} | {item.local for item in read.imports if item.top})
    line_of = _definition_line if index.is_package(read.module) else _module_line
    return _said(index, read, read.notes, own, lambda note, _: line_of(note, own | names))


def of_definition(index: Index, read: FileRead, item: Definition) -> Said | None:
    """What a class or function says of itself; None where it does not call itself deprecated."""
    return _said(index, read, item.notes, frozenset({item.name}), _definition_line)


def _module_line(note: Note, names: frozenset[str]) -> str:
    return _definition_line(note, names) or ("" if note.means == "warning" else compatible_line(note.text))


def _definition_line(note: Note, names: frozenset[str]) -> str:
    match note.means:
        case "decorator":
            return note.text or "@deprecated"
        case "warning":
            return note.text if is_about(note.text, names) else ""
    return next((line for line in deprecated_lines(note.text) if subject(line) in {"", *names}), "")


def _said(index: Index, read: FileRead, notes: Iterable[Note], names: frozenset[str], line_of: LineOf) -> Said | None:
    telling = [(note, line) for note in notes if (line := line_of(note, names)) and not _of_another(line, read)]
    if not telling:
        return None
    evidence = dict.fromkeys(f"{note.means} says: {_quoted(line)}" for note, line in telling)
    found = [named for note, _ in telling for named in homes(note.text)]
    symbols = [(named, symbol) for named in found for symbol in _resolved(index, read, named)]
    return Said(
        tuple(evidence)[:2],
        tuple(dict.fromkeys(symbol for _, symbol in symbols)),
        tuple(dict.fromkeys(item.path for item in found if not item.module and item.path in index.by_module)),
        frozenset(name for note, _ in telling for name in subjects(note.text)),
        _only((line for _, line in telling), names),
        not any("deprecat" in line.lower() for _, line in telling),
        tuple(dict.fromkeys((named.alias, symbol) for named, symbol in symbols if named.alias)),
    )


def _only(lines: Iterable[str], own: frozenset[str]) -> frozenset[str]:
    """The names that all of the lines are about; empty where one speaks of the whole, which has the names `own`."""
    told = [importing(line) or frozenset({subject(line)}) - {"", *own} for line in lines]
    return frozenset().union(*told) if all(told) else frozenset()


def _of_another(line: str, read: FileRead) -> bool:
    """`DEPRECATED: from other.module import Name` speaks of the other module."""
    return importing_from(line) not in ("", read.module)


def _resolved(index: Index, read: FileRead, named: Named) -> Iterator[Symbol]:
    """The definition elsewhere that a text names, if there is just one."""
    home = _symbol(index, read, named)
    found = index.origin(home) if home is not None else None
    if found is not None and found.module != read.module:
        yield found


def _symbol(index: Index, read: FileRead, named: Named) -> Symbol | None:
    if named.module:
        return Symbol(named.module, named.path)
    module, _, name = named.path.rpartition(".")
    if module:
        return Symbol(module, name) if module in index.by_module else None
    imported = index.local(read, name, itself=False)
    if imported is not None and index.origin(imported) is not None:
        return imported
    found = index.definitions.get(name, ())
    return found[0][0] if len(found) == 1 else None


def _quoted(text: str) -> str:
    flat = " ".join("".join(part if part.isprintable() else " " for part in text).split())
    return flat if len(flat) <= _QUOTE else f"{flat[: _QUOTE - 3]}..."
