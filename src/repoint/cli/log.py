"""`repoint log`: takes a branch, prints the batches that were applied there, as its commits tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from repoint.cli.output import print_blocks, write_bytes
from repoint.cli.recovery import recover_if_interrupted
from repoint.errors import UsageError


def log(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A plan file, a branch, a migration's name, or a commit; the branch that is worked on by default.",
            metavar="[TARGET]",
            show_default=False,
        ),
    ] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    ignore_revs: Annotated[
        bool, typer.Option("--ignore-revs", help="Print lines for .git-blame-ignore-revs instead.")
    ] = False,
) -> None:
    """List what was applied on a branch, and what was taken back."""
    from repoint.execution.log import read_log
    from repoint.reporting import trail

    if as_json and ignore_revs:
        raise UsageError("--json and --ignore-revs are two forms", mend="leave one of them out")
    if note := recover_if_interrupted(repo):
        print(f"repoint: {note}", file=sys.stderr)
    found = read_log(repo, target)
    if found.cut:
        print(
            "repoint: this is a shallow clone: what was applied before its first commits is not told", file=sys.stderr
        )
    if ignore_revs:
        write_bytes(trail.ignore_revs(found))
    elif as_json:
        write_bytes(trail.log_json(found))
    else:
        print_blocks(trail.log(found))
