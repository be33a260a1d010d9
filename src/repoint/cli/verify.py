"""`repoint verify`: takes a manifest and a repository, prints what can be shown of a migration that was made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.options import NoCache
from repoint.cli.output import print_blocks, print_errors, write_bytes
from repoint.cli.progress import progress
from repoint.cli.recovery import recover_if_interrupted
from repoint.cli.settings import Settings
from repoint.cli.signals import interruptible
from repoint.errors import Exit, UsageError

if TYPE_CHECKING:
    from repoint.model import Verification


def verify(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    base: Annotated[
        str | None, typer.Option(help="What it was before; by default, before its first commit.", metavar="REV")
    ] = None,
    rev: Annotated[
        str | None, typer.Option(help="What to verify; repoint/<name> or HEAD by default.", metavar="REV")
    ] = None,
    worktree: Annotated[bool, typer.Option("--worktree", help="Verify the files as they lie on disk.")] = False,
    runtime: Annotated[
        bool, typer.Option("--runtime", help="Import stubs and homes, and compare the objects. Runs their code.")
    ] = False,
    python: Annotated[Path | None, typer.Option(help="The Python for --runtime.", metavar="FILE")] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds for the imports of one stub.", min=0.1, metavar="SECONDS")
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    no_cache: NoCache = False,
) -> None:
    """Check a migration after the fact: a branch, or the working tree."""
    from repoint.verifying.runtime import RunTime
    from repoint.verifying.verify import VerifyRequest
    from repoint.verifying.verify import verify as run

    settings = ctx.ensure_object(Settings)
    if worktree and rev is not None:
        raise UsageError("--worktree and --rev name two things to verify", mend="leave one of them out")
    if note := recover_if_interrupted(repo):
        print(f"repoint: {note}", file=sys.stderr)
    how = RunTime(python, timeout) if runtime else None
    request = VerifyRequest(
        repo=repo, manifest=manifest, base=base, rev=rev, worktree=worktree, runtime=how, cache=not no_cache
    )
    with interruptible("nothing was written"), progress(quiet=settings.quiet) as watch:
        made = run(request, watch)
    _print(made, settings, as_json=as_json)
    if not made.proved:
        raise typer.Exit(Exit.NOT_PROVED)


def _print(made: Verification, settings: Settings, *, as_json: bool) -> None:
    from repoint.reporting.summary import PLACES
    from repoint.reporting.verification import verification, verification_json

    is_read = not (as_json or settings.quiet)
    if as_json:
        write_bytes(verification_json(made))
    elif is_read:
        print_blocks(verification(made, places=None if settings.verbose else PLACES))
    print_errors(made.findings, shown=is_read)
