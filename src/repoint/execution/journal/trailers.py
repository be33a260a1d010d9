"""What a commit says of itself: a batch and its stamp give a message, a message gives its marks, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repoint.model import Batch

_MARK = re.compile(
    r"^(?:"
    r"Repoint-(?P<key>Migration|Plan|Batch|Reverts|Formatted): (?P<value>.*)"
    r"|This reverts commit (?P<undone>[0-9a-f]{7,64})\b"
    r"(?:[^\n]*, reversing\r?\nchanges made to (?P<mainline>[0-9a-f]{7,64})\b)?"
    r")",
    re.MULTILINE,
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"([1-9][0-9]{0,8})/([0-9]{1,9})")


@dataclass(frozen=True)
class Stamp:
    """What a commit says of itself: which migration and plan (its digest), which batch, counted from 1."""

    migration: str
    plan: str
    position: int
    total: int

    @property
    def label(self) -> str:
        """`3/12`."""
        return f"{self.position}/{self.total}"


@dataclass(frozen=True)
class Brings:
    """A trailer: the commit holds a batch."""

    stamp: Stamp


@dataclass(frozen=True)
class Takes:
    """A trailer: the commit takes a batch back."""

    stamp: Stamp


@dataclass(frozen=True)
class Undoes:
    """git's own line: the commit reverts another one, perhaps named in short; of a merge, against `mainline`."""

    commit: str
    mainline: str


Mark = Brings | Takes | Undoes


def message(batch: Batch, stamp: Stamp, formatted: int = 0) -> bytes:
    """The commit message of a batch, as git stores it; `formatted` files are other than the plan has them."""
    files = len(batch.files)
    lines = (
        batch.message.strip(),
        "",
        f"{files} file{'s' if files != 1 else ''}",
        "",
        *([f"Repoint-Formatted: {formatted}"] if formatted else []),
        *_trailers("Batch", stamp),
        "",
    )
    return "\n".join(lines).encode("utf-8")


def revert_message(subject: str, commit: str, mainline: str, stamps: Sequence[Stamp]) -> bytes:
    """The message of a commit that reverts another one; `mainline` is what a merge is reversed to, else empty."""
    what = f"{commit}, reversing\nchanges made to {mainline}." if mainline else f"{commit}."
    trailers = (line for stamp in stamps for line in _trailers("Reverts", stamp))
    lines = (f'Revert "{subject}"', "", f"This reverts commit {what}", "", *trailers, "")
    return "\n".join(lines).encode("utf-8")


def _trailers(key: str, stamp: Stamp) -> Iterator[str]:
    yield f"Repoint-Migration: {stamp.migration}"
    yield f"Repoint-Plan: {stamp.plan}"
    yield f"Repoint-{key}: {stamp.label}"


def marks(text: str) -> tuple[tuple[Mark, ...], bool]:
    """What a message says of batches, and whether a formatter had its say in their files.

    A line counts only where it begins at the margin: what is quoted or indented is about another commit.
    """
    if "Repoint-" not in text and "This reverts commit" not in text:
        return (), False
    found: list[Mark] = []
    migration = plan = ""
    formatted = False
    for mark in _MARK.finditer(text):
        match mark["key"], (mark["value"] or "").rstrip(" \t\r"):
            case None, _:
                found.append(Undoes(mark["undone"], mark["mainline"] or ""))
            case "Migration", value:
                migration = value if value.isprintable() else ""
            case "Plan", value:
                plan = value if _DIGEST.fullmatch(value) else ""
            case "Formatted", _:
                formatted = True
            case key, value:
                if plan and (place := _PLACE.fullmatch(value)):
                    stamp = Stamp(migration, plan, int(place[1]), int(place[2]))
                    found.append(Brings(stamp) if key == "Batch" else Takes(stamp))
    return tuple(found), formatted
