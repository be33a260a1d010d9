"""Frames come back as they were sent; what is no frame is told from the end of the stream."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from repoint.codemods.protocol import MAX_FRAME, Answer, Ask, Garbled, Loaded, Setup, receive, send
from repoint.codemods.values import Fate, Outcome, Step, Subject
from repoint.manifest.schema import CodemodKind
from repoint.model import Frozen

STEP = Step(CodemodKind.LIBCST, "module:Class", {"names": ["a", 1, {"b": True}]})
VALUES = (
    Setup("/a folder", (STEP,), 1 << 40, 60),
    Loaded("it is not there", "put it there"),
    Ask(1 << 40, 0, Subject("x = 'ä'\r\n\0", "a.py", "a", ""), 30, 2 << 30),
    Answer(7, Outcome(Fate.DONE, "x = 1\n", warnings=("one", "\x1b"), printed="p")),
)


def frame(content: bytes) -> BytesIO:
    return BytesIO(struct.pack(">I", len(content)) + content)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was_sent(value: Frozen) -> None:
    stream = BytesIO()
    send(stream, value)
    send(stream, value)
    stream.seek(0)
    assert [receive(stream, type(value)) for _ in range(3)] == [value, value, None]


@pytest.mark.parametrize("cut", [1, 3, 4, 5, -1])
def test_a_frame_that_breaks_off_is_the_end(cut: int) -> None:
    stream = BytesIO()
    send(stream, VALUES[-1])
    assert receive(BytesIO(stream.getvalue()[:cut]), Answer) is None


@pytest.mark.parametrize(
    ("stream", "what"),
    [
        (BytesIO(b"garbage"), "an answer of 1734439522 bytes"),
        (BytesIO(struct.pack(">I", MAX_FRAME + 1)), f"where {MAX_FRAME} are allowed"),
        (frame(b"\xc1"), "an answer that is none"),
        (frame(b""), "an answer that is none"),
        (frame(b"\x82\xa6number\x01\xa7outcome\x81\xa4fate\xa4eaten"), "an answer that is none"),
        (frame(b"\x81\xa6number\xa1\xff"), "an answer that is none"),
        (frame(b"\xde" + b"\xff" * 2), "an answer that is none"),
        (frame(b"\x91" * 100_000 + b"\x01"), "an answer that is none"),
    ],
)
def test_what_is_no_answer_is_told(stream: BytesIO, what: str) -> None:
    with pytest.raises(Garbled, match=what):
        receive(stream, Answer)
