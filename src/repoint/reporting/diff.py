"""Takes the changes of a plan and the files they start from, gives the unified diff as `git diff` writes it.

Hunks come from the edits themselves: a file is cut into lines once and never compared as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Literal

from msgspec.structs import replace

from repoint.model import Edit, EditKind, FileChange, Frozen, splice

CONTEXT = 3
COMPARABLE = 400  # lines on each side beyond which a replaced block is shown as a whole

Sign = Literal[" ", "-", "+"]


class DiffLine(Frozen, frozen=True):
    """One line of a hunk: its sign, and its bytes with the line end that the file has."""

    sign: Sign
    data: bytes


class Hunk(Frozen, frozen=True):
    """Lines around one or more changes; `old` and `new`: the 1-based first line, and how many."""

    old: tuple[int, int]
    new: tuple[int, int]
    lines: tuple[DiffLine, ...]

    @property
    def heading(self) -> str:
        return f"@@ -{_range(*self.old)} +{_range(*self.new)} @@"


class FileDiff(Frozen, frozen=True):
    """The diff of one file: the lines of git's extended header without line ends, and the hunks."""

    path: str
    encoding: str
    header: tuple[str, ...]
    hunks: tuple[Hunk, ...]

    def count(self, sign: Sign) -> int:
        """How many lines were taken away (`-`) or put in (`+`)."""
        return sum(line.sign == sign for hunk in self.hunks for line in hunk.lines)

    def to_bytes(self) -> bytes:
        """What `git apply` takes."""
        parts = [f"{line}\n".encode() for line in self.header]
        for hunk in self.hunks:
            parts.append(f"{hunk.heading}\n".encode())
            parts += [_patch_line(line) for line in hunk.lines]
        return b"".join(parts)


class _Change(Frozen, frozen=True):
    """Lines `start:stop` of the old file (0-based) become `after`."""

    start: int
    stop: int
    after: tuple[bytes, ...]


def unified(changes: Iterable[FileChange], base: Mapping[str, bytes]) -> bytes:
    """The unified diff of the changes; `base` holds the blobs that `blobs_of` names.

    Raises ValueError where an edit does not fit its file.
    """
    return b"".join(file_diff(change, base).to_bytes() for change in changes)


def blobs_of(changes: Iterable[FileChange]) -> list[str]:
    """The ids of the blobs that these changes start from, each once."""
    return list(dict.fromkeys(change.before for change in changes if change.before is not None))


def file_diff(change: FileChange, base: Mapping[str, bytes]) -> FileDiff:
    """The diff of one file; raises ValueError where an edit does not fit it."""
    lines = split_lines(base[change.before]) if change.before is not None else []
    if change.after is None:
        changed = [_Change(0, len(lines), ())] if lines else []
    else:
        changed = list(_changes(lines, change))
    hunks = tuple(_hunks(lines, changed))
    return FileDiff(change.path, change.encoding, tuple(_header(change, has_text=bool(hunks))), hunks)


def split_lines(data: bytes) -> list[bytes]:
    """Lines with their ends. Only a line feed ends a line, as in git: a form feed or a lone CR does not."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def quoted(path: str, side: str = "") -> str:
    """A path (after `a/` or `b/`) as git writes it: C-quoted where it holds more than plain ASCII."""
    raw = (side + path).encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw.decode("ascii")
    return '"' + "".join(_C_ESCAPES.get(byte) or _quoted_byte(byte) for byte in raw) + '"'


_C_ESCAPES = dict(zip(b'\a\b\t\n\v\f\r"\\', (rf"\{letter}" for letter in 'abtnvfr"\\'), strict=True))


def _quoted_byte(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _header(change: FileChange, *, has_text: bool) -> Iterator[str]:
    old, new = quoted(change.path, "a/"), quoted(change.path, "b/")
    yield f"diff --git {old} {new}"
    if change.before is None:
        yield f"new file mode {change.mode}"
    elif change.after is None:
        yield f"deleted file mode {change.mode}"
    known = change.before or change.after or ""
    none = "0" * len(known)
    kept_mode = f" {change.mode}" if change.before and change.after else ""
    yield f"index {change.before or none}..{change.after or none}{kept_mode}"
    if has_text:
        end = "\t" if " " in change.path else ""  # so that a name with spaces is told from a timestamp
        yield "--- /dev/null" if change.before is None else f"--- {old}{end}"
        yield "+++ /dev/null" if change.after is None else f"+++ {new}{end}"


def _changes(lines: Sequence[bytes], change: FileChange) -> Iterator[_Change]:
    """The edits as changes of whole lines; edits on one line or on neighbouring ones are one."""
    starts = [0, *accumulate(len(line) for line in lines)]
    if lines and not lines[-1].endswith(b"\n"):
        starts[-1] += 1  # the end of the file still is on its last line
    edits = change.edits
    at = 0
    while at < len(edits):
        first = at
        start = stop = _line_at(starts, edits[at].start)
        while True:
            while at < len(edits) and _line_at(starts, edits[at].start) <= stop:
                stop = max(stop, min(bisect_left(starts, edits[at].end), len(lines)))
                at += 1
            if stop == len(lines) or not _joins_next(lines, starts, range(start, stop), edits, range(first, at)):
                break
            stop += 1
        after = _spliced(b"".join(lines[start:stop]), starts[start], change, edits[first:at])
        whole = any(edit.kind is EditKind.STUB for edit in edits[first:at])
        yield from _compared(lines, _Change(start, stop, tuple(split_lines(after))), whole=whole)


def _joins_next(lines: Sequence[bytes], starts: Sequence[int], block: range, edits: Sequence[Edit], own: range) -> bool:
    """True where the edits ate the line end of the last line of a block, so that the line below is joined to it.

    Told from the end, without splicing: each of a file's lines may be joined to the next.
    """
    end = starts[block.stop]
    for edit in (edits[at] for at in reversed(own)):
        if edit.end < end:
            break
        if edit.after:
            return not edit.after.endswith("\n")
        end = edit.start
    if end <= starts[block.start]:
        return False
    line = _line_at(starts, end - 1)
    return not lines[line].startswith(b"\n", end - 1 - starts[line])


def _line_at(starts: Sequence[int], offset: int) -> int:
    return bisect_right(starts, offset) - 1


def _spliced(before: bytes, offset: int, change: FileChange, edits: Sequence[Edit]) -> bytes:
    moved = (replace(edit, start=edit.start - offset, end=edit.end - offset) for edit in edits)
    return splice(before, tuple(moved), change.encoding)


def _compared(lines: Sequence[bytes], change: _Change, *, whole: bool) -> Iterator[_Change]:
    """The change without the lines that stay within it. A stub is a new text: likenesses are chance there."""
    before = lines[change.start : change.stop]
    if whole or max(len(before), len(change.after)) > COMPARABLE:
        yield _trimmed(lines, change)
        return
    matcher = SequenceMatcher(None, before, change.after, autojunk=False)
    for tag, start, stop, new_start, new_stop in matcher.get_opcodes():
        if tag != "equal":
            yield _Change(change.start + start, change.start + stop, change.after[new_start:new_stop])


def _trimmed(lines: Sequence[bytes], change: _Change) -> _Change:
    start, stop, after = change.start, change.stop, change.after
    while start < stop and after and lines[start] == after[0]:
        start, after = start + 1, after[1:]
    while start < stop and after and lines[stop - 1] == after[-1]:
        stop, after = stop - 1, after[:-1]
    return _Change(start, stop, after)


def _hunks(lines: Sequence[bytes], changes: Sequence[_Change]) -> Iterator[Hunk]:
    """Changes with their context; those whose context would touch share a hunk."""
    shift = at = 0
    while at < len(changes):
        end = at + 1
        while end < len(changes) and changes[end].start - changes[end - 1].stop <= 2 * CONTEXT:
            end += 1
        hunk, grown = _hunk(lines, changes[at:end], shift)
        yield hunk
        shift += grown
        at = end


def _hunk(lines: Sequence[bytes], changes: Sequence[_Change], shift: int) -> tuple[Hunk, int]:
    """One hunk, and by how many lines it makes the file longer; `shift` is the sum of those before it."""
    start = max(changes[0].start - CONTEXT, 0)
    stop = min(changes[-1].stop + CONTEXT, len(lines))
    shown: list[DiffLine] = []
    at = start
    for change in changes:
        shown += [DiffLine(" ", line) for line in lines[at : change.start]]
        shown += [DiffLine("-", line) for line in lines[change.start : change.stop]]
        shown += [DiffLine("+", line) for line in change.after]
        at = change.stop
    shown += [DiffLine(" ", line) for line in lines[at:stop]]
    old = stop - start
    new = sum(line.sign != "-" for line in shown)
    hunk = Hunk(_first(start, old), _first(start + shift, new), tuple(shown))
    return hunk, new - old


def _first(index: int, count: int) -> tuple[int, int]:
    """1-based, but an empty range names the line before it, as in `-0,0`."""
    return (index + 1 if count else index), count


def _range(first: int, count: int) -> str:
    return str(first) if count == 1 else f"{first},{count}"


def _patch_line(line: DiffLine) -> bytes:
    end = b"" if line.data.endswith(b"\n") else b"\n\\ No newline at end of file\n"
    return line.sign.encode() + line.data + end
