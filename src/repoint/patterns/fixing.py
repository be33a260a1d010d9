"""A file's bytes and rules with a `fix` in, the edits that they make out. Runs in any process.

The rules run one after the other, each on what the one before it made.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from repoint.analysis.parse import Unparsable, check, parse, readable
from repoint.analysis.text import Text
from repoint.composing import compose, origin, written
from repoint.manifest.schema import Pattern
from repoint.model import Edit, EditKind, Frozen, splice
from repoint.patterns.apart import TakenApart, split_by_neighbours, splits_what_it_caught
from repoint.patterns.rules import Rules
from repoint.patterns.scan import Hit, Match, matches_in
from repoint.patterns.syntax import substituted, variables

RULE = "pattern:"
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))


class Overtaken(Frozen, frozen=True):
    """A match that an earlier rule's rewrite took away: the pattern, the line, and the rules of that rewrite."""

    pattern: str
    line: int
    by: str


class Fixed(Frozen, frozen=True):
    """Edits of the file; hits that a comment keeps; matches that went with another rule's rewrite."""

    encoding: str = "utf-8"
    edits: tuple[Edit, ...] = ()
    kept: tuple[Hit, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()


class Unfixed(Frozen, frozen=True):
    """A file that is left alone. `settled` is false where the rules would go on changing their own output for ever."""

    line: int
    reason: str
    settled: bool = True
    broken: bool = False


def fix(data: bytes, rules: Rules) -> Fixed | Unfixed:
    """What the rules that have a `fix` make of a file; or why it is left alone, `broken` if it was no Python before."""
    asked = rules.fixing
    if not asked.wanted(data):
        return Fixed()
    try:
        text = readable(data)
        made = _run(text, data, asked)
        if not made.edits:
            return made
        parse(data)
    except Unparsable as error:
        return Unfixed(error.line, error.reason, broken=True)
    except UnicodeEncodeError as error:
        return Unfixed(1, f"its text cannot hold {error.object[error.start : error.end]!r} in {error.encoding}")
    except TakenApart as error:
        return Unfixed(error.line, error.reason)
    except RecursionError:
        return Unfixed(1, "matches are nested too deeply in each other")
    return _judged(data, made, asked)


def _judged(data: bytes, made: Fixed, rules: Rules) -> Fixed | Unfixed:
    """The same where the result is Python, and the rules have nothing more to do with it."""
    first = data.count(b"\n", 0, made.edits[0].start) + 1
    after = splice(data, made.edits, made.encoding)
    try:
        check(after)
        again = _run(readable(after), after, rules)
    except Unparsable as error:
        return Unfixed(first, f"the result is no Python: {error.reason} (line {error.line} of it)")
    except TakenApart as error:
        return Unfixed(first, f"the result would change once more: {error.reason}", settled=False)
    for edit in again.edits[:1]:
        line = data.count(b"\n", 0, origin(made.edits, edit.start, made.encoding)) + 1
        return Unfixed(line, f"`{edit.before}` in the result would change once more", settled=False)
    return made


def _run(text: Text, data: bytes, rules: Rules) -> Fixed:
    """All edits over `data`. Raises Unparsable, TakenApart, UnicodeEncodeError and RecursionError."""
    edits: tuple[Edit, ...] = ()
    kept: list[Hit] = []
    overtaken: list[Overtaken] = []
    now, current = data, text
    for pattern in rules.patterns:
        matches = matches_in(current, (pattern,))
        if edits:
            overtaken += _overtaken(text, pattern, edits, [match.hit for match in matches])
        kept += [match.hit for match in matches if match.hit.kept]
        made = _edits_of(current, pattern, [match for match in matches if not match.hit.kept])
        if made:
            edits = compose(data, edits, made, text.encoding)
            now = splice(now, made, text.encoding)
            _refuse_split(now, made, current)
            current = readable(now)
    return Fixed(text.encoding, edits, tuple(kept), tuple(overtaken))


def _refuse_split(now: bytes, made: tuple[Edit, ...], before: Text) -> None:
    """Raises TakenApart where what stands around a fix binds a part of it."""
    at = split_by_neighbours(now, written(made, before.encoding))
    if at is not None:
        line = before.data.count(b"\n", 0, made[at].start) + 1
        reason = f"what stands around `{made[at].after}` would take it apart; put parentheses around the `fix`"
        raise TakenApart(line, reason)


def _edits_of(text: Text, pattern: Pattern, matches: list[Match]) -> tuple[Edit, ...]:
    """The fix of every outermost match; matches inside what a metavariable caught are fixed with it."""
    source = text.utf8.decode("utf-8")
    edits: list[Edit] = []
    at = 0
    while at < len(matches):
        match, inner = matches[at], _inside(matches, at)
        after = _fixed(text, source, pattern, match, inner)
        after.encode(text.encoding)
        hit = match.hit
        if after != hit.text:
            edits.append(Edit(hit.start, hit.end, hit.text, after, EditKind.PATTERN, RULE + pattern.id))
        at += 1 + len(inner)
    return tuple(edits)


def _inside(matches: list[Match], at: int) -> list[Match]:
    """The matches after the one at `at` that lie in it."""
    outer, after = matches[at], at + 1
    while after < len(matches) and matches[after].end <= outer.end:
        after += 1
    return matches[at + 1 : after]


def _fixed(text: Text, source: str, pattern: Pattern, match: Match, inner: list[Match]) -> str:
    """A fix written out, for `inner` matches too: line ends and indentation follow the line that it begins on."""
    line = source.rfind("\n", 0, match.start) + 1
    indent = source[line : match.start]
    indent = indent[: len(indent) - len(indent.lstrip())]
    template = (pattern.fix or "").replace("\r\n", "\n")
    if "\n" in template:
        newline = text.newline_at(len(source[: match.start].encode()))
        template = template.replace("\n", newline + indent)

    def caught(variable: str) -> str:
        start, end = match.caught.get(variable, (0, 0))
        if any(f"{opening}{variable}{closing}" in template for opening, closing in _BRACKETS):
            start, end = _between_brackets(source, start, end)
        parts: list[str] = []
        for at, item in enumerate(inner):
            within = start <= item.start and item.end <= end
            if within and (item.start, item.end) != (match.start, match.end):
                parts += [source[start : item.start], _fixed(text, source, pattern, item, _inside(inner, at))]
                start = item.end
        return "".join([*parts, source[start:end]])

    values = {variable: caught(variable) for variable in variables(template)}
    if (split := splits_what_it_caught(template, values)) is not None:
        reason = f"`{values[split]}` would be taken apart where the `fix` has {split}; write ({split}) there"
        raise TakenApart(match.hit.line, reason)
    return substituted(template, values.__getitem__)


def _between_brackets(source: str, start: int, end: int) -> tuple[int, int]:
    """The span with the white space around it, where brackets are around that: so their layout stays."""
    if start == end:
        return start, end
    first = start
    while source[first - 1 : first].isspace():
        first -= 1
    last = end
    while source[last : last + 1].isspace():
        last += 1
    enclosed = source[first - 1 : first] in ("(", "[", "{") and source[last : last + 1] in (")", "]", "}")
    return (first, last) if enclosed else (start, end)


def _overtaken(text: Text, pattern: Pattern, edits: tuple[Edit, ...], hits: list[Hit]) -> list[Overtaken]:
    """Matches in the text as it was that lie where earlier rules rewrote, and are not among the `hits` there now."""
    now = written(edits, text.encoding)
    standing = {at for hit in hits for at in _meeting(now, hit)}
    before = [(edit.start, edit.end) for edit in edits]
    found: list[Overtaken] = []
    for match in matches_in(text, (pattern,)):
        met = _meeting(before, match.hit)
        if met and standing.isdisjoint(met) and not match.hit.kept:
            found.append(Overtaken(pattern.id, match.hit.line, edits[met[0]].rule.removeprefix(RULE)))
    return found


def _meeting(spans: list[tuple[int, int]], hit: Hit) -> range:
    """Which of the spans, that are in order and apart, share text with a hit."""
    first = bisect_right(spans, hit.start, key=lambda span: span[1])
    return range(first, bisect_left(spans, hit.end, lo=first, key=lambda span: span[0]))
