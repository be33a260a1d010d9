"""Takes what a command has to say, puts it on the terminal, into a pipe or into a file."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from repoint.errors import UsageError

if TYPE_CHECKING:
    from repoint.model import Finding
    from repoint.reporting.layout import Block


def is_terminal() -> bool:
    """True when a person reads stdout."""
    return sys.stdout.isatty()


def has_colour() -> bool:
    """True when stdout understands escapes and the user wants them (NO_COLOR, TERM, Windows' old console)."""
    if not is_terminal():
        return False
    from rich.console import Console

    console = Console()
    return not console.no_color and console.color_system not in (None, "windows")


def print_blocks(blocks: Iterable[Block]) -> None:
    """Through Rich on a terminal, as plain text otherwise."""
    from repoint.reporting.layout import plain, print_rich

    if is_terminal():
        from rich.console import Console

        print_rich(blocks, Console())
    else:
        write_bytes(_encoded(plain(blocks)))


def deliver(data: bytes, out: Path | None, *, quiet: bool) -> None:
    """A document for programs or pages: to stdout, or into the file `out`, which is said."""
    if out is None:
        write_bytes(data)
        return
    write_file(out, data)
    if not quiet:
        print(f"repoint: written to {out}", file=sys.stderr)


def deliver_blocks(blocks: Iterable[Block], out: Path | None, *, quiet: bool) -> None:
    """A report for people: to stdout unless that is to be quiet, or into the file `out`, which is said."""
    from repoint.reporting.layout import plain

    if out is not None:
        deliver(_encoded(plain(blocks)), out, quiet=quiet)
    elif not quiet:
        print_blocks(blocks)


def git_in(repo: Path) -> str:
    """`git` as the user has to call it for this repository, from where they are."""
    return "git" if repo == Path() else f"git -C {shlex.quote(str(repo))}"


def print_errors(findings: Iterable[Finding], *, shown: bool) -> None:
    """Errors on stderr, one line each; not where what was `shown` has them in the same place."""
    from repoint.model import Severity

    if shown and is_terminal() and sys.stderr.isatty():
        return
    for finding in findings:
        if finding.severity is Severity.ERROR:
            print(finding, file=sys.stderr)


def print_paged(lines: Iterable[str], pager: str) -> None:
    """Through the pager (a command line as git configures it), or directly where there is none."""
    command = shlex.split(pager)
    program = shutil.which(command[0]) if command else None
    if program is None or command == ["cat"]:
        write_bytes(_encoded("".join(f"{line}\n" for line in lines)))
        return
    # What git sets for its own pager: leave short output on the screen, pass colours through.
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    with subprocess.Popen([program, *command[1:]], stdin=subprocess.PIPE, env=environment) as shown:
        assert shown.stdin is not None
        with suppress(BrokenPipeError), shown.stdin as stdin:  # the reader has seen enough
            for line in lines:
                stdin.write(_encoded(f"{line}\n"))


def _encoded(text: str) -> bytes:
    """A path that is not UTF-8 comes out as the bytes that it has."""
    return text.encode("utf-8", "surrogateescape")


def print_line(text: str) -> None:
    """To stdout at once. Where its reader is gone (`| head`), what is being done goes on in silence."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        leave_reader()


def leave_reader() -> None:
    """Nothing more goes to a stdout that nobody reads; the interpreter's own flush at exit does not complain either."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def write_bytes(data: bytes) -> None:
    """To stdout as they are: whatever the locale, no line end is translated and no byte is lost."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_file(path: Path, data: bytes) -> None:
    """Raises UsageError where the file cannot be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path), mend="name another file") from error
