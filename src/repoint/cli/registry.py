"""`repoint registry`: takes a manifest and a repository, writes the import registry as Markdown, or checks it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from repoint.cli.options import Jobs, NoCache
from repoint.cli.output import write_bytes, write_file
from repoint.cli.progress import progress
from repoint.cli.settings import Settings
from repoint.errors import Exit, Problem, UsageError


def registry(
    ctx: typer.Context,
    manifest: Annotated[Path, typer.Argument(help="The migration, a TOML file.", metavar="MANIFEST")],
    repo: Annotated[Path, typer.Option(help="The git repository.", metavar="DIR")] = Path(),
    rev: Annotated[str | None, typer.Option(help="Of this commit, not of HEAD.", metavar="REV")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it there; to stdout by default.", metavar="FILE")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if --out is out of date.")] = False,
    no_cache: NoCache = False,
    jobs: Jobs = None,
) -> None:
    """Write the canonical paths down, as Markdown.

    For each governed symbol: its canonical path, its old ones with the phase of their removal, and an example.
    """
    from repoint.registry.make import RegistryRequest, make_registry
    from repoint.reporting.registry import markdown

    settings = ctx.ensure_object(Settings)
    if check and out is None:
        raise UsageError("--check has no file to look at", mend="name it by --out FILE")
    with progress(quiet=settings.quiet) as watch:
        request = RegistryRequest(repo=repo, manifest=manifest, rev=rev, jobs=jobs, cache=not no_cache)
        made = make_registry(request, watch)
    text = markdown(made).encode("utf-8")
    if out is None:
        write_bytes(text)
        return
    there = _read(out)
    if check:
        if there is None or _plain(there) != text:
            what = "is missing" if there is None else "is not what the manifest and the code say now"
            print(f"repoint: {Problem(what, str(out), f'run {_renewal(manifest, repo, rev, out)}')}", file=sys.stderr)
            raise typer.Exit(Exit.PENDING)
    elif there is None or _plain(there) != text:
        write_file(out, _with_line_ends(text, there))


def _read(path: Path) -> bytes | None:
    """What is in the file; None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), mend="name another file") from error


def _plain(data: bytes) -> bytes:
    """The text without what an editor or git's `autocrlf` adds."""
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _with_line_ends(text: bytes, there: bytes | None) -> bytes:
    """The text with the line ends that the file has so far."""
    return text.replace(b"\n", b"\r\n") if there is not None and b"\r\n" in there else text


def _renewal(manifest: Path, repo: Path, rev: str | None, out: Path) -> str:
    """The command that writes the file anew."""
    words = ["repoint", "registry", str(manifest)]
    words += ["--repo", str(repo)] if repo != Path() else []
    words += ["--rev", rev] if rev is not None else []
    return shlex.join([*words, "--out", str(out)])
