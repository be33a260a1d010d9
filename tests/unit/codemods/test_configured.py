"""Tables of the manifest become codemods with names, limits and files."""

from __future__ import annotations

import pytest

from repoint.codemods.configured import configure
from repoint.manifest.schema import Codemod, CodemodKind, FileFailure
from tests.unit.codemods.asking import step


def test_each_has_a_name_of_its_own() -> None:
    table = Codemod(kind=CodemodKind.LIBCST, ref="m:F")
    made = configure([table, step("told"), table, table])
    assert [(item.position, item.id, item.rule) for item in made] == [
        (0, "m:F", "codemod:m:F"),
        (1, "told", "codemod:told"),
        (2, "m:F#2", "codemod:m:F#2"),
        (3, "m:F#3", "codemod:m:F#3"),
    ]


def test_what_is_left_out_has_a_meaning() -> None:
    (made,) = configure([step("a")])
    assert (made.limits.seconds, made.limits.memory, made.step.args) == (30, 2 << 30, {})
    assert made.idempotent
    assert not made.refuses
    (made,) = configure([step("a", timeout="1m30s", memory="512MiB", on_failure=FileFailure.REFUSE)])
    assert (made.limits.seconds, made.limits.memory, made.refuses) == (90, 512 << 20, True)


@pytest.mark.parametrize(
    ("path", "wanted"), [("lib/a.py", True), ("lib/a/b.pyi", True), ("app/a.py", False), ("lib/old/a.py", False)]
)
def test_files_are_those_of_its_globs(path: str, wanted: bool) -> None:
    (made,) = configure([step("a", files=("lib/**",), exclude=("lib/old/**",))])
    assert made.looks_at(path) is wanted


def test_words_are_texts_and_no_patterns() -> None:
    (made,) = configure([step("a", prefilter=("a.b(", "ü"))])
    assert made.wants("x = a.b(1)")
    assert made.wants("# ü")
    assert not made.wants("x = a_b(1)")
    assert made.words == {"a.b(", "ü", "coding"}
    assert configure([step("a", prefilter=("x",))])[0].words == {"x"}
    assert configure([step("a")])[0].words == frozenset()
    assert configure([step("a")])[0].wants("")
