"""`repoint prune`: takes a manifest and a repository, writes the plan that deletes unused stubs, prints what stays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.options import NoCache
from repoint.cli.output import print_blocks, print_errors, write_bytes, write_file
from repoint.cli.progress import progress
from repoint.cli.recovery import recover_if_interrupted
from repoint.cli.settings import Settings
from repoint.errors import Exit

if TYPE_CHECKING:
    from repoint.model import Pruning
    from repoint.reporting.summary import NextSteps


def prune(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Plan from this commit, not from HEAD.", metavar="REV")] = None,
    since: Annotated[
        str | None, typer.Option(help="Keep stubs changed after this day, tag or commit.", metavar="DATE|REV")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The plan file; <name>.prune.plan.json by default.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if there is a stub to prune, 0 if not.")] = False,
    no_cache: NoCache = False,
) -> None:
    """Plan the deletion of stubs that nothing uses any longer."""
    from repoint.planning.plan_file import dump
    from repoint.pruning import PruneRequest, make_pruning
    from repoint.reporting.summary import NextSteps

    settings = ctx.ensure_object(Settings)
    if note := recover_if_interrupted(repo):
        print(f"repoint: {note}", file=sys.stderr)
    with progress(quiet=settings.quiet) as watch:
        request = PruneRequest(repo=repo, manifest=manifest, rev=rev, since=since, cache=not no_cache)
        made = make_pruning(request, watch)
    target = out or Path(f"{made.plan.name.removesuffix('-prune')}.prune.plan.json")
    write_file(target, dump(made.plan))
    _print(made, NextSteps(plan=str(target), manifest=str(manifest), repo=str(repo)), settings, as_json=as_json)
    if not made.plan.applicable:
        raise typer.Exit(Exit.NOT_PROVED)
    if check and made.pruned:
        raise typer.Exit(Exit.PENDING)


def _print(made: Pruning, steps: NextSteps, settings: Settings, *, as_json: bool) -> None:
    from repoint.reporting.pruning import pruning, pruning_json
    from repoint.reporting.summary import PLACES

    is_read = not (as_json or settings.quiet)
    if as_json:
        write_bytes(pruning_json(made, steps.plan))
    elif is_read:
        print_blocks(pruning(made, steps, places=None if settings.verbose else PLACES))
    print_errors(made.plan.findings, shown=is_read)
