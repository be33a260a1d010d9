"""A text before and after a transformation in, the smallest edits that are worth reading out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from repoint.model import Edit, EditKind

_TOKEN = re.compile(r"\w+|[^\S\n]+|\n|[^\w\s]")
_MANY = 1_500  # tokens of changed lines beyond which they are replaced as a whole
_PAIRS = 100_000  # pairs of equal texts beyond which frequent ones are not compared at length
_TOO_MANY = 3_000_000  # pairs beyond which nothing is: difflib's time grows with them, times the spans that it finds

Span = tuple[int, int, int, int]  # of the one text, and of the other


def differences(before: str, after: str, encoding: str, bom: int, rule: str) -> tuple[Edit, ...]:
    """Edits that make `after` of `before`, the text of a file in `encoding` after a byte order mark of so many bytes.

    Where lines differ, only the words that differ are replaced. Raises UnicodeEncodeError where the encoding has no
    such character.
    """
    found: list[Edit] = []
    seen, place = 0, bom
    for start, end, first, last in _spans(before, after):
        place += len(before[seen:start].encode(encoding))
        old, new = before[start:end], after[first:last]
        new.encode(encoding)
        size = len(old.encode(encoding))
        found.append(Edit(place, place + size, old, new, EditKind.CODEMOD, rule))
        seen, place = end, place + size
    return tuple(found)


def _spans(before: str, after: str) -> Iterator[Span]:
    """Spans of characters that differ, in order and apart."""
    ours, theirs = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for lines in _unlike(_keys(ours), _keys(theirs)):
        start, end = _length(ours[: lines[0]]), _length(ours[: lines[1]])
        first, last = _length(theirs[: lines[2]]), _length(theirs[: lines[3]])
        yield from _inside(before, after, (start, end, first, last))


def _inside(before: str, after: str, lines: Span) -> Iterator[Span]:
    """The same by words, where lines took the place of lines."""
    start, end, first, last = lines
    ours, theirs = _TOKEN.findall(before[start:end]), _TOKEN.findall(after[first:last])
    if not ours or not theirs or len(ours) + len(theirs) > _MANY or _length(ours) != end - start:
        yield lines
        return
    for words in _joined(list(_unlike(ours, theirs)), ours):
        old, new = _length(ours[: words[0]]), _length(theirs[: words[2]])
        yield (
            start + old,
            start + old + _length(ours[words[0] : words[1]]),
            first + new,
            first + new + _length(theirs[words[2] : words[3]]),
        )


def _unlike(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Span]:
    """Where two rows of texts differ; what they begin and end with alike is not compared at length."""
    head = _alike(ours, theirs)
    tail = _alike(ours[head:][::-1], theirs[head:][::-1])
    middle = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    pairs = _pairs(*middle, len(middle[1]))
    if pairs > _PAIRS and _pairs(*middle, len(middle[1]) // 100 + 1) > _TOO_MANY:
        yield head, len(ours) - tail, head, len(theirs) - tail
        return
    for kind, a, b, c, d in SequenceMatcher(None, *middle, autojunk=pairs > _PAIRS).get_opcodes():
        if kind != "equal":
            yield a + head, b + head, c + head, d + head


def _pairs(ours: Sequence[str], theirs: Sequence[str], frequent: int) -> int:
    """How many pairs of equal texts there are, apart from texts that the second row has more often than `frequent`."""
    counts, others = Counter(ours), Counter(theirs)
    return sum(counts[text] * count for text, count in others.items() if count <= frequent)


def _keys(lines: Sequence[str]) -> list[str]:
    """Lines to compare by: an empty one counts with what stands above it, or all of them would be alike."""
    found, above = [], ""
    for line in lines:
        found.append(line if line.strip() else f"{above}\0{line}")
        above = line if line.strip() else above
    return found


def _joined(spans: list[Span], ours: Sequence[str]) -> Iterator[Span]:
    """Spans with nothing but white space between them are one."""
    known: Span | None = None
    for span in spans:
        if known is not None and not "".join(ours[known[1] : span[0]]).strip():
            known = (known[0], span[1], known[2], span[3])
            continue
        if known is not None:
            yield known
        known = span
    if known is not None:
        yield known


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many texts two rows begin with alike."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(ours), len(theirs)))


def _length(parts: Sequence[str]) -> int:
    return sum(map(len, parts))
