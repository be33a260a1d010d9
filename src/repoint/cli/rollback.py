"""`repoint rollback`: takes a branch with batches, prints which of them it took back, and how to undo that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from repoint.cli.output import git_in, print_blocks, write_bytes
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.cli.signals import interruptible
from repoint.errors import UsageError


def rollback(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            help="A plan file, a branch, or a migration's name; the branch that is worked on by default.",
            metavar="[TARGET]",
            show_default=False,
        ),
    ] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    branch: Annotated[str | None, typer.Option(help="The branch, where it is another.", metavar="NAME")] = None,
    to: Annotated[
        str | None,
        typer.Option(help="The batch that stays, by its number or commit; all after it go.", metavar="BATCH"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Take back all batches, not the last one.")] = False,
    hard: Annotated[bool, typer.Option("--hard", help="Move the branch back, where nobody has its commits.")] = False,
    revert: Annotated[bool, typer.Option("--revert", help="Make revert commits, and do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    allow_protected: Annotated[bool, typer.Option("--allow-protected", help="On a protected branch, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Take batches back: the last one, all after a batch, or all.

    By commits that revert, the newest batch first; or, with --hard, by moving the branch back. All of it is taken back
    or nothing, and `repoint apply` commits it again.
    """
    from repoint.execution.rollback import RollbackOptions
    from repoint.execution.rollback import rollback as run
    from repoint.reporting import trail

    settings = ctx.ensure_object(Settings)
    if hard and revert:
        raise UsageError("--hard and --revert say two things", mend="leave one of them out")
    how: Literal["hard", "revert"] | None = "hard" if hard else "revert" if revert else None
    options = RollbackOptions(repo, target, branch, to, every, how, dry_run, allow_protected)
    is_asked = _is_interactive() and not settings.quiet
    with interruptible("nothing was taken back, or all that was asked for"), progress(quiet=settings.quiet) as watch:
        done = run(options, _ask if is_asked else None, watch)
    for note in done.notes:
        print(f"repoint: {note}", file=sys.stderr)
    if as_json:
        write_bytes(trail.rollback_json(done))
    elif not settings.quiet:
        print_blocks(trail.rollback(done, git_in(repo)))


def _is_interactive() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(where: str) -> bool:
    return typer.confirm(f"Nobody else has these commits. Move {where}, and make no reverts?", default=False, err=True)
