"""The plan as a file: takes a `Plan`, gives bytes; takes bytes, gives a checked `Plan`.

A plan may come from somebody else, so nothing in it is believed: every path must lie inside the tracked tree.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from repoint.errors import UsageError
from repoint.model import SCHEMA_VERSION, Batch, Edit, FileChange, Plan, schema_of

MAX_BYTES = 256 * 1024 * 1024
MAX_PATH = 4096  # bytes; git and every file system stop well before
MODES = ("100644", "100755")

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# HFS+ ignores these when it compares names, so `.g\u200cit` is `.git` there (git's own list, utf8.c).
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_MEND = "make it again with `repoint plan`"


class _Head(msgspec.Struct):
    """What every version of the file has, read first."""

    schema_version: int


def dump(plan: Plan) -> bytes:
    """Indented JSON in the order of the fields, with a final newline: same plan, same bytes."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def digest(plan: Plan) -> str:
    """SHA-256, in hex, of the plan as `dump` writes it: its name in commit trailers."""
    return hashlib.sha256(dump(plan)).hexdigest()


def schema() -> dict[str, object]:
    """The JSON Schema of the file, for publication."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"repoint plan, version {SCHEMA_VERSION}",
        **schema_of(Plan),
    }


def read(path: Path) -> Plan:
    """The plan in a file. Raises UsageError for a file that cannot be read or is not a plan."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), mend=_MEND) from error
    if size > MAX_BYTES:
        raise _too_big(size, str(path))
    return load(data, str(path))


def load(data: bytes, where: str) -> Plan:
    """The plan in `data`; `where` names its source in errors.

    Raises UsageError for anything that is not a plan of this version or reaches outside the tracked tree.
    """
    if len(data) > MAX_BYTES:
        raise _too_big(len(data), where)
    try:
        version = msgspec.json.decode(data, type=_Head).schema_version
        if version != SCHEMA_VERSION:
            raise UsageError(
                f"is a plan of version {version}, this repoint reads version {SCHEMA_VERSION}",
                where=where,
                mend=_MEND,
            )
        plan = msgspec.json.decode(data, type=Plan)
        if dump(plan) != data:  # laid out by another hand: only then can a key stand there twice
            json.loads(data, object_pairs_hook=_no_key_twice)
    except RecursionError as error:
        raise UsageError("is no plan: nested too deep", where=where, mend=_MEND) from error
    except (msgspec.MsgspecError, ValueError) as error:
        what = " ".join(str(error).split())
        raise UsageError(f"is no plan: {what}", where=where, mend=_MEND) from error
    for problem in _problems(plan):
        raise UsageError(f"is no plan that can be trusted: {problem}", where=where, mend=_MEND)
    return plan


def _too_big(size: int, where: str) -> UsageError:
    return UsageError(f"has {size} bytes, a plan has at most {MAX_BYTES}", where=where, mend="use smaller migrations")


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} stands twice in one object")
    return found


def _problems(plan: Plan) -> Iterator[str]:
    """What is wrong beyond the types, in the order of the file."""
    if not plan.name.strip() or _CONTROL.search(plan.name):
        yield f"the name {plan.name!r} is not one line of text"
    for check in plan.proof:
        if plan.applicable and check.failed:
            yield f"it is called applicable, though the check {check.name!r} failed"
    if plan.applicable and plan.unsettled:
        yield f"it is called applicable, though {plan.unsettled[0].module} has names without a home"
    if not _OBJECT_ID.fullmatch(plan.base):
        yield f"base {plan.base!r} is no commit id"
    ids: set[str] = set()
    for batch in plan.batches:
        yield from _problems_of_batch(batch)
        if batch.id in ids:
            yield f"batch {batch.id!r} stands twice"
        ids.add(batch.id)
    changes = [change for batch in plan.batches for change in batch.files]
    for change in changes:
        yield from _problems_of_change(change, len(plan.base))
    yield from _collisions([change.path for change in changes])
    yield from _problems_of_ground(plan)


def _problems_of_ground(plan: Plan) -> Iterator[str]:
    """What is only compared and told may do no harm either."""
    ground = plan.ground
    for home in ground.homes:
        if reason := path_problem(home.path):
            yield f"home {home.path!r} {reason}"
        if not (_OBJECT_ID.fullmatch(home.blob) and len(home.blob) == len(plan.base)):
            yield f"home {home.path}: {home.blob!r} is no blob id like the base commit's"
    names = (name for home in ground.homes for name in home.names)
    for text in (*names, *ground.old, *ground.apart, *ground.roots):
        if _CONTROL.search(text):
            yield f"{text!r} is no name"


def _problems_of_batch(batch: Batch) -> Iterator[str]:
    # A line break in a message could forge the trailers that the branch is read by.
    for field, text in (("id", batch.id), ("title", batch.title), ("message", batch.message)):
        if not text.strip() or _CONTROL.search(text):
            yield f"the {field} {text!r} of batch {batch.id!r} is not one line of text"
    if not batch.files:
        yield f"batch {batch.id!r} has no files"
    yield from _problems_of_groups(batch)


def _problems_of_groups(batch: Batch) -> Iterator[str]:
    left = {change.path for change in batch.files}
    for path in (path for group in batch.groups for path in group):
        if path not in left:
            yield f"batch {batch.id!r}: {path!r} stands in a group, and is no file of the batch or stands in another"
        left.discard(path)


def _problems_of_change(change: FileChange, id_length: int) -> Iterator[str]:
    if reason := path_problem(change.path):
        yield f"path {change.path!r} {reason}"
    if change.mode not in MODES:
        yield f"{change.path}: mode {change.mode!r} is no regular file's ({' or '.join(MODES)})"
    for blob in (change.before, change.after):
        if blob is not None and not (_OBJECT_ID.fullmatch(blob) and len(blob) == id_length):
            yield f"{change.path}: {blob!r} is no blob id like the base commit's"
    if change.before == change.after:
        yield f"{change.path}: changes nothing"
    if reason := _encoding_problem(change.encoding):
        yield f"{change.path}: {reason}"
    if not _in_order(change.edits):
        yield f"{change.path}: its edits overlap or are out of order"


def path_problem(path: str) -> str | None:
    """Why a path may not be written, or None: it must be a plain relative path on every file system.

    Source: git's `verify_path` with core.protectHFS and core.protectNTFS.
    """
    if not path or len(path.encode("utf-8")) > MAX_PATH:
        return "is empty or too long"
    if _CONTROL.search(path):
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash"
    if ":" in path:
        return "holds a colon (a drive or a stream on Windows)"
    if path.startswith("/"):
        return "is absolute"
    return next((reason for part in path.split("/") if (reason := _part_problem(part))), None)


def _part_problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "has an empty component, `.` or `..`"
    if part != part.rstrip(". "):
        return "has a component that ends in a dot or a space"
    if _IGNORED_BY_HFS.sub("", part).casefold() in (".git", "git~1"):
        return "lies in git's own directory"
    return None


def _encoding_problem(encoding: str) -> str | None:
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        return f"unknown encoding {encoding!r}"
    return None


def _in_order(edits: tuple[Edit, ...]) -> bool:
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end:
            return False
        at = edit.end
    return True


def _collisions(paths: list[str]) -> Iterator[str]:
    """A path may stand in one batch only, and none may be the folder of another."""
    known: set[str] = set()
    for path in paths:
        if path in known:
            yield f"path {path!r} stands twice"
        known.add(path)
    for path in paths:
        yield from (f"path {path!r} lies below file {head!r}" for head in folders_of(path) if head in known)


def folders_of(path: str) -> tuple[str, ...]:
    """`a/b/c.py` gives `a`, `a/b`."""
    parts = path.split("/")[:-1]
    return tuple("/".join(parts[: end + 1]) for end in range(len(parts)))
