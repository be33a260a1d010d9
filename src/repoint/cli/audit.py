"""`repoint audit`: takes a manifest and a repository, prints the figures and every place that they count."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import deliver, deliver_blocks, print_blocks
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.errors import UsageError

if TYPE_CHECKING:
    from repoint.manifest import Migration
    from repoint.measures import Audit


class Format(StrEnum):
    """How an audit is shown."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    GITHUB = "github"
    HTML = "html"


def audit(
    ctx: typer.Context,
    manifest: Annotated[
        Path | None, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST", show_default=False)
    ] = None,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Audit this commit, not HEAD.", metavar="REV")] = None,
    worktree: Annotated[bool, typer.Option("--worktree", help="Audit the files as they lie on disk.")] = False,
    format: Annotated[Format, typer.Option(help="How to show it.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="Write it there, not to stdout.", metavar="FILE")] = None,
    symbol: Annotated[
        str | None, typer.Option(help="Only this symbol, by its name or path, with all its places.", metavar="SYMBOL")
    ] = None,
    explain: Annotated[
        str | None, typer.Option(help="Say what a code means, and how to mend it.", metavar="CODE")
    ] = None,
    no_cache: NoCache = False,
    jobs: Jobs = None,
) -> None:
    """Count how governed symbols are imported, built and defined."""
    from repoint.auditing.audit import audit_snapshot
    from repoint.auditing.narrow import narrowed
    from repoint.cli.commits import named, opened
    from repoint.pipeline import read_manifest

    settings = ctx.ensure_object(Settings)
    if explain is not None:
        from repoint.reporting.explanations import blocks_for

        print_blocks(blocks_for(explain, read_manifest(manifest) if manifest is not None else None))
        return
    if manifest is None:
        raise UsageError("no manifest is named", mend="name a migration, a TOML file; `repoint init` writes one")
    migration = read_manifest(manifest)
    with opened(repo, rev, worktree=worktree) as snapshot, progress(quiet=settings.quiet) as watch:
        canonical = symbol is not None
        found = audit_snapshot(migration, snapshot, watch, jobs=jobs, cached=not no_cache, canonical=canonical)
    found = named(found, worktree=worktree)
    if symbol is not None:
        found = narrowed(found, symbol)
    show(found, migration, format, out, verbose=settings.verbose or symbol is not None, quiet=settings.quiet)


def show(found: Audit, migration: Migration, format: Format, out: Path | None, *, verbose: bool, quiet: bool) -> None:
    """Print an audit, or write it to a file. Services that list places get what is to be mended, unless `verbose`."""
    from msgspec.structs import replace

    from repoint.reporting.audits import data, github, markdown, page, sarif
    from repoint.reporting.audits.table import PLACES, table
    from repoint.reporting.explanations import texts_for

    match format:
        case Format.TABLE:
            deliver_blocks(table(found, None if verbose else PLACES), out, quiet=quiet)
            return
        case Format.JSON:
            made = data.json_bytes(found)
        case Format.MARKDOWN:
            made = markdown.markdown(found)
        case Format.SARIF:
            made = sarif.sarif(found, texts_for(migration), occurrences=None if verbose else found.violations)
        case Format.GITHUB:
            made = github.github(found if verbose else replace(found, occurrences=found.violations))
        case Format.HTML:
            made = page.html(found, texts_for(migration))
    deliver(made, out, quiet=quiet)
