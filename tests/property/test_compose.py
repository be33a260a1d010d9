"""Two steps of edits, composed, do what they do one after the other."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.composing import compose, origin
from repoint.model import Edit, EditKind, splice

TEXTS = st.text("abé\n", max_size=12)


def edits_of(draw: st.DrawFn, text: str, encoding: str, kind: EditKind, rule: str) -> tuple[Edit, ...]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    found = []
    for start, end in spans:
        place = (len(text[:start].encode(encoding)), len(text[:end].encode(encoding)))
        found.append(Edit(*place, text[start:end], draw(st.text("xyé", max_size=3)), kind, rule))
    return tuple(found)


@st.composite
def steps(draw: st.DrawFn) -> tuple[bytes, tuple[Edit, ...], tuple[Edit, ...], str]:
    encoding = draw(st.sampled_from(["utf-8", "latin-1"]))
    text = draw(TEXTS)
    first = edits_of(draw, text, encoding, EditKind.USE, "move")
    between = splice(text.encode(encoding), first, encoding)
    second = edits_of(draw, between.decode(encoding), encoding, EditKind.PATTERN, "pattern:p")
    return text.encode(encoding), first, second, encoding


@given(steps())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_composed_edits_do_what_both_do(case: tuple[bytes, tuple[Edit, ...], tuple[Edit, ...], str]) -> None:
    data, first, second, encoding = case
    wanted = splice(splice(data, first, encoding), second, encoding)
    made = compose(data, first, second, encoding)
    assert splice(data, made, encoding) == wanted
    assert all(one.end <= other.start for one, other in itertools.pairwise(made))
    for edit in made:
        if edit.kind is not EditKind.PATTERN:
            assert edit in first
        elif edit.rule == "pattern:p":
            assert not any(known.start < edit.end and edit.start < known.end for known in first)


def use(start: int, before: str, after: str) -> Edit:
    return Edit(start, start + len(before), before, after, EditKind.USE, "move")


def fixed(start: int, before: str, after: str) -> Edit:
    return Edit(start, start + len(before), before, after, EditKind.PATTERN, "pattern:p")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((), [use(4, "Old", "Newer")]),
        ((fixed(0, "a", "bb"),), [fixed(0, "a", "bb"), use(4, "Old", "Newer")]),
        ((fixed(10, "b", "c"),), [use(4, "Old", "Newer"), fixed(8, "b", "c")]),
        (
            (fixed(4, "Newer(b)", "make(b)"),),
            [Edit(4, 10, "Old(b)", "make(b)", EditKind.PATTERN, "move+pattern:p")],
        ),
        ((fixed(4, "Newer", "Old"),), []),
    ],
)
def test_edits_that_meet_become_one(second: tuple[Edit, ...], expected: list[Edit]) -> None:
    assert list(compose(b"a = Old(b)", (use(4, "Old", "Newer"),), second, "utf-8")) == expected


def test_a_place_after_edits_is_found_in_the_original() -> None:
    edits = (use(4, "Old", "Newer"),)
    assert [origin(edits, at, "utf-8") for at in (0, 3, 4, 8, 9, 10)] == [0, 3, 4, 4, 7, 8]
