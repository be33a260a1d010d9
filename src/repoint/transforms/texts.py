"""Old paths in files that are not Python: a file's bytes in, the places that name an old path out."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import takewhile

from repoint.manifest.moves import MoveTable
from repoint.model import Edit, EditKind, Finding, Frozen, Severity

_OTHER_ENDING = re.compile(rb"\.(?!pyi?\b)\w")
_RUN = re.compile(rb"[\w\x80-\xff./:]*")
_WORD = re.compile(rb"\w")
_INSIDE = re.compile(rb"[\w.@-]")  # what stands before a part of something longer
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
    def _begin(self) -> re.Pattern[bytes]:
        """What every spelling begins with: as much as the old modules of one top-level package have in common."""
        common: dict[str, list[str]] = {}
        for module in sorted(self.moves.touched_modules | self.stubs):
            parts = module.split(".")
            known = common.setdefault(parts[0], parts)
            alike = takewhile(lambda pair: pair[0] == pair[1], zip(known, parts, strict=False))
            common[parts[0]] = [part for part, _ in alike]
        heads = rb"|".join(rb"[./]".join(re.escape(part.encode()) for part in parts) for parts in common.values())
        return re.compile(rb"(?:" + (heads or rb"(?!)") + rb")(?!\w)")

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._new), default=0)

    def _end(self, data: bytes, start: int, least: int) -> int | None:
        """Where the longest spelling ends that stands at `start`, not before `least`."""
        run = _RUN.match(data, least)
        end = min(run.end() if run is not None else least, start + self._longest)
        for stop in range(end, least - 1, -1):
            if _WORD.match(data, stop) is None and data[start:stop] in self._new:
                return stop
        return None

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
        for begun in self._begin.finditer(data):
            start = begun.start()
            if start < done or _INSIDE.match(data, max(0, start - 1), start):
                continue
            end = self._end(data, start, begun.end())
            if end is None:
                continue
            done = end
            spelling = data[start:end]
            if b"/" in spelling and not self._is_path(data, start, end):
                continue
            old, new = self._new[spelling]
            if new is not None and _stands_at(data, start, new.encode()):
                continue  # a move below itself, made already
            found.append(Mention(start, end, old, new))
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
