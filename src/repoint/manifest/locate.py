"""Where a key stands in a TOML text: tables and keys in, line numbers out, for error messages only."""

from __future__ import annotations

import re
from functools import cached_property

_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]")


class Lines:
    """Finds the line of a key by its table and the table's index; 0 where it cannot tell."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _places(self) -> dict[tuple[str, int, str], int]:
        """The line of every table and key; only a manifest with a mistake needs it."""
        places: dict[tuple[str, int, str], int] = {}
        counts: dict[str, int] = {}
        table, index = "", 0
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = header[1]
                index = counts.get(table, 0)
                counts[table] = index + 1
                places.setdefault((table, index, ""), number)
            elif key := _KEY.match(line):
                places.setdefault((table, index, key[1]), number)
        return places

    def find(self, table: str, index: int, key: str) -> int:
        """The 1-based line of `key` in the `index`-th `table`, else of the table's header, else 0."""
        for place in ((table, index, key), (key, 0, ""), (table, index, ""), ("", 0, table)):
            if place in self._places:
                return self._places[place]
        return 0
