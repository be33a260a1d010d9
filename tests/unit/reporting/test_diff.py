"""The unified diff: what it looks like, and that `git apply` makes of it exactly what the plan says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.model import EditKind, FileChange, splice
from repoint.reporting.diff import quoted, unified
from tests.builders import added, blob_id, changed, deleted, edit, replaced
from tests.conftest import MakeRepo, git

LONG = b"".join(b"line %d\n" % number for number in range(1, 41))


def diff(change: FileChange, data: bytes = b"") -> str:
    return unified([change], {blob_id(data): data}).decode()


def test_one_line_with_context() -> None:
    data = b"a\nb\nc\nfrom old import A\nd\ne\nf\ng\n"
    change = replaced("pkg/m.py", data, ("old", "new"))
    assert diff(change, data) == (
        "diff --git a/pkg/m.py b/pkg/m.py\n"
        f"index {change.before}..{change.after} 100644\n"
        "--- a/pkg/m.py\n"
        "+++ b/pkg/m.py\n"
        "@@ -1,7 +1,7 @@\n"
        " a\n b\n c\n-from old import A\n+from new import A\n d\n e\n f\n"
    )


def test_edits_far_apart_make_two_hunks_and_near_ones_share_one() -> None:
    far = replaced("m.py", LONG, ("line 5\n", "line 5\nmore\n"), ("line 30", "LINE 30"))
    assert [line for line in diff(far, LONG).splitlines() if line.startswith("@@")] == [
        "@@ -3,6 +3,7 @@",
        "@@ -27,7 +28,7 @@",
    ]
    near = replaced("m.py", LONG, ("line 10\n", ""), ("line 17", "LINE 17"))
    assert diff(near, LONG).count("@@ -") == 1


def test_several_edits_of_one_line_are_one_change() -> None:
    data = b"x = Old(Old.y)\n"
    change = changed("m.py", data, edit(4, "Old", "New"), edit(8, "Old", "New"))
    assert diff(change, data).splitlines()[-2:] == ["-x = Old(Old.y)", "+x = New(New.y)"]


def test_lines_that_stay_within_an_edit_are_context() -> None:
    data = b"from old import (\n    A,\n    B,\n)\n"
    change = changed("m.py", data, edit(0, data.decode(), "from new import (\n    A,\n    B,\n)\n"))
    assert diff(change, data).splitlines()[4:] == [
        "@@ -1,4 +1,4 @@",
        "-from old import (",
        "+from new import (",
        "     A,",
        "     B,",
        " )",
    ]


def test_a_stub_is_shown_as_a_whole_but_for_its_ends() -> None:
    data = b'"""Doc."""\nimport a\n\nx = 1\n\ny = 2\n'
    stub = '"""Doc."""\nfrom b import x\n\nfrom c import y\n'
    change = changed("m.py", data, edit(0, data.decode(), stub, kind=EditKind.STUB))
    signs = [line[0] for line in diff(change, data).splitlines()[5:]]
    assert "".join(signs) == " -----+++"


def test_a_large_block_is_compared_by_its_ends_only() -> None:
    data = b"same\n" + b"old\n" * 1000 + b"same\n"
    change = changed("m.py", data, edit(0, data.decode(), data.decode().replace("old", "new")))
    lines = diff(change, data).splitlines()[5:]
    assert (lines[0], lines[-1]) == (" same", " same")
    assert len(lines) == 2002


def test_empty_files_come_and_go_without_hunks() -> None:
    assert diff(added("pkg/__init__.py", "")).splitlines()[1:] == [
        "new file mode 100644",
        f"index {'0' * 40}..{blob_id(b'')}",
    ]
    assert diff(deleted("pkg/__init__.py", b"")).splitlines()[1] == "deleted file mode 100644"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b.py", "a/a b.py"),
        ("é.py", r'"a/\303\251.py"'),
        ('q"\\.py', r'"a/q\"\\.py"'),
        ("t\t\x01.py", r'"a/t\t\001.py"'),
    ],
)
def test_paths_are_quoted_as_git_quotes_them(path: str, shown: str) -> None:
    assert quoted(path, "a/") == shown


def test_lines_that_are_all_joined_take_one_pass() -> None:
    data = b"x = 1\n" * 20_000  # line by line: two hundred million edits looked at
    change = changed("a.py", data, *(edit(number * 18 + 5, "\n", ";") for number in range(6_000)))
    assert diff(change, data).count("\n+x = 1;x = 1") == 6_000


def test_an_edit_that_does_not_fit_is_an_error() -> None:
    change = replaced("m.py", b"old\n", ("old", "new"))
    with pytest.raises(ValueError, match="does not find"):
        unified([change], {blob_id(b"old\n"): b"odd\n"})


def odd_files() -> dict[str, tuple[bytes, FileChange]]:
    """Files that diffs get wrong, by what is odd about them."""
    crlf = b"\xef\xbb\xbfimport a\r\nfrom old import A\r\nA()\r\n"
    latin = "# -*- coding: latin-1 -*-\n# é\nfrom old import é\n".encode("latin-1")
    open_end = b"import x\nfrom old import A"
    form_feed = b"a = 1\n\x0cfrom old import A\x0b\nb = '\x1c'\rc = 1\n"
    last = b"import x\nfrom old import A\n"
    text = b"from old import A\n"
    quote = 'a "b"\\c.py' if os.name != "nt" else "a 'b'.py"
    return {
        "crlf": (crlf, replaced("crlf.py", crlf, ("old", "new"), ("A()", "B()"))),
        "latin": (latin, replaced("latin.py", latin, ("old", "né"), encoding="latin-1")),
        "no newline": (open_end, replaced("open.py", open_end, ("old", "new"))),
        "newline lost": (last, replaced("lost.py", last, ("from old import A\n", "from new import A"))),
        "newline won": (open_end, replaced("won.py", open_end, ("old import A", "new import A\n"))),
        "form feed": (form_feed, replaced("feed.py", form_feed, ("old", "new"))),
        "emptied": (text, replaced("emptied.py", text, ("from old import A\n", ""))),
        "space": (text, replaced("dir with space/my mod.py", text, ("old", "new"))),
        "unicode": (text, replaced("größe/模块.py", text, ("old", "new"))),
        "quote": (text, replaced(quote, text, ("old", "new"))),
        "new": (b"", added("fresh dir/new.py", "x = 1\ny = 2")),
        "new empty": (b"", added("fresh/__init__.py", "")),
        "deleted": (open_end, deleted("gone.py", open_end)),
        "deleted empty": (b"", deleted("gone empty.py", b"")),
    }


def test_git_makes_of_the_patch_what_the_plan_says(make_repo: MakeRepo) -> None:
    odd = odd_files()
    repo = make_repo({change.path: data for data, change in odd.values() if change.before is not None})
    patch = unified([change for _, change in odd.values()], {blob_id(data): data for data, _ in odd.values()})
    git(repo, "apply", "--check", "--whitespace=nowarn", data=patch)
    git(repo, "apply", "--index", "--whitespace=nowarn", data=patch)
    for data, change in odd.values():
        file = repo / change.path
        if change.after is None:
            assert not file.exists()
        else:
            assert file.read_bytes() == splice(data, change.edits, change.encoding), change.path
            assert git(repo, "rev-parse", f":{change.path}").decode().strip() == change.after


@st.composite
def files_with_edits(draw: st.DrawFn) -> tuple[bytes, FileChange]:
    text = draw(st.text("ab\n", max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    edits = [edit(start, text[start:stop], draw(st.text("xa\n", max_size=8))) for start, stop in pairs]
    return text.encode(), changed("m.py", text.encode(), *edits)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(files_with_edits())
def test_any_edits_of_any_lines_survive_git(case: tuple[bytes, FileChange]) -> None:
    data, change = case
    want = splice(data, change.edits, "utf-8")
    patch = unified([change], {blob_id(data): data})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "m.py")
        file.write_bytes(data)
        if b"@@ " in patch:
            git(Path(folder), "apply", "--whitespace=nowarn", data=patch)
            assert file.read_bytes() == want
        else:
            assert data == want
