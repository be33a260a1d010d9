"""The command line: takes arguments, gives an exit code, with every failure told in one line on stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from repoint import __version__
from repoint.errors import Exit, GateFailed, RepointError

_OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOMEM, errno.EMFILE),
    *(getattr(errno, name) for name in ("EDQUOT", "ENFILE", "ENAMETOOLONG") if hasattr(errno, name)),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command (arguments from `sys.argv` by default) and return its exit code; never raises."""
    settings = None
    try:
        from repoint.cli.app import app
        from repoint.cli.settings import Settings

        settings = Settings()
        try:
            app(args=argv, prog_name="repoint", obj=settings)
        finally:
            sys.stdout.flush()
    except SystemExit as stop:
        return _exit_code(stop)
    except RepointError as error:
        for line in error.output if isinstance(error, GateFailed) else ():
            print(f"  | {line}", file=sys.stderr)
        for problem in error.problems:
            print(f"repoint: error: {problem}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except OSError as error:
        return _system(error, traced=settings is not None and settings.verbose)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "repoint":
            return _internal(error, traced=settings is not None and settings.verbose)
        mend = "install repoint again, with its dependencies (in a checkout: make)"
        print(f"repoint: error: the package {error.name} is not installed; {mend}", file=sys.stderr)
        return Exit.USAGE
    except Exception as error:
        return _internal(error, traced=settings is not None and settings.verbose)
    return Exit.DONE


def _exit_code(stop: SystemExit) -> int:
    """The code of a finished command. Typer turns a broken pipe into exit 1: `pending` here."""
    if isinstance(stop.__context__, BrokenPipeError):
        return _reader_gone()
    return stop.code if isinstance(stop.code, int) else Exit.DONE


def _reader_gone() -> int:
    """`repoint … | head` is no failure. The interpreter's own flush at exit must not complain either."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
    return Exit.DONE


def _system(error: OSError, *, traced: bool) -> int:
    """The machine said no: a full disk, a folder that must not be written. Anything else is a fault of ours."""
    no_folder = (error.strerror or "").startswith("No usable temporary directory")
    if traced or not (error.errno in _OF_THE_MACHINE or no_folder):
        return _internal(error, traced=traced)
    where = f"{error.filename}: " if error.filename else ""
    what = "no temporary folder can be written" if no_folder else error.strerror
    mend = "mend that, then run the same command again: nothing is left half-done"
    print(f"repoint: error: {where}{what}; {mend}", file=sys.stderr)
    return Exit.REFUSED


def _internal(error: Exception, *, traced: bool) -> int:
    if traced or os.environ.get("REPOINT_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    what = " ".join(str(error).split())
    print(
        f"repoint: internal error: {type(error).__name__}: {what}; this is a fault of repoint {__version__}:"
        " please report it with the output of the same command under REPOINT_TRACEBACK=1",
        file=sys.stderr,
    )
    return Exit.INTERNAL
