"""Old paths in files that are not Python: a file's bytes in, the places that name an old path out."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from repoint.manifest.moves import MoveTable
from repoint.model import Edit, EditKind, Finding, Frozen, Severity
from repoint.names import last, parent

_OTHER_ENDING = re.compile(rb"\.(?!pyi?\b)\w")
_PATH_BEFORE = re.compile(rb"[\w.:@/-]*/\Z")


class Mention(Frozen, frozen=True):
    """Bytes `start:end` spell the old path `old`; `new` is its new path in the same spelling, None if it has none."""

    start: int
    end: int
    old: str
    new: str | None


class TextSearch(Frozen, frozen=True, dict=True):
    """Finds exact old paths, dotted (`a.b`), slashed (`a/b`) or with a colon (`a.b:Name`)."""

    moves: MoveTable
    stubs: frozenset[str]
    roots: frozenset[str] = frozenset()

    @cached_property
    def _new(self) -> dict[bytes, tuple[str, str | None]]:
        """Every spelling of every old path, with the path and its new spelling."""
        table: dict[bytes, tuple[str, str | None]] = {}
        for module in sorted(self.stubs):
            table[module.encode()] = module, None
            table[module.replace(".", "/").encode()] = module, None
        for old, new in sorted(self.moves.modules.items()):
            table[old.encode()] = old, new
            table[old.replace(".", "/").encode()] = old, new.replace(".", "/")
        for symbol, home in sorted(self.moves.symbols.items()):
            table[symbol.dotted.encode()] = symbol.dotted, home.dotted
            table[str(symbol).encode()] = str(symbol), str(home)
        return {
            spelling: found
            for spelling, found in table.items()
            if b"." in spelling or b"/" in spelling or b":" in spelling
        }

    @cached_property
    def _tails(self) -> dict[bytes, tuple[bytes, ...]]:
        """Last parts of old modules, with what stands before them: of these every spelling has one."""
        modules = self.stubs | set(self.moves.modules) | {symbol.module for symbol in self.moves.symbols}
        found: dict[bytes, list[bytes]] = defaultdict(list)
        for module in sorted(modules):
            head = parent(module)
            found[last(module).encode()] += (
                [f"{head}.".encode(), f"{head.replace('.', '/')}/".encode()] if head else [b""]
            )
        return {tail: tuple(heads) for tail, heads in found.items()}

    def _places(self, data: bytes) -> list[int]:
        """Where a spelling may begin, in order: a search for plain text, many times cheaper than the pattern."""
        found: set[int] = set()
        for tail, heads in self._tails.items():
            at = data.find(tail)
            while at >= 0:
                found.update(at - len(head) for head in heads if data.endswith(head, 0, at))
                at = data.find(tail, at + 1)
        return sorted(found)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        spellings = sorted(self._new, key=lambda spelling: (-len(spelling), spelling))
        body = b"|".join(re.escape(spelling) for spelling in spellings) or rb"(?!)"
        return re.compile(rb"(?<![\w.@-])(?:" + body + rb")(?!\w)")

    def _is_path(self, data: bytes, start: int, end: int) -> bool:
        """Whether a slashed spelling is the path of the module: under a root, and with no ending but `.py`."""
        if _OTHER_ENDING.match(data, end):
            return False
        before = _PATH_BEFORE.search(data, max(0, start - 200), start)
        folder = before.group().removeprefix(b"./").removeprefix(b"/") if before else b""
        return not folder or folder.decode("utf-8", "replace").rstrip("/") in self.roots

    def mentions(self, data: bytes) -> list[Mention]:
        """All mentions in `data`, in order; none in binary data (a NUL byte near the start, as git tells it)."""
        if b"\0" in data[:8000]:
            return []
        found: list[Mention] = []
        done = 0
        for place in self._places(data):
            match = self._pattern.match(data, place) if place >= done else None
            if match is None:
                continue
            done = match.end()
            if b"/" in match.group() and not self._is_path(data, match.start(), match.end()):
                continue
            old, new = self._new[match.group()]
            if new is not None and _stands_at(data, match.start(), new.encode()):
                continue  # a move below itself, made already
            found.append(Mention(match.start(), match.end(), old, new))
        return found


def _stands_at(data: bytes, start: int, path: bytes) -> bool:
    return data.startswith(path, start) and not re.match(rb"\w", data[start + len(path) :])


def report(path: str, data: bytes, mentions: list[Mention]) -> list[Finding]:
    """One `info` for each line that names an old path."""
    lines: dict[int, Finding] = {}
    for mention in mentions:
        line = data.count(b"\n", 0, mention.start) + 1
        column = mention.start - (data.rfind(b"\n", 0, mention.start) + 1) + 1
        lines.setdefault(
            line,
            Finding(
                path,
                line,
                column,
                "path-in-other-file",
                Severity.INFO,
                f"names {mention.old}, and is left alone",
                "list the file under [rewrite] text to rewrite it",
            ),
        )
    return list(lines.values())


def edits(mentions: list[Mention]) -> tuple[Edit, ...]:
    """The edits of a file that `[rewrite] text` names. Offsets are the file's own bytes; paths are ASCII or UTF-8."""
    return tuple(
        Edit(item.start, item.end, _spelled(item), item.new, EditKind.TEXT, "text") for item in mentions if item.new
    )


def _spelled(item: Mention) -> str:
    """How the old path stands in the file: its length tells which spelling that is."""
    if item.new is not None and "/" in item.new and "." not in item.new:
        return item.old.replace(".", "/")
    return item.old
