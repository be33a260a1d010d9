"""`repoint apply`: takes a plan file and a repository, prints the commits that it made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.progress import progress
from repoint.cli.settings import Settings

if TYPE_CHECKING:
    from repoint.execution.apply import Applied
    from repoint.model import Plan


def apply(
    ctx: typer.Context,
    plan: Annotated[Path, typer.Argument(help="The plan file.", show_default=False)],
    manifest: Annotated[
        Path | None, typer.Option(help="The manifest, which must be the one that the plan was made of.")
    ] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.")] = Path(),
    branch: Annotated[str | None, typer.Option(help="The branch to commit to.", show_default="repoint/<name>")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    no_gates: Annotated[bool, typer.Option("--no-gates", help="Do not run the manifest's gates.")] = False,
    allow_protected: Annotated[
        bool, typer.Option("--allow-protected", help="Commit to a protected branch, too.")
    ] = False,
) -> None:
    """Commit a plan, one commit for each batch, on a branch of its own."""
    from repoint.execution.apply import ApplyOptions
    from repoint.execution.apply import apply as run
    from repoint.planning.plan_file import read

    settings = ctx.ensure_object(Settings)
    loaded = read(plan)
    options = ApplyOptions(
        repo=repo,
        branch=branch,
        plan_file=plan,
        manifest=manifest,
        no_gates=no_gates,
        allow_protected=allow_protected,
        dry_run=dry_run,
    )
    with progress(quiet=settings.quiet) as watch:
        done = run(loaded, options, watch)
    for note in done.notes:
        print(f"repoint: {note}", file=sys.stderr)
    if not settings.quiet:
        _print(loaded, done, repo, dry_run=dry_run)


def _print(plan: Plan, done: Applied, repo: Path, *, dry_run: bool) -> None:
    titles = {batch.id: batch.title for batch in plan.batches}
    if not plan.batches:
        print("Nothing to do: the plan has no batches.")
        return
    if done.already == len(plan.batches):
        print(f"Nothing to do: all {done.already} batches are on {done.branch}.")
    elif done.already:
        print(f"{done.already} of {len(plan.batches)} batches were on {done.branch} already.")
    if dry_run and done.pending:
        print(f"Would commit to {done.branch}:")
        for batch in done.pending:
            print(f"  {titles[batch]}")
    for batch, commit in done.commits:
        print(f"{commit[:10]}  {titles[batch]}")
    if done.commits:
        _print_next(plan, done, repo)


def _print_next(plan: Plan, done: Applied, repo: Path) -> None:
    git = "git" if repo == Path() else f"git -C {repo}"
    print(f"\n{len(done.commits)} commit{'s' if len(done.commits) != 1 else ''} on {done.branch}. Next:")
    print(f"  {git} log --oneline {plan.base[:10]}..{done.branch}")
    if not done.followed:
        print(f"  {git} switch {done.branch}")
