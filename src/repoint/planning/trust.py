"""What is wrong with a plan beyond its types: takes a `Plan` of unknown origin, gives reasons not to trust it.

Everything here is linear in the size of the plan (but for sorting), and quotes of it no more than a line holds.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache

from repoint.errors import ACTING
from repoint.model import Batch, Edit, FileChange, Plan
from repoint.planning.paths import clashes, folded, new_path_problem, path_problem

MODES = ("100644", "100755")
MAX_LINE = 1_000  # characters of a name, a title or a commit's subject
MAX_OFFSET = 2**63 - 1
MAX_ROOTS = 1_000  # each file is looked for in each of them
MAX_SHOWN = 100  # characters of a quote

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")  # a manifest's, short enough for a file of git's refs
_CODEC = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# A subject like that would be read as a commit's trailer, or as the body of a revert.
_FORGED = re.compile(r"repoint-\w+\s*:|this reverts commit", re.IGNORECASE)
_ASCII = bytes((*b"\t\n\f\r", *range(0x20, 0x7F))) + rb"\u0041\x41\101+AEE-~{"


def problems(plan: Plan) -> Iterator[str]:
    """What is wrong, in the order of the file."""
    yield from _problems_of_head(plan)
    ids: set[str] = set()
    for batch in plan.batches:
        yield from _problems_of_batch(batch)
        if batch.id in ids:
            yield f"batch {_quoted(batch.id)} stands twice"
        ids.add(batch.id)
    changes = [change for batch in plan.batches for change in batch.files]
    for change in changes:
        yield from _problems_of_change(change, len(plan.base))
    yield from _collisions(changes)
    yield from _problems_of_ground(plan)


def _problems_of_head(plan: Plan) -> Iterator[str]:
    if not _NAME.fullmatch(plan.name):
        yield f"the name {_quoted(plan.name)} is no migration's: letters, digits, `.`, `_` and `-`, at most 200"
    if not _is_line(plan.tool):
        yield f"the tool {_quoted(plan.tool)} is not one line of text"
    if not _DIGEST.fullmatch(plan.manifest_digest):
        yield f"the manifest's digest {_quoted(plan.manifest_digest)} is no SHA-256"
    for item in plan.codemods:
        if not _is_line(item.id):
            yield f"the codemod {_quoted(item.id)} is not one line of text"
    for check in plan.proof:
        if plan.applicable and check.failed:
            yield f"it is called applicable, though the check {_quoted(check.name)} failed"
    if plan.applicable and plan.unsettled:
        yield f"it is called applicable, though {_quoted(plan.unsettled[0].module)} has names without a home"
    if not _OBJECT_ID.fullmatch(plan.base):
        yield f"base {_quoted(plan.base)} is no commit id"


def _problems_of_ground(plan: Plan) -> Iterator[str]:
    """What is only compared and told may do no harm either."""
    ground = plan.ground
    for home in ground.homes:
        if reason := path_problem(home.path):
            yield f"home {_quoted(home.path)} {reason}"
        if not (_OBJECT_ID.fullmatch(home.blob) and len(home.blob) == len(plan.base)):
            yield f"home {_quoted(home.path)}: {_quoted(home.blob)} is no blob id like the base commit's"
    if len(ground.roots) > MAX_ROOTS:
        yield f"it has more than {MAX_ROOTS} import roots"
    names = (name for home in ground.homes for name in home.names)
    for text in (*names, *ground.old, *ground.apart, *ground.roots):
        if not _is_line(text):
            yield f"{_quoted(text)} is no name"


def _problems_of_batch(batch: Batch) -> Iterator[str]:
    # A line break in a message could forge the trailers that the branch is read by.
    for field, text in (("id", batch.id), ("title", batch.title), ("message", batch.message)):
        if not _is_line(text):
            yield f"the {field} {_quoted(text)} of batch {_quoted(batch.id)} is not one line of text"
    if _FORGED.match(batch.message.strip()):
        yield f"the message {_quoted(batch.message)} of batch {_quoted(batch.id)} passes for a trailer of git's or ours"
    if not batch.files:
        yield f"batch {_quoted(batch.id)} has no files"
    yield from _problems_of_groups(batch)


def _problems_of_groups(batch: Batch) -> Iterator[str]:
    left = {change.path for change in batch.files}
    for path in (path for group in batch.groups for path in group):
        if path not in left:
            what = f"{_quoted(path)} stands in a group, and is no file of the batch or stands in another"
            yield f"batch {_quoted(batch.id)}: {what}"
        left.discard(path)


def _problems_of_change(change: FileChange, id_length: int) -> Iterator[str]:
    where = change.path if len(change.path) <= MAX_SHOWN else f"{change.path[:MAX_SHOWN]}..."
    if reason := path_problem(change.path) or (new_path_problem(change.path) if change.before is None else None):
        yield f"path {_quoted(change.path)} {reason}"
    if change.mode not in MODES:
        yield f"{where}: mode {_quoted(change.mode)} is no regular file's ({' or '.join(MODES)})"
    for blob in (change.before, change.after):
        if blob is not None and not (_OBJECT_ID.fullmatch(blob) and len(blob) == id_length):
            yield f"{where}: {_quoted(blob)} is no blob id like the base commit's"
    if change.before == change.after:
        yield f"{where}: changes nothing"
    if (reason := encoding_problem(change.encoding)) or (reason := _edits_problem(change)):
        yield f"{where}: {reason}"


@lru_cache(maxsize=64)
def encoding_problem(encoding: str) -> str | None:
    """Why no plan may name a codec, or None: what a person reads as ASCII must be just these bytes in the file.

    So `utf-16`, `utf-7`, EBCDIC and `unicode_escape` are refused, and with them codecs that are no text encodings.
    """
    if not _CODEC.fullmatch(encoding):
        return f"unknown encoding {_quoted(encoding)}"
    text = _ASCII.decode("ascii")
    try:
        plain = text.encode(encoding) == _ASCII and _ASCII.decode(encoding) == text
    except UnicodeError:
        plain = False
    except (LookupError, ValueError):
        return f"unknown encoding {_quoted(encoding)}"
    return None if plain else f"in the encoding {_quoted(encoding)}, ASCII text is not what it looks like"


def misread(change: FileChange, data: bytes) -> str | None:
    """Why `data`, the file that a change gives, says something else than the plan tells of it, or None.

    Python goes by what the file itself declares; a file of another kind is read as UTF-8.
    """
    read = "utf-8"
    if change.path.endswith((".py", ".pyi")):
        head = b"\n".join(re.split(rb"\r\n|\r|\n", data, maxsplit=2)[:2])  # a declaration stands in these two lines
        try:
            read = tokenize.detect_encoding(io.BytesIO(head).readline)[0].removesuffix("-sig")
        except SyntaxError as error:
            return f"it could not be read: {error}"
    if codecs.lookup(read).name == codecs.lookup(change.encoding).name:
        return None
    try:
        if data.decode(read) == data.decode(change.encoding):
            return None
    except UnicodeError:
        pass
    return f"it would be read in the encoding {_quoted(read)}, and the plan tells it in {_quoted(change.encoding)}"


def _edits_problem(change: FileChange) -> str | None:
    if not _in_order(change.edits):
        return "its edits overlap or are out of order"
    for edit in change.edits:
        try:
            before, _ = edit.before.encode(change.encoding), edit.after.encode(change.encoding)
        except UnicodeError:
            return f"the text of its edit at {edit.start} cannot be in {change.encoding}"
        if len(before) != edit.end - edit.start:
            return f"its edit at {edit.start} replaces {edit.end - edit.start} bytes, but tells {len(before)}"
        if change.before is None and edit.end:
            return f"its edit at {edit.start} replaces text of a file that is not there"
    return None


def _in_order(edits: tuple[Edit, ...]) -> bool:
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= MAX_OFFSET:
            return False
        at = edit.end
    return True


def _collisions(changes: list[FileChange]) -> Iterator[str]:
    """A path may stand in one batch only, and none may be the folder of another.

    Nor may a file that the plan creates be one with another, or its folder, where letter case or the way that accents
    are written is ignored: git would write the one through the other. Two files that are tracked already may.
    """
    for other, path in clashes((change.path, change.path, True) for change in changes):
        if other == path:
            yield f"path {_quoted(path)} stands twice"
        else:
            yield f"path {_quoted(path)} lies below file {_quoted(other)}"
    for other, path in clashes((folded(change.path), change.path, change.before is None) for change in changes):
        yield f"paths {_quoted(other)} and {_quoted(path)}, one of them new, are the same on some file systems"


def _is_line(text: str) -> bool:
    """True for one line of text that stands where it is printed."""
    return len(text) <= MAX_LINE and bool(text.strip()) and not ACTING.search(text)


def _quoted(text: str) -> str:
    """For messages: a text of the plan, as Python writes it, with whatever cannot be printed escaped."""
    return repr(text) if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]!r}..."
