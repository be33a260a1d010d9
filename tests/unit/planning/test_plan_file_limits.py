"""Reading a plan file costs what is told, whatever is in the file and whatever the file is."""

from __future__ import annotations

import os
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from repoint.errors import UsageError
from repoint.planning import plan_file
from repoint.planning.plan_file import MAX_BYTES, dump, load, read
from tests.builders import added, batch, plan

GOOD = dump(plan(batch(1, added("a.py", "x"))))


def with_old(texts: bytes) -> bytes:
    """A plan with a list of texts, laid out by another hand."""
    return GOOD.replace(b'"old": []', b'"old": ["."' + texts + b"]")


def with_key(line: bytes) -> bytes:
    return GOOD.replace(b' "tool"', line + b'\n "tool"')


@pytest.mark.parametrize(
    "line",
    [b' "tool": "a",', b' "tool" \t: "\\"tool\\":",', b' "t\\u006fol": "a",'],
    ids=["twice", "spaces", "escape"],
)
def test_no_key_stands_twice(line: bytes) -> None:
    with pytest.raises(UsageError, match="stands twice in one object, or is written with an escape"):
        load(with_key(line), "")


@pytest.mark.parametrize(
    "text",
    ['"tool": {', r'\"tool\": "', "}{", "a\\", r"\\\"", r"\\"],
)
def test_what_looks_like_a_key_in_a_text_is_none(text: str) -> None:
    made = plan(batch(1, added("a.py", f"{text}\n")))
    assert load(dump(made).replace(b"\n ", b"\n"), "") == made


def test_same_keys_in_other_objects(tmp_path: Path) -> None:
    made = plan(*(batch(number, added(f"{number}.py", "")) for number in range(3)))
    assert load(dump(made).replace(b"\n", b"\r\n\t"), "") == made


def test_as_many_values_as_a_plan_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "MAX_COMMAS", GOOD.count(b","))
    assert load(GOOD, "")
    with pytest.raises(UsageError, match=r"has more than \d+ values; use smaller migrations"):
        load(with_old(b',"a"'), "")


@pytest.mark.parametrize(
    ("data", "times"),
    [
        (with_old(b',"a"' * 100_000), 20),  # the worst: tiny values
        (with_old(',"\U0001f600aaaaaaaaaa"'.encode() * 25_000), 13),
        (GOOD.replace(b'"0.1.0"', '"\U0001f600'.encode() + b"a" * 400_000 + b'"'), 10),
        (GOOD.replace(b'"0.1.0"', b'"' + b"\\n" * 200_000 + b'"'), 5),
        (b'{"schema_version":1,"x":' + b"[" * 400_000, 0.1),
        (b'{"schema_version":1' + b',"x":0' * 60_000 + b"}", 0.1),
    ],
    ids=["tiny texts", "wide texts", "one wide text", "escapes", "deep", "keys"],
)
def test_memory_is_bounded(data: bytes, times: float) -> None:
    """Beside the file's own bytes; at 64 MiB and 4 million values it comes to less than 1 GiB."""
    load(GOOD, "")
    tracemalloc.start()
    with suppress(UsageError):
        load(data, "")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < times * len(data)


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(GOOD)
    size = len(GOOD)
    monkeypatch.setattr(plan_file, "MAX_BYTES", size)
    assert read(path)
    real = os.fstat

    def then_grown(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("ab") as file:
            file.write(b" " * 10_000)
        return found

    monkeypatch.setattr(os, "fstat", then_grown)
    with pytest.raises(UsageError, match=f"has {size + 1} bytes, a plan has at most {size}"):
        read(path)


def test_a_gigabyte_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    monkeypatch.delattr(os, "open")
    with pytest.raises(UsageError, match=f"has 1073741824 bytes, a plan has at most {MAX_BYTES}; use smaller"):
        read(path)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    places = [tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        places += [tmp_path / "pipe", Path("/dev/zero")]
    for place in places:
        with pytest.raises(UsageError, match=r"is no regular file; name a plan file"):
            read(place)


def test_a_file_that_becomes_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes")
    path = tmp_path / "plan.json"
    path.write_bytes(GOOD)
    real = os.open

    def then_a_pipe(place: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return real(place, flags)

    monkeypatch.setattr(os, "open", then_a_pipe)
    with pytest.raises(UsageError, match="is no regular file"):
        read(path)
