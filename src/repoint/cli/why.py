"""`repoint why`: takes a place and a manifest or a plan, prints which rule changes or leaves it, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import print_blocks, write_bytes
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.cli.signals import interruptible


def why(
    ctx: typer.Context,
    place: Annotated[
        str, typer.Argument(help="PATH:LINE, or PATH:LINE:COLUMN as audit prints it.", metavar="PATH:LINE")
    ],
    manifest: Annotated[
        Path | None,
        typer.Argument(
            help="The migration, a TOML file: tells on what evidence.", metavar="[MANIFEST]", show_default=False
        ),
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="Tell by this plan, of its own commit.", metavar="FILE")] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="The file at this commit, not at HEAD.", metavar="REV")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    no_cache: NoCache = False,
    jobs: Jobs = None,
) -> None:
    """Say which rule changes or leaves a line, and why.

    Lines are those before the migration. PATH is looked for from the repository's top, and from here.
    """
    from repoint.explaining import view
    from repoint.explaining.why import WhyRequest, make_answer

    settings = ctx.ensure_object(Settings)
    request = WhyRequest(
        repo=repo,
        place=place,
        here=Path.cwd(),
        manifest=manifest,
        plan=plan,
        rev=rev,
        jobs=jobs,
        cache=not no_cache,
    )
    with interruptible("nothing was written"), progress(quiet=settings.quiet) as watch:
        answer = make_answer(request, watch)
    if as_json:
        write_bytes(view.as_json(answer))
    elif not settings.quiet:
        print_blocks(view.view(answer))
