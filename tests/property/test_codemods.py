"""Whatever codemods make of a file: edits lead to it exactly, lie apart and in order, and lines are the file's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.codemods import differences as module
from repoint.codemods.differences import differences
from repoint.codemods.values import Fate, Outcome
from repoint.composing import line_at, start_of_line
from repoint.model import Edit, splice
from tests.unit.codemods.asking import chained, step

ENCODINGS = st.sampled_from(["utf-8", "latin-1", "cp1252"])
TEXTS = st.text("ab é(),\n\r\t\x0c\x0b\x85", max_size=30)
LINES = st.sampled_from(
    ["x = 1", "y = [x]", "def f():\n    return 'é'", "# note", "", "\x0c", "z = '\u2028'", "if 1:\n\tpass"]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
HEADS = st.sampled_from([b"", b"\xef\xbb\xbf", b"# coding: latin-1\n", b"# coding: utf-8\r\n"])


def apart(edits: tuple[Edit, ...]) -> bool:
    return all(one.end <= other.start for one, other in itertools.pairwise(edits))


@given(TEXTS, TEXTS, ENCODINGS, st.sampled_from([0, 3]), st.sampled_from([0, 100_000]), st.sampled_from([0, 1_500]))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_differences_lead_from_one_text_to_the_other(
    before: str, after: str, encoding: str, bom: int, pairs: int, many: int
) -> None:
    mark = b"\xef\xbb\xbf"[:bom]
    data, wanted = (mark + text.replace("\x85", "").encode(encoding) for text in (before, after))
    texts = [text.replace("\x85", "") for text in (before, after)]
    with patch.multiple(module, _PAIRS=pairs, _MANY=many):
        made = differences(texts[0], texts[1], encoding, bom, "codemod:a")
    assert splice(data, made, encoding) == wanted
    assert apart(made)
    assert all(edit.before != edit.after for edit in made)


@given(st.text("ab\n\r\x0c\x0b", max_size=20), st.integers(-3, 30))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_lines_and_places_go_together(text: str, number: int) -> None:
    data = text.encode()
    count = max(1, len(data.splitlines()))
    assert 1 <= line_at(data, number) <= count
    assert line_at(data, start_of_line(data, number)) == min(max(1, number), count)


@st.composite
def transforms(draw: st.DrawFn) -> Callable[[str], str | Outcome]:
    """Something that a codemod may do to a text, sensible or not; it is the same each time it is asked."""
    kind = draw(st.sampled_from(["replace", "insert", "remove", "append", "fail", "skip", "none"]))
    old, new = (
        draw(st.sampled_from(["x", "1", "é", "\n", "f()", "note"])),
        draw(st.sampled_from(["x", "2", "→", "(", ""])),
    )
    at, line = draw(st.integers(0, 9)), draw(LINES)
    line_no = draw(st.integers(-1, 40))

    def transform(text: str) -> str | Outcome:
        lines = text.splitlines(keepends=True)
        match kind:
            case "replace":
                made = text.replace(old, new)
            case "insert":
                made = "".join([*lines[:at], f"{line}\n", *lines[at:]])
            case "remove":
                made = "".join([*lines[:at], *lines[at + 1 :]])
            case "append":
                made = text + line
            case "fail":
                return Outcome(Fate.FAILED, reason="no", line=line_no)
            case "skip":
                return Outcome(Fate.SKIPPED)
            case _:
                made = text
        return Outcome(Fate.DONE, made, warnings=(f"{at}: look", f"{max(0, line_no)}:2: there"))

    return transform


@given(
    HEADS, st.lists(st.tuples(LINES, ENDS), max_size=8), st.lists(transforms(), max_size=4), st.booleans(), st.data()
)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_a_chain_keeps_to_its_file(
    head: bytes,
    rows: list[tuple[str, str]],
    made: list[Callable[[str], str | Outcome]],
    ended: bool,
    data: st.DataObject,
) -> None:
    encoding = "latin-1" if b"latin" in head else "utf-8"
    text = "".join(line + end for line, end in rows)
    body = (text if ended else text.rstrip("\r\n")).encode(encoding, "replace")
    tables = tuple(
        step(f"c{at}", idempotent=data.draw(st.booleans()), prefilter=data.draw(st.sampled_from([(), ("x",)])))
        for at in range(len(made))
    )
    done, _ = chained(head + body, *made, tables=tables)
    result = splice(head + body, done.edits, done.encoding)
    assert apart(done.edits)
    compile(result, "result", "exec") if done.edits else None
    count = max(1, len((head + body).splitlines()))
    assert all(1 <= remark.line <= count for remark in done.remarks)
    assert done.changed <= done.asked
    assert not done.changed & done.failed or not done.edits
    assert {part for edit in done.edits for part in edit.rule.split("+")} <= {f"codemod:c{at}" for at in done.changed}
    if not done.changed:
        assert (done.edits, done.lost, done.gained) == ((), (), set())
    for at in done.changed:
        last = result.removeprefix(b"\xef\xbb\xbf").decode(done.encoding)
        again = made[at](last)
        settled = not tables[at].idempotent or (isinstance(again, Outcome) and again.text in ("", last))
        assert settled or (tables[at].prefilter and "x" not in last)
