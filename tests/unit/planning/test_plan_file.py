"""The plan file: the same bytes for the same plan, and one clear line for anything that is no plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from repoint.errors import UsageError
from repoint.model import Check, FileChange, Ground, Plan
from repoint.planning import plan_file
from repoint.planning.paths import path_problem
from repoint.planning.plan_file import digest, dump, load, read, schema
from repoint.planning.trust import encoding_problem
from tests.builders import added, batch, deleted, edit, finding, plan, replaced

DATA = b"from old import Old\nOld()\n"


def small_plan() -> Plan:
    return plan(
        batch(1, replaced("pkg/a.py", DATA, ("old import Old", "new import New"), ("Old()", "New()"))),
        batch(2, added("pkg/caf\u00e9.py", "x = '\u00e9'\n"), deleted("old.py", b"y = 1\n"), title="stubs"),
        findings=(finding(),),
    )


def refusal(data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        load(data, "my.json")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edited(change: Callable[[Any], None]) -> bytes:
    """The bytes of a plan whose JSON was changed by hand."""
    raw = json.loads(dump(small_plan()))
    change(raw)
    return json.dumps(raw).encode()


def test_round_trip() -> None:
    assert load(dump(small_plan()), "") == small_plan()


def test_same_plan_same_bytes_laid_out_for_reading() -> None:
    data = dump(small_plan())
    assert data == dump(small_plan())
    assert data.startswith(b'{\n "schema_version": 1,\n "tool": ')
    assert data.endswith(b"}\n")


def test_another_layout_is_the_same_plan() -> None:
    laid_out = json.dumps(json.loads(dump(small_plan())), indent=4, sort_keys=True).encode()
    assert load(laid_out, "") == small_plan()
    assert digest(load(laid_out, "")) == digest(small_plan())


def test_digest_is_that_of_the_bytes() -> None:
    assert digest(small_plan()) == hashlib.sha256(dump(small_plan())).hexdigest()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "my.json: is no plan: Input data was truncated; make it again with `repoint plan`"),
        (b"name = 'case'", "is no plan: JSON is malformed"),
        (b"\xff\xfe{\x00", "is no plan: JSON is malformed"),
        (b'{"name": "\xff"}', "is no plan"),
        (b"[]", "is no plan: Expected `object`, got `array`"),
        (b"{}", "is no plan: Object missing required field `schema_version`"),
        (b'{"schema_version": "1"}', "is no plan: Expected `int`, got `str`"),
        (b'{"schema_version": 2}', "is a plan of version 2, this repoint reads version 1"),
        (b'{"schema_version": 1}', "is no plan: Object missing required field `tool`"),
        (b'{"schema_version": 2, "x": ' + b"[" * 200_000, "is no plan: nested too deep"),
        (b'{"schema_version": ' + b"1" * 10_000 + b"}", "is no plan"),
    ],
)
def test_what_is_no_plan(data: bytes, what: str) -> None:
    assert what in refusal(data)


def test_unknown_keys_and_wrong_types_name_their_place() -> None:
    assert "unknown field `command` - at `$.batches[0]`" in refusal(
        edited(lambda raw: raw["batches"][0].update(command="rm"))
    )
    assert "Expected `int`, got `str` - at `$.batches[0].files[0].edits[0].start`" in refusal(
        edited(lambda raw: raw["batches"][0]["files"][0]["edits"][0].update(start="0"))
    )
    assert "Invalid enum value 'shell' - at `$.batches[0].files[0].edits[0].kind`" in refusal(
        edited(lambda raw: raw["batches"][0]["files"][0]["edits"][0].update(kind="shell"))
    )


def test_groups_name_files_of_their_batch_each_once() -> None:
    def grouped(*groups: list[str]) -> bytes:
        return edited(lambda raw: raw["batches"][1].update(groups=list(groups)))

    assert load(grouped(["old.py", "pkg/caf\u00e9.py"]), "").batches[1].groups == (("old.py", "pkg/caf\u00e9.py"),)
    for groups in (["old.py", "pkg/a.py"], ["old.py", "old.py"]), (["old.py"], ["old.py"]):
        assert "stands in a group, and is no file of the batch or stands in another" in refusal(grouped(*groups))


def test_a_key_that_stands_twice() -> None:
    data = dump(small_plan()).replace(b'"name": "case",', b'"name": "case", "name": "other",')
    assert 'key "name" stands twice in one object' in refusal(data)


def test_too_big(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plan_file, "MAX_BYTES", 100)
    assert "a plan has at most 100" in refusal(dump(small_plan()))
    path = tmp_path / "plan.json"
    path.write_bytes(dump(small_plan()))
    with pytest.raises(UsageError, match=r"plan\.json: has \d+ bytes, a plan has at most 100"):
        read(path)


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(UsageError, match=r"plan\.json: cannot be read: No such file"):
        read(path)
    path.write_bytes(dump(small_plan()))
    assert read(path) == small_plan()


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "//host/share", "C:/x.py", "C:x.py", "pkg\\a.py", "..", "../x.py", "a/../x.py"),
        *(
            "./x.py",
            "a/./x.py",
            "a//x.py",
            "a/",
            ".git",
            ".git/config",
            ".GIT/config",
            "a/.git/hooks/x",
            ".gi\u200ct/x",
        ),
        *(
            "git~1/config",
            "GIT~1/x",
            ".git./x",
            ".git /x",
            ".git. ./x",
            ".git::$INDEX_ALLOCATION/x",
            "x.py:stream",
        ),
        *("x.py.", "x.py ", "a /x.py", "a\0b", "a\nb", "a\x7fb", "a\x85b", "a\u2028b", "x" * 5000),
    ],
)
def test_paths_that_leave_the_tracked_tree(path: str) -> None:
    assert path_problem(path)
    made = plan(batch(1, added(path, "")))
    assert "is no plan that can be trusted: path" in refusal(dump(made))


@pytest.mark.parametrize(
    "path", ["a.py", "pkg/a b.py", ".github/x.yml", ".gitignore", "git/x", "a/..b", "\u00e9.py", "-x"]
)
def test_paths_that_stay_inside(path: str) -> None:
    assert path_problem(path) is None


def change(**fields: object) -> FileChange:
    return msgspec.structs.replace(replaced("a.py", DATA, ("Old", "New")), **fields)


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (plan(batch(1, change(mode="120000"))), "a.py: mode '120000' is no regular file's"),
        (plan(batch(1, change(mode="160000"))), "a.py: mode '160000' is no regular file's"),
        (plan(batch(1, change(before="x" * 40))), "is no blob id like the base commit's"),
        (plan(batch(1, change(before="A" * 40))), "is no blob id like the base commit's"),
        (plan(batch(1, change(after="0" * 64))), "is no blob id like the base commit's"),
        (plan(batch(1, change(before=None, after=None))), "a.py: changes nothing"),
        (plan(batch(1, change(encoding="rot13"))), "a.py: unknown encoding 'rot13'"),
        (plan(batch(1, change(encoding="a\0b"))), "a.py: unknown encoding"),
        (plan(batch(1, change(edits=(edit(5, "a", ""), edit(4, "b", ""))))), "overlap or are out of order"),
        (plan(batch(1, change(edits=(edit(5, "ab", ""), edit(6, "b", ""))))), "overlap or are out of order"),
        (plan(batch(1, change(edits=(edit(-1, "a", ""),)))), "overlap or are out of order"),
        (plan(batch(1, change()), batch(2, change())), "path 'a.py' stands twice"),
        (plan(batch(1, change(), added("a.py/b.py", ""))), "path 'a.py/b.py' lies below file 'a.py'"),
        (plan(batch(1, change()), batch(1, added("b.py", ""))), "batch '01' stands twice"),
        (plan(batch(1)), "batch '01' has no files"),
        (plan(batch(1, change(), title="a\n\nRepoint-Batch: 9/9")), "of batch '01' is not one line of text"),
        (plan(batch(1, change(), title="")), "of batch '01' is not one line of text"),
        (
            plan(batch(1, change()), batch(2, added("A.PY", ""))),
            "paths 'A.PY' and 'a.py', one of them new, are the same",
        ),
        (plan(batch(1, change(), added("A.py/x", ""))), "'a.py' and 'A.py/x', one of them new, are the same"),
        (plan(batch(1, added("nul.py", ""))), "path 'nul.py' has a component that names a device"),
        (plan(batch(1, change(encoding="utf-16"))), "a.py: in the encoding 'utf-16', ASCII text is not what it looks"),
        (plan(batch(1, change(encoding="raw_unicode_escape"))), "ASCII text is not what it looks like"),
        (plan(batch(1, change(encoding="cp037"))), "ASCII text is not what it looks like"),
        (plan(batch(1, change(encoding="x" * 100_000))), "a.py: unknown encoding 'xxx"),
        (plan(batch(1, change(edits=(edit(5, "\u20ac", "", size=3),), encoding="latin-1"))), "cannot be in latin-1"),
        (plan(batch(1, change(edits=(edit(5, "ab", "", size=3),)))), "its edit at 5 replaces 3 bytes, but tells 2"),
        (plan(batch(1, change(edits=(edit(2**63, "", "x"),)))), "overlap or are out of order"),
        (plan(batch(1, change(before=None))), "replaces text of a file that is not there"),
        (plan(batch(1, change(), title="a\u202eb")), "the title 'a\\u202eb' of batch '01' is not one line of text"),
        (plan(batch(1, change(), title="a" * 1_001)), "of batch '01' is not one line of text"),
        (plan(batch(1, replace(change(), path="a" * 300))), "component of more than 255 bytes"),
        (plan(replace(batch(1, change()), message=" Repoint-Batch: 2/3")), "passes for a trailer of git's or ours"),
        (plan(replace(batch(1, change()), message="this Reverts commit 1")), "passes for a trailer of git's or ours"),
        (replace(plan(), name="x" * 300), "is no migration's"),
        (replace(plan(), tool="\x1b[2J"), "the tool '\\x1b[2J' is not one line of text"),
        (replace(plan(), manifest_digest="0"), "the manifest's digest '0' is no SHA-256"),
        (replace(plan(), ground=Ground(roots=("a",) * 1_001)), "more than 1000 import roots"),
        (replace(plan(), ground=Ground(old=("",))), "'' is no name"),
        (replace(plan(batch(1, change())), proof=(Check("parses", 3, 1),)), "though the check 'parses' failed"),
        (plan(batch(1, change()), base="HEAD"), "base 'HEAD' is no commit id"),
        (plan(batch(1, change()), base="--all"), "base '--all' is no commit id"),
        (msgspec.structs.replace(plan(), name="a\nRepoint-Plan: x"), "is no migration's"),
    ],
)
def test_what_cannot_be_trusted(made: Plan, what: str) -> None:
    assert what in refusal(dump(made))


def test_files_that_differ_in_case_may_both_be_edited() -> None:
    upper = replaced("A.py", DATA, ("Old", "New"))
    made = plan(batch(1, change(), upper, replaced("AUX.py", DATA, ("Old", "New"))))
    assert load(dump(made), "") == made


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "iso-8859-15", "cp1252", "euc-jp", "shift_jis", "koi8-r", "gb18030"]
)
def test_encodings_of_python_files(encoding: str) -> None:
    assert encoding_problem(encoding) is None


def test_a_refusal_is_a_line_that_can_be_printed() -> None:
    told = refusal(dump(small_plan()).replace(b'"name"', '"\u202e'.encode() + b"x" * 1_000_000 + b'"'))
    assert "unknown field `<202e>xxx" in told
    assert len(told) < 3_000


def test_insertions_at_one_place_are_in_order() -> None:
    made = plan(batch(1, change(edits=(edit(0, "", "a"), edit(0, "", "b"), edit(0, "from", "")))))
    assert load(dump(made), "") == made


def test_schema_describes_the_file() -> None:
    published = schema()
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    definitions = published["$defs"]
    assert isinstance(definitions, dict)
    assert set(definitions["Plan"]["properties"]) == set(json.loads(dump(small_plan())))
    assert definitions["Plan"]["additionalProperties"] is False
