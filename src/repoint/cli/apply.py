"""`repoint apply`: takes a plan file and a repository, prints the commits that it made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.output import git_in, print_line
from repoint.cli.progress import Watch, progress
from repoint.cli.settings import Settings
from repoint.cli.signals import interruptible

if TYPE_CHECKING:
    from repoint.execution.apply import Applied, ApplyOptions
    from repoint.model import Batch, Plan

STAYS = "what was committed stays, the same command goes on from there"


def apply(
    ctx: typer.Context,
    plan: Annotated[Path, typer.Argument(help="The plan file.", show_default=False)],
    manifest: Annotated[
        Path | None,
        typer.Option(help="The manifest that the plan was made of, with its gates and formatters.", metavar="FILE"),
    ] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    branch: Annotated[
        str | None, typer.Option(help="The branch to commit to.", show_default="repoint/<name>", metavar="NAME")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="Commit these batches only: 3, 3-5, 1,4-6, or an id.", metavar="BATCHES")
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(help="Leave out these batches, or files that fit a glob; repeatable.", metavar="BATCHES|GLOB"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, print what would be committed, write nothing.")
    ] = False,
    date: Annotated[
        str | None, typer.Option(help="The date of the commits, for the same ids each time.", metavar="DATE")
    ] = None,
    no_gates: Annotated[
        bool, typer.Option("--no-gates", help="Run none of the manifest's commands: no gates, no formatters.")
    ] = False,
    run_hooks: Annotated[
        bool, typer.Option("--run-hooks", help="Run the repository's commit hooks, in a worktree of their own.")
    ] = False,
    allow_protected: Annotated[
        bool, typer.Option("--allow-protected", help="Commit to a protected branch, too.")
    ] = False,
) -> None:
    """Commit a plan, batch by batch, on a branch of its own.

    With --manifest, its [after] commands format each batch and its gates have to pass before the branch moves. What
    stops it leaves whole batches: the same command goes on with the next one. `repoint log` tells what stands,
    `repoint rollback` takes batches back.
    """
    from repoint.execution.apply import ApplyOptions
    from repoint.execution.apply import apply as run
    from repoint.planning.plan_file import read

    settings = ctx.ensure_object(Settings)
    loaded = read(plan)
    titles = _numbered(loaded)
    options = ApplyOptions(
        repo=repo,
        branch=branch,
        plan_file=plan,
        manifest=manifest,
        no_gates=no_gates,
        allow_protected=allow_protected,
        dry_run=dry_run,
        run_hooks=run_hooks,
        date=date,
    )

    def committed(batch: Batch, commit: str) -> None:
        if not settings.quiet:
            print_line(f"{commit[:10]}  {titles[batch.id]}")

    with interruptible(STAYS), progress(quiet=settings.quiet) as watch:
        if batch is not None or skip:
            loaded, options = _part(loaded, batch, tuple(skip or ()), options, watch)
        done = run(loaded, options, watch, committed)
    for note in done.notes:
        print(f"repoint: {note}", file=sys.stderr)
    if not settings.quiet:
        _print(loaded, done, repo)


def _part(
    plan: Plan, batch: str | None, skip: tuple[str, ...], options: ApplyOptions, watch: Watch
) -> tuple[Plan, ApplyOptions]:
    """The part that was asked for. What proves it is not imported for a whole plan, which needs none of it."""
    from repoint.applying import part_of

    part = part_of(plan, batch, skip, options, watch)
    for note in part.notes:
        print(f"repoint: {note}", file=sys.stderr)
    return part.plan, part.options


def _print(plan: Plan, done: Applied, repo: Path) -> None:
    if not plan.batches:
        print("Nothing to do: the plan has no batches.")
    elif done.already == len(plan.batches):
        print(f"Nothing to do: all {done.already} batches are on {done.branch}.")
    elif not done.commits and not done.pending:
        print(f"Nothing to do: these batches are on {done.branch}; {done.already} of {len(plan.batches)} are.")
    elif done.pending:
        _print_pending(plan, done)
    else:
        _print_next(plan, done, repo)


def _print_pending(plan: Plan, done: Applied) -> None:
    batches = {batch.id: batch for batch in plan.batches}
    titles = _numbered(plan)
    beside = f", beside the {done.already} that are there" if done.already else ""
    print(f"Would commit to {done.branch}, on {done.parent[:10]}{beside}:")
    for item in done.pending:
        files = len(batches[item.batch].files)
        shown = f"{item.commit}  " if item.commit else ""
        print(f"  {shown}{titles[item.batch]} ({files} file{'s' if files != 1 else ''})")


def _numbered(plan: Plan) -> dict[str, str]:
    """The title of each batch by its id, with its number: ` 3/12  tests/e2e`."""
    total = len(plan.batches)
    width = len(str(total))
    return {batch.id: f"{n:{width}}/{total}  {batch.title}" for n, batch in enumerate(plan.batches, start=1)}


def _print_next(plan: Plan, done: Applied, repo: Path) -> None:
    git = git_in(repo)
    count = f"{len(done.commits)} commit{'s' if len(done.commits) != 1 else ''} on {done.branch}"
    before = f" ({done.already} of {len(plan.batches)} batches were there already)" if done.already else ""
    print(f"\n{count}{before}. Next:")
    print(f"  {git} log --oneline {plan.base[:10]}..{done.branch}")
    if not done.followed:
        print(f"  {git} switch {done.branch}")
