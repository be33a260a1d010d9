"""Takes what is recorded on a branch, or was taken back there, gives it as text for people or JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repoint.records import BranchLog, Recorded, Rollback, TakenBack
from repoint.reporting.layout import Block, Grid, Line, Tone, counted


def log(found: BranchLog) -> Iterator[Block]:
    """One table for each plan, in the order of its first commit."""
    if not found.batches:
        yield Line(f"Nothing was applied on {found.branch}.")
        return
    plans: dict[tuple[str, str], list[Recorded]] = {}
    for item in found.batches:
        plans.setdefault((item.migration, item.plan), []).append(item)
    for at, rows in enumerate(plans.values()):
        if at:
            yield Line()
        yield from _plan(rows, found.branch)


def _plan(rows: list[Recorded], branch: str) -> Iterator[Block]:
    standing = len({item.position for item in rows if item.state != "taken back"})
    figure = f"{counted(standing, 'batch', 'batches')} of {rows[0].total} applied"
    yield Line(f"{rows[0].migration} on {branch}: {figure}, plan {rows[0].plan[:12]}", Tone.STRONG)
    cells = tuple(
        (f"{item.position}/{item.total}", item.commit[:10], item.date[:10], item.author, item.subject, _state(item))
        for item in rows
    )
    yield Grid(("batch", "commit", "date", "author", "subject", "state"), cells, shrink=4)


def _state(item: Recorded) -> str:
    return f"{item.state} by {item.by[:10]}" if item.by else item.state


def log_json(found: BranchLog) -> bytes:
    """The same as one JSON object with a stable order of keys; ends with a newline."""
    return _json({"schema_version": 1, "branch": found.branch, "tip": found.tip, "batches": found.batches})


def ignore_revs(found: BranchLog) -> bytes:
    """Lines for `.git-blame-ignore-revs`: each commit with its subject above it, oldest first."""
    return "".join(f"# {item.subject}\n{item.commit}\n" for item in found.revisions).encode("utf-8")


def rollback(done: Rollback, git: str = "git") -> Iterator[Block]:
    """What was taken back, or would be, and how to get it back: by a command of `git`, as one calls it here."""
    if not done.taken:
        yield Line(f"Nothing to take back: no batch stands on {done.branch}.")
        return
    verb = "Would take back" if done.planned else "Took back"
    count = counted(sum(len(item.batches) for item in done.taken), "batch", "batches")
    if done.moved_back:
        how = f"by moving it back to {done.new[:10]}"
    else:
        how = "by commits that revert"
    yield Line(f"{verb} {count} on {done.branch}, {how}:", Tone.STRONG)
    has_reverts = any(item.revert for item in done.taken)
    header = ("batch", "commit", "subject", *(("reverted by",) if has_reverts else ()))
    yield Grid(header, tuple(_taken(item)[: len(header)] for item in done.taken), shrink=2)
    if not done.planned:
        yield Line()
        yield Line("To keep the state before that, under a name of your own:")
        yield Line(f"{git} branch NAME {done.old}", indent=2, exact=True)


def _taken(item: TakenBack) -> tuple[str, ...]:
    return (", ".join(item.batches), item.commit[:10], item.subject, item.revert[:10])


def rollback_json(done: Rollback) -> bytes:
    """The same as one JSON object with a stable order of keys; ends with a newline."""
    return _json({"schema_version": 1} | msgspec.structs.asdict(done))


def _json(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
