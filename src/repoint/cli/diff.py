"""`repoint diff`: takes a plan file, shows its unified diff, or writes it for `git apply` when piped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.output import has_colour, is_terminal, print_blocks, print_paged, write_bytes
from repoint.errors import Refused

if TYPE_CHECKING:
    from repoint.model import FileChange, Plan
    from repoint.reporting.diff import FileDiff


def diff(
    plan: Annotated[Path, typer.Argument(help="A plan file.", metavar="PLAN")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    batch: Annotated[
        list[str] | None,
        typer.Option(help="Only these batches: 3, 3-5, 1,4-6, or an id; repeatable.", metavar="BATCHES"),
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(help="Only files that match; repeatable.", metavar="GLOB"),
    ] = None,
    stat: Annotated[bool, typer.Option("--stat", help="Show changed lines for each file instead.")] = False,
    pager: Annotated[bool, typer.Option(help="Page on a terminal, as git does.")] = True,
) -> None:
    """Show the diff of a plan; piped, it is a patch for `git apply`."""
    from repoint.planning.plan_file import read

    loaded = read(plan)
    diffs = file_diffs(chosen(loaded, batch or [], path or []), repo)
    if stat:
        from repoint.reporting.diff_view import stat as stat_table

        print_blocks(stat_table(list(diffs)))
    elif is_terminal():
        from repoint.reporting.diff_view import view

        print_paged(view(diffs, colour=has_colour()), pager=_pager(repo) if pager else "")
    else:
        write_bytes(b"".join([one.to_bytes() for one in diffs]))  # all or nothing: it may be piped to `git apply`


def chosen(plan: Plan, batches: list[str], globs: list[str]) -> list[FileChange]:
    """The files of these batches (empty: all) that match one of these globs, in the plan's order."""
    from repoint.manifest.globs import matches
    from repoint.planning.selection import named

    every = range(1, len(plan.batches) + 1)
    wanted = frozenset[int]().union(*(named(text, plan) for text in batches)) if batches else every
    return [
        file
        for at, batch in enumerate(plan.batches, 1)
        if at in wanted
        for file in batch.files
        if not globs or matches(file.path, tuple(globs))
    ]


def file_diffs(changes: list[FileChange], repo: Path) -> Iterator[FileDiff]:
    """The diffs of these changes, the blobs that they start from read from the repository at once.

    Raises Refused, when it comes to it, where a change does not fit its blob.
    """
    from repoint.reporting.diff import blobs_of, file_diff
    from repoint.sources.git import Git

    base = Git(repo).blobs(blobs_of(changes)) if changes else {}

    def fitting(change: FileChange) -> FileDiff:
        try:
            return file_diff(change, base)
        except ValueError as error:
            what = f"the plan does not fit the file: {error}"
            raise Refused(what, where=change.path, mend="plan again") from error

    return map(fitting, changes)


def patch_of(plan: Plan, repo: Path) -> bytes:
    """The unified diff of the whole plan."""
    return b"".join(one.to_bytes() for one in file_diffs(chosen(plan, [], []), repo))


def _pager(repo: Path) -> str:
    """The pager that git would use here: GIT_PAGER, core.pager, PAGER or its default."""
    from repoint.sources.git import Git

    return Git(repo).run("var", "GIT_PAGER").decode("utf-8", "replace").strip()
