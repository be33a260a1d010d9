"""What the planner and the process that runs codemods say to each other: values in, frames of bytes out, and back.

A frame is the length of its content, four bytes, big-endian, and the content, MessagePack.
"""

from __future__ import annotations

import struct
from typing import IO, TypeVar

import msgspec

from repoint.codemods.values import Outcome, Step, Subject
from repoint.model import Frozen

MAX_ANSWER = 64 * 1024 * 1024
_HEAD = struct.Struct(">I")
_Value = TypeVar("_Value")


class Setup(Frozen, frozen=True):
    """The first frame to the process: the folder where modules are looked for first, the steps, and the most memory
    that it may ever ask for, in bytes."""

    folder: str
    steps: tuple[Step, ...]
    memory: int


class Fault(Frozen, frozen=True):
    """Why the step at `position` cannot run on any file, and how to mend it."""

    position: int
    what: str
    mend: str


class Ready(Frozen, frozen=True):
    """The answer to it: the steps that cannot run."""

    faults: tuple[Fault, ...]


class Ask(Frozen, frozen=True):
    """Every other frame to the process: a step by its position, a file, and its limits in seconds and bytes.

    The answer is an `Outcome`.
    """

    step: int
    subject: Subject
    seconds: int
    memory: int


class Garbled(Exception):
    """What arrived is no frame, or none of the kind that is expected, or larger than an answer may be."""


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
    if length > MAX_ANSWER:
        raise Garbled(f"an answer of {length} bytes, where {MAX_ANSWER} are allowed")
    content = stream.read(length)
    if len(content) < length:
        return None
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Garbled(f"an answer that is none: {error}") from None


__all__ = ["MAX_ANSWER", "Ask", "Fault", "Garbled", "Outcome", "Ready", "Setup", "receive", "send"]
