"""`repoint history`: takes a manifest and a branch, prints the figures over its commits."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import deliver, deliver_blocks
from repoint.cli.progress import progress
from repoint.cli.settings import Settings


class Format(StrEnum):
    """How a history is shown."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def history(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="The branch; HEAD by default.", metavar="REV")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Commits after this one, or from this day on (2025-09-12, UTC).", metavar="REV|DATE"),
    ] = None,
    every: Annotated[int, typer.Option(help="Every so many commits, back from the last.", min=1, metavar="N")] = 1,
    format: Annotated[Format, typer.Option(help="How to show it.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="Write it there, not to stdout.", metavar="FILE")] = None,
    no_cache: NoCache = False,
    jobs: Jobs = None,
) -> None:
    """Show the figures of an audit over the commits of a branch."""
    from repoint.auditing.history import HistoryRequest
    from repoint.auditing.history import history as run
    from repoint.pipeline import read_manifest
    from repoint.reporting.audits import over_time
    from repoint.reporting.audits.data import history_json

    settings = ctx.ensure_object(Settings)
    request = HistoryRequest(repo, rev, since, every, jobs, not no_cache)
    with progress(quiet=settings.quiet) as watch:
        found = run(read_manifest(manifest), request, watch)
    match format:
        case Format.TABLE:
            deliver_blocks(over_time.history_table(found, every=settings.verbose), out, quiet=settings.quiet)
        case Format.CSV:
            deliver(over_time.history_csv(found), out, quiet=settings.quiet)
        case Format.JSON:
            deliver(history_json(found), out, quiet=settings.quiet)
