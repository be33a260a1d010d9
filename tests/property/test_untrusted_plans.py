"""A plan file is a stranger's: whatever stands in it, it loads as a plan that stays inside the tree, or is refused."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from repoint.errors import UsageError
from repoint.model import Plan
from repoint.planning.plan_file import dump, load
from tests.builders import added, batch, deleted, finding, plan, replaced

PROFILE = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DATA = b"from old import Old\nOld()\n"
GOOD = plan(
    batch(1, replaced("pkg/a.py", DATA, ("old import Old", "new import New"), ("Old()", "New()"))),
    batch(2, added("pkg/caf\u00e9.py", "x = '\u00e9'\n"), deleted("old.py", b"y = 1\n"), title="stubs"),
    findings=(finding(),),
)
RAW: dict[str, Any] = json.loads(dump(GOOD))
RAW["ground"] |= {"homes": [{"path": "pkg/new.py", "blob": "1" * 40, "names": ["New"]}], "old": ["old.Old"]}

PARTS = st.sampled_from(
    [
        *("..", ".", "", "a", "A", "b.py", "\u00e9", "e\u0301", "x" * 300, " ", "a.", "a ", "-x", "caf\u00e9.py"),
        *(
            ".git",
            ".GIT",
            ".gIt",
            ".git.",
            ".git ",
            "git~1",
            "GIT~1",
            ".git::$INDEX_ALLOCATION",
            ".gi\u200ct",
            ".\ufeffgit",
        ),
        *(
            "C:",
            "c:x",
            "\\\\host",
            "a\\b",
            "con",
            "NUL.py",
            "com1",
            "lpt\u00b9",
            "PROGRA~1",
            "a:b",
            "a\0",
            "a\n",
            "a\x1b[2J",
        ),
        *("\u202egnp.py", "\u2066x", "\u2028", "~", "*", "hooks"),
    ]
)
ONE_ODD_PART = st.builds(str.format, st.sampled_from(["{}", "a/{}", "{}/b.py", "a/{}/hooks/x"]), PARTS)
PATHS = ONE_ODD_PART | st.lists(PARTS, min_size=1, max_size=4).map("/".join) | PARTS.map(lambda part: f"/{part}")
TEXTS = (
    st.text(max_size=6)
    | PATHS
    | st.sampled_from(
        [
            *(
                "0" * 40,
                "F" * 40,
                "a" * 64,
                "HEAD",
                "--all",
                "100644",
                "120000",
                "160000",
                "040755",
                "utf-8",
                "latin-1",
            ),
            *("rot13", "zip", "hex", "punycode", "idna", "undefined", "utf-16", "utf-7", "../x", "-x", "@{-1}", "main"),
            *("refs/heads/main", "x\n\nRepoint-Batch: 9/9", "Repoint-Plan: 1", "this reverts commit 1", "\x1b[31m"),
            *("use", "import", "error", "x" * 5_000),
        ]
    )
)
NUMBERS = st.integers() | st.sampled_from([2**31, 2**53, 2**63, 2**64, -1, -(2**63) - 1, 10**400])
HOSTILE = TEXTS | NUMBERS | st.none() | st.booleans() | st.floats() | st.just([]) | st.just({}) | st.just([[[[]]]])


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, part in inner for place in places(part, (*at, key)))]


PLACES = places(RAW)[1:]
WRITTEN = [at for at in PLACES if at[-1] == "path" and at[0] == "batches"]


def put(document: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value at a place; where an earlier one took the place away, as it is."""
    if not at:
        return value
    if isinstance(document, dict) and at[0] in document:
        return document | {at[0]: put(document[at[0]], at[1:], value)}
    if isinstance(document, list) and isinstance(at[0], int) and at[0] < len(document):
        return [put(part, at[1:], value) if n == at[0] else part for n, part in enumerate(document)]
    return document


def value_at(document: Any, at: tuple[str | int, ...]) -> Any:
    for key in at:
        document = document[key]
    return document


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """The file of a good plan with some values put in the place of others."""
    document: Any = RAW
    for at in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2)):
        alike = {str: TEXTS, int: NUMBERS}.get(type(value_at(RAW, at)), HOSTILE)
        document = put(document, at, draw(alike if draw(st.integers(0, 9)) else HOSTILE))
    if not draw(st.integers(0, 3)):
        document = put(document, draw(st.sampled_from(WRITTEN)), draw(PATHS))
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """The bytes of a good plan, cut, flipped, doubled or in another encoding."""
    data = bytearray(dump(GOOD))
    at = draw(st.integers(0, len(data) - 1))
    match draw(st.sampled_from(["cut", "flip", "insert", "double", "encode"])):
        case "cut":
            del data[at:]
        case "flip":
            data[at] ^= 1 << draw(st.integers(0, 7))
        case "insert":
            data[at:at] = draw(st.sampled_from([b"\0", b"\xff", b"\xed\xa0\x80", b'"', b"{", b"[" * 5_000, b"\\ud800"]))
        case "double":
            lines = bytes(data).splitlines(keepends=True)
            line = at % len(lines)
            data = bytearray(b"".join([*lines[: line + 1], *lines[line:]]))
        case _:
            encoding = draw(st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp037"]))
            data = bytearray(data.decode().replace("\u00e9", "e").encode(encoding))
    return bytes(data)


def judged(data: bytes) -> Plan | None:
    """The plan, or None where it is refused as it should be."""
    try:
        return load(data, "my.json")
    except UsageError as refusal:
        line = str(refusal)
        note(line)
        assert len(line.splitlines()) == 1 and len(line) < 5_000
        assert line.startswith("my.json: ")
        assert not any(is_dangerous(letter) for letter in line)
        return None


def is_dangerous(letter: str) -> bool:
    """By Unicode's own tables: controls, line separators, and what changes the direction of writing."""
    changes_direction = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return (
        unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs")
        or unicodedata.bidirectional(letter) in changes_direction
    )


def check(made: Plan) -> None:
    """What every plan that was let through keeps to; says it in other words than the code does."""
    assert load(dump(made), "") == made
    changes = [change for one in made.batches for change in one.files]
    for path in (*(change.path for change in changes), *(home.path for home in made.ground.homes)):
        check_path(path)
    assert len({change.path for change in changes}) == len(changes)
    for change in changes:
        assert change.mode in ("100644", "100755")
        assert all(re.fullmatch("[0-9a-f]{40}", blob) for blob in (change.before, change.after) if blob is not None)
        ends = [0, *(offset for edit in change.edits for offset in (edit.start, edit.end))]
        assert ends == sorted(ends)
    for one in made.batches:
        assert one.files
        for text in (one.id, one.title, one.message, made.name):
            assert text.strip() and not any(is_dangerous(letter) for letter in text)
        assert not one.message.lower().lstrip().startswith(("repoint-", "this reverts"))


def check_keys(pairs: list[tuple[str, object]]) -> None:
    assert len(dict(pairs)) == len(pairs)


def check_path(path: str) -> None:
    assert not PurePosixPath(path).is_absolute()
    windows = PureWindowsPath(path)
    assert not windows.anchor and windows.as_posix() == path == PurePosixPath(path).as_posix()
    assert not any(is_dangerous(letter) for letter in path)
    for part in windows.parts:
        bare = "".join(letter for letter in part if unicodedata.category(letter) != "Cf")
        assert bare.upper().rstrip(". ") not in ("", ".GIT", "GIT~1")
        assert part[-1] not in ". " and len(part.encode()) <= 255


@settings(PROFILE, max_examples=400)
@given(data=documents())
def test_any_value_in_any_place(data: bytes) -> None:
    made = judged(data)
    if made:
        check(made)
        json.loads(data, object_pairs_hook=check_keys)


@PROFILE
@given(data=spoilt())
def test_spoilt_bytes(data: bytes) -> None:
    made = judged(data)
    if made:
        check(made)
        json.loads(data, object_pairs_hook=check_keys)


@PROFILE
@given(path=PATHS, mode=st.sampled_from(["add", "change"]))
@example(path="a.py", mode="add")
def test_any_path(path: str, mode: str) -> None:
    made = replaced(path, DATA, ("Old", "New")) if mode == "change" else added(path, "")
    through = judged(dump(plan(batch(1, made))))
    if through:
        check(through)


@PROFILE
@given(data=st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    assert judged(data) is None


def test_some_are_let_through() -> None:
    """Else the others would test nothing."""
    assert judged(json.dumps(RAW).encode()) is not None
    assert judged(dump(GOOD)) == GOOD
