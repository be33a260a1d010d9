"""Small repositories as dicts of texts; what the code speaks for, out."""

from __future__ import annotations

from repoint.model import Failed, SourceFile
from repoint.names import module_of
from repoint.proposing.facts import FileRead
from repoint.proposing.index import Index, modules_of
from repoint.proposing.propose import conclude
from repoint.proposing.read import read_source
from repoint.proposing.values import ProposedMove


def read(path: str, text: str) -> FileRead:
    made = read_source(SourceFile(path, "100644", "", text.encode()), module_of(path))
    assert not isinstance(made, Failed), made
    return made


def moves(files: dict[str, str], *under: str, limit: int = 99) -> dict[str, ProposedMove]:
    """The proposed moves by `old`. Packages are made where they are not given."""
    reads = [read(path, text) for path, text in files.items()]
    index = Index(reads, modules_of(item.module for item in reads))
    return {move.old: move for move in conclude(index, under, limit).moves}


def said(files: dict[str, str], *under: str) -> dict[str, tuple[str, str, str]]:
    """The same as home, certainty and basis."""
    return {old: (move.new, str(move.certainty), str(move.basis)) for old, move in moves(files, *under).items()}
