"""A part of an audit: the whole and a symbol's name in, what counts for that symbol out."""

from __future__ import annotations

import difflib

from msgspec.structs import replace

from repoint.errors import UsageError
from repoint.measures import Audit


def narrowed(audit: Audit, asked: str) -> Audit:
    """The rows and places of a symbol, by its path (`pkg.mod:Name`, with `.` as well) or by its name.

    Figures and targets stay those of the whole. Raises UsageError for a symbol that the audit does not know.
    """
    wanted = asked.replace(":", ".")
    rows = tuple(
        row for row in audit.symbols if wanted in (row.symbol.replace(":", "."), row.symbol.rpartition(":")[2])
    )
    if not rows:
        names = sorted({row.symbol.rpartition(":")[2] for row in audit.symbols})
        near = difflib.get_close_matches(asked, [*names, *(row.symbol for row in audit.symbols)], 1, 0.5)
        mend = f"did you mean {near[0]}?" if near else "`repoint audit` without --symbol lists them"
        raise UsageError(f"{asked} is no symbol that the manifest governs", mend=mend)
    kept = {row.symbol for row in rows}
    homes = {row.symbol.partition(":")[0] for row in rows}
    return replace(
        audit,
        symbols=rows,
        modules=tuple(row for row in audit.modules if row.module in homes),
        patterns=(),
        occurrences=tuple(item for item in audit.occurrences if item.symbol in kept),
    )
