"""The branch is the journal: takes the commits since the base, gives the batches of a plan that they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from repoint.execution.git import Git
from repoint.model import Batch

_PLAN = re.compile(r"^Repoint-Plan: ([0-9a-f]{64})$", re.MULTILINE)
_BATCH = re.compile(r"^Repoint-Batch: ([1-9][0-9]{0,8})/[0-9]+$", re.MULTILINE)
_REVERTED = re.compile(r"^This reverts commit ([0-9a-f]{40,64})", re.MULTILINE)


@dataclass(frozen=True)
class Stamp:
    """What a commit says of itself: which migration and plan (its digest), which batch, counted from 1."""

    migration: str
    plan: str
    position: int
    total: int


@dataclass(frozen=True)
class _Effect:
    """The batches that a commit brings, and those that it takes back."""

    brings: frozenset[int]
    takes: frozenset[int] = frozenset()


def message(batch: Batch, stamp: Stamp, formatted: int = 0) -> bytes:
    """The commit message of a batch, as git stores it; `formatted` files are other than the plan has them."""
    files = len(batch.files)
    lines = (
        batch.message.strip(),
        "",
        f"{files} file{'s' if files != 1 else ''}",
        "",
        f"Repoint-Migration: {stamp.migration}",
        f"Repoint-Plan: {stamp.plan}",
        *([f"Repoint-Formatted: {formatted}"] if formatted else []),
        f"Repoint-Batch: {stamp.position}/{stamp.total}",
        "",
    )
    return "\n".join(lines).encode("utf-8")


def applied(git: Git, base: str, tip: str, plan: str) -> frozenset[int]:
    """The positions (from 1) of the plan's batches on the branch: applied and not reverted since."""
    log = git.run(
        *(
            "log",
            "-z",
            "--first-parent",
            "--reverse",
            "--no-color",
            "--no-show-signature",
            "--encoding=UTF-8",
        ),
        *("--format=%H%n%B", f"{base}..{tip}", "--"),
    )
    standing: frozenset[int] = frozenset()
    effects: dict[str, _Effect] = {}
    for entry in log.decode("utf-8", "replace").split("\0"):
        commit, _, text = entry.partition("\n")
        effects[commit] = effect = _effect(text, plan, effects)
        standing = (standing | effect.brings) - effect.takes
    return standing


def _effect(text: str, plan: str, earlier: dict[str, _Effect]) -> _Effect:
    """A revert undoes the other commit, be it a revert itself; squashed commits keep all their trailers."""
    if (found := _REVERTED.search(text)) and (undone := earlier.get(found[1])):
        return _Effect(brings=undone.takes, takes=undone.brings)
    if plan not in _PLAN.findall(text):
        return _Effect(frozenset())
    return _Effect(frozenset(int(position) for position in _BATCH.findall(text)))
