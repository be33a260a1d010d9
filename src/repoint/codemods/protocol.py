"""What the planner and the process that runs codemods say to each other: values in, frames of bytes out, and back.

A frame is the length of its content, four bytes, big-endian, and the content, MessagePack.
"""

from __future__ import annotations

import struct
from typing import IO, TypeVar

import msgspec

from repoint.codemods.values import Outcome, Step, Subject
from repoint.model import Frozen

MAX_FRAME = 64 * 1024 * 1024
_HEAD = struct.Struct(">I")
_Value = TypeVar("_Value")


class Setup(Frozen, frozen=True):
    """The first frame to the process: the folder where modules are looked for first, the steps, the most memory that it
    may ever ask for, in bytes, and the seconds that it has to load them all."""

    folder: str
    steps: tuple[Step, ...]
    memory: int
    seconds: int


class Loaded(Frozen, frozen=True):
    """The answer to it, one frame for each step in turn: if it cannot run on any file, why, and how to mend it."""

    what: str = ""
    mend: str = ""


class Ask(Frozen, frozen=True):
    """Every other frame to the process: its number, a step by its position, a file, its limits in seconds and bytes."""

    number: int
    step: int
    subject: Subject
    seconds: int
    memory: int


class Answer(Frozen, frozen=True):
    """The answer to it, with its number, so that nothing that was written before can pass for it."""

    number: int
    outcome: Outcome


class Garbled(Exception):
    """What arrived is no frame, or none of the kind that is expected, or larger than a frame may be."""


def send(stream: IO[bytes], value: msgspec.Struct) -> None:
    """Write one frame, and flush. Raises OSError where nobody reads any longer."""
    content = msgspec.msgpack.encode(value)
    stream.write(_HEAD.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes], kind: type[_Value]) -> _Value | None:
    """Read one frame; None at the end of the stream. Raises Garbled."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (length,) = _HEAD.unpack(head)
    if length > MAX_FRAME:
        raise Garbled(f"an answer of {length} bytes, where {MAX_FRAME} are allowed")
    content = stream.read(length)
    if len(content) < length:
        return None
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Garbled(f"an answer that is none: {error}") from None
