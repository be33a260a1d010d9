"""`repoint check`: takes a manifest and a repository, exits 1 where a target is missed or a violation is new."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import deliver, deliver_blocks, write_file
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.errors import Exit, UsageError

if TYPE_CHECKING:
    from repoint.auditing.baseline import Baseline
    from repoint.manifest import Migration
    from repoint.measures import Checked


class Format(StrEnum):
    """How the outcome of a check is shown: what speaks against the commit, and nothing else."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Check this commit, not HEAD.", metavar="REV")] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Check what the next commit would hold.")] = False,
    worktree: Annotated[bool, typer.Option("--worktree", help="Check the files as they lie on disk.")] = False,
    diff: Annotated[
        str | None, typer.Option(help="Only what the files bring in that changed since this.", metavar="BASE")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Violations that are known; MANIFEST's .baseline.json.", metavar="FILE")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline; take off what is gone, add nothing.")
    ] = False,
    accept_new: Annotated[
        bool, typer.Option("--accept-new", help="With --update-baseline: add what is new, too.")
    ] = False,
    format: Annotated[Format, typer.Option(help="How to show what speaks against it.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="Write it there, not to stdout.", metavar="FILE")] = None,
    no_cache: NoCache = False,
    jobs: Jobs = None,
) -> None:
    """Hold a repository to its targets and its baseline, in CI."""
    from msgspec.structs import replace

    from repoint.auditing.check import check_changes, check_snapshot
    from repoint.cli.commits import named, opened
    from repoint.pipeline import read_manifest

    settings = ctx.ensure_object(Settings)
    _refuse_contradictions(diff, update=update_baseline, accept=accept_new)
    migration = read_manifest(manifest)
    file = baseline or manifest.with_suffix(".baseline.json")
    known = _read(file, migration, must_exist=baseline is not None and not update_baseline)
    with opened(repo, rev, worktree=worktree, staged=staged) as snapshot, progress(quiet=settings.quiet) as watch:
        if diff is not None:
            done = check_changes(migration, snapshot, diff, known, watch, jobs=jobs, cached=not no_cache)
        else:
            done = check_snapshot(migration, snapshot, known, watch, jobs=jobs, cached=not no_cache)
    done = replace(done, audit=named(done.audit, worktree=worktree, staged=staged))
    if update_baseline:
        done = _update(file, done, known, accept_new=accept_new, quiet=settings.quiet)
    _show(done, migration, file, format, out, settings)
    if not (done.passed or (update_baseline and not done.new)):
        raise typer.Exit(Exit.PENDING)


def _refuse_contradictions(diff: str | None, *, update: bool, accept: bool) -> None:
    if accept and not update:
        raise UsageError("--accept-new goes with --update-baseline", mend="give both, or none")
    if diff is not None and update:
        raise UsageError(
            "--diff looks at a part, of which no baseline can be written",
            mend="leave --diff out to update the baseline",
        )


def _read(file: Path, migration: Migration, *, must_exist: bool) -> Baseline | None:
    from repoint.auditing.baseline import load

    try:
        return load(file.read_bytes(), str(file), migration.name)
    except FileNotFoundError:
        if not must_exist:
            return None
        mend = "write one with --update-baseline, or correct the name"
        raise UsageError("no such baseline", where=str(file), mend=mend) from None
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(file), mend="name another file") from error


def _update(file: Path, done: Checked, known: Baseline | None, *, accept_new: bool, quiet: bool) -> Checked:
    """Write the baseline, and what is left to say after that."""
    from msgspec.structs import replace

    from repoint.auditing.baseline import baseline_of, dump, tightened

    violations = done.audit.violations
    adding = known is None or accept_new
    written = baseline_of(done.audit.name, violations) if known is None or accept_new else tightened(known, violations)
    if written != known:
        write_file(file, dump(written))
    if not quiet:
        count = sum(entry.count for entry in written.violations)
        print(f"repoint: the baseline {file} holds {count} violations", file=sys.stderr)
    return replace(done, gone=(), new=() if adding else done.new)


def _show(
    done: Checked, migration: Migration, file: Path, format: Format, out: Path | None, settings: Settings
) -> None:
    from repoint.reporting.audits import data, github, markdown, sarif
    from repoint.reporting.audits.verdict import PLACES, verdict
    from repoint.reporting.explanations import texts_for

    match format:
        case Format.TABLE:
            blocks = verdict(done, str(file), places=None if settings.verbose else PLACES)
            deliver_blocks(blocks, out, quiet=settings.quiet)
            return
        case Format.JSON:
            made = data.check_json(done)
        case Format.MARKDOWN:
            made = markdown.markdown_check(done, str(file))
        case Format.SARIF:
            made = sarif.sarif(done.audit, texts_for(migration), occurrences=done.new)
        case Format.GITHUB:
            made = github.github_check(done, str(file))
    deliver(made, out, quiet=settings.quiet)
