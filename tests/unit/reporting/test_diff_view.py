"""The diff as a person reads it on a terminal."""

from __future__ import annotations

from repoint.model import FileChange
from repoint.reporting.diff import FileDiff, file_diff
from repoint.reporting.diff_view import changed_words, stat, view
from repoint.reporting.layout import plain
from tests.builders import added, changed, deleted, edit, replaced

DATA = b"from old import Old\r\nOld()\r\n"


def diff_of(change: FileChange, data: bytes = b"") -> FileDiff:
    return file_diff(change, {change.before: data} if change.before is not None else {})


def test_changed_words_are_marked_within_coloured_lines() -> None:
    change = replaced("pkg/a.py", DATA, ("old", "new"))
    assert list(view([diff_of(change, DATA)], colour=True)) == [
        "\x1b[1mdiff --git a/pkg/a.py b/pkg/a.py\x1b[0m",
        "\x1b[36m@@ -1,2 +1,2 @@\x1b[0m",
        "\x1b[31m-from \x1b[7mold\x1b[27m import Old\x1b[0m",
        "\x1b[32m+from \x1b[7mnew\x1b[27m import Old\x1b[0m",
        " Old()",
    ]


def test_without_colour_there_are_no_escapes() -> None:
    change = replaced("pkg/a.py", DATA, ("old", "new"))
    assert list(view([diff_of(change, DATA)], colour=False))[1:4] == [
        "@@ -1,2 +1,2 @@",
        "-from old import Old",
        "+from new import Old",
    ]


def test_lines_without_a_counterpart_are_not_marked() -> None:
    change = changed("a.py", b"x = 1\n", edit(0, "x = 1\n", "y = 1\nz = 1\n"))
    assert "\x1b[7m" not in "".join(view([diff_of(change, b"x = 1\n")], colour=True))


def test_lines_with_little_in_common_are_not_marked() -> None:
    assert changed_words("import os", "raise ValueError(1)") == ((), ())
    assert changed_words("a.old.b", "a.new.b") == (((2, 5),), ((2, 5),))
    assert changed_words("f(a)", "f(a, b)") == ((), ((3, 6),))


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    data = b"x = '\x1b]0;owned\x07'\nold\n"
    shown = "\n".join(view([diff_of(replaced("a.py", data, ("old", "new")), data)], colour=False))
    assert "\x1b" not in shown
    assert "<1b>]0;owned<07>" in shown


def test_each_file_is_decoded_in_its_own_encoding() -> None:
    data = "é = old\n".encode("latin-1")
    change = replaced("a.py", data, ("old", "new"), encoding="latin-1")
    assert "-é = old" in list(view([diff_of(change, data)], colour=False))


def test_a_missing_final_newline_is_told() -> None:
    shown = list(view([diff_of(added("a.py", "x = 1"))], colour=False))
    assert shown[-1] == "+x = 1\n\\ No newline at end of file"


def test_stat_counts_lines_and_scales_its_bars() -> None:
    big = b"x\n" * 100
    diffs = [diff_of(replaced("a.py", DATA, ("old", "new")), DATA), diff_of(deleted("big.py", big), big)]
    assert plain(stat(diffs)).splitlines() == [
        " a.py      2  +-",
        f" big.py  100  {'-' * 24}",
        " 2 files changed, 1 insertion(+), 101 deletions(-)",
    ]
    assert plain(stat([])) == " 0 files changed, 0 insertions(+), 0 deletions(-)\n"


def test_bidirectional_marks_in_a_file_are_shown() -> None:
    data = b"access = 'user'\n"
    change = changed("a.py", data, edit(10, "user", "user\u202e \u2066# if admin\u2069 \u2066"))
    shown = "\n".join(view([file_diff(change, {str(change.before): data})], colour=False))
    assert "+access = 'user<202e> <2066># if admin<2069> <2066>'" in shown
    assert shown.isascii()


def test_words_of_an_endless_line_are_not_compared() -> None:
    long = "a, " * 100_000  # word by word: ten billion steps
    assert changed_words(f"{long}old", f"{long}new") == ((), ())
