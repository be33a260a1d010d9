"""`repoint plan`: takes a manifest and a repository, writes the plan file, prints its summary."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.diff import patch_of
from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import print_blocks, print_errors, write_bytes, write_file
from repoint.cli.progress import progress
from repoint.cli.recovery import recover_if_interrupted
from repoint.cli.settings import Settings
from repoint.cli.signals import interruptible
from repoint.errors import Exit

if TYPE_CHECKING:
    from repoint.model import Plan
    from repoint.reporting.summary import NextSteps


def plan(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Plan from this commit, not from HEAD.", metavar="REV")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The plan file; <name>.plan.json by default.", metavar="FILE")
    ] = None,
    patch: Annotated[Path | None, typer.Option(help="Write the unified diff there, too.", metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if there is anything to change, 0 if not.")] = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
) -> None:
    """Write every change of a migration to a file, for review."""
    from repoint.pipeline import PlanRequest, make_plan
    from repoint.planning.plan_file import dump
    from repoint.reporting.summary import NextSteps

    settings = ctx.ensure_object(Settings)
    if note := recover_if_interrupted(repo):
        print(f"repoint: {note}", file=sys.stderr)
    with interruptible("nothing was written"), progress(quiet=settings.quiet) as watch:
        made = make_plan(PlanRequest(repo=repo, manifest=manifest, rev=rev, jobs=jobs, cache=not no_cache), watch)
    target = out or Path(f"{made.name}.plan.json")
    write_file(target, dump(made))
    if patch is not None:
        write_file(patch, patch_of(made, repo))
    steps = NextSteps(plan=str(target), manifest=str(manifest), repo=str(repo))
    _print(made, steps, settings, as_json=as_json)
    if not made.applicable:
        raise typer.Exit(Exit.NOT_PROVED)
    if check and made.batches:
        raise typer.Exit(Exit.PENDING)


def _print(made: Plan, steps: NextSteps, settings: Settings, *, as_json: bool) -> None:
    from repoint.reporting.summary import PLACES, summary, summary_json

    is_read = not (as_json or settings.quiet)
    if as_json:
        write_bytes(summary_json(made, steps.plan))
    elif is_read:
        print_blocks(summary(made, steps, places=None if settings.verbose else PLACES))
    print_errors(made.findings, shown=is_read)
