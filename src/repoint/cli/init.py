"""`repoint init`: takes a repository, writes a manifest that its code speaks for, prints how sure that is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import print_blocks, write_bytes, write_file
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.errors import Refused, UsageError

if TYPE_CHECKING:
    from repoint.proposing.values import Proposal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


def init(
    ctx: typer.Context,
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Look at this commit, not at HEAD.", metavar="REV")] = None,
    out: Annotated[Path, typer.Option(help="The manifest to write.", metavar="FILE")] = Path("migration.toml"),
    name: Annotated[str, typer.Option(help="The migration's name.", metavar="NAME")] = "canonical-imports",
    under: Annotated[
        list[str] | None,
        typer.Option(help="Only what moves from or to this package, folder or glob; more than once.", metavar="PLACE"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="This many homes that are known, and as many guessed.", min=1, metavar="N")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the proposal as JSON.")] = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
) -> None:
    """Propose a manifest from what the code says."""
    from repoint.proposing.run import InitRequest, propose

    settings = ctx.ensure_object(Settings)
    _check(out, name, force=force)
    request = InitRequest(repo, rev, name, tuple(under or ()), limit, str(out), jobs, not no_cache)
    with progress(quiet=settings.quiet) as watch:
        proposed = propose(request, watch)
    _check(out, name, force=force)
    write_file(out, proposed.data)
    _print(proposed.proposal, str(repo), settings, as_json=as_json)


def _check(out: Path, name: str, *, force: bool) -> None:
    """Raise for what would stop the manifest from being written."""
    if not _NAME.fullmatch(name):
        mend = "use letters, digits, `.`, `_` and `-`, 150 at the most"
        raise UsageError(f"--name {name!r} cannot be a branch's name", mend=mend)
    if out.exists() and not force:
        raise Refused("is there already", where=str(out), mend="name another file with --out, or give --force")
    if not out.parent.is_dir():
        raise UsageError("lies in no folder that exists", where=str(out), mend="make the folder, or name another file")


def _print(proposal: Proposal, repo: str, settings: Settings, *, as_json: bool) -> None:
    from repoint.proposing.summary import HOMES, summary, summary_json
    from repoint.reporting.summary import NextSteps

    if as_json:
        write_bytes(summary_json(proposal))
    elif not settings.quiet:
        steps = NextSteps(plan="", manifest=proposal.manifest, repo=repo)
        print_blocks(summary(proposal, steps, homes=None if settings.verbose else HOMES))
