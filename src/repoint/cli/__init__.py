"""The command line: takes arguments, gives an exit code, with every failure told in one line on stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from repoint import __version__
from repoint.errors import Exit, GateFailed, Problem, RepointError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command (arguments from `sys.argv` by default) and return its exit code; never raises."""
    settings = None
    try:
        from repoint.cli.app import app
        from repoint.cli.settings import Settings
        from repoint.sources.environment import leave_hook

        leave_hook(os.environ)
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the locale cannot write
        settings = Settings()
        try:
            app(args=argv, prog_name="repoint", obj=settings)
        finally:
            sys.stdout.flush()
    except SystemExit as stop:
        return _exit_code(stop)
    except RepointError as error:
        for note in error.notes:
            print(f"repoint: {note}", file=sys.stderr)
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
        return _system_refuses(error, traced=settings is not None and settings.verbose)
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
    """`repoint … | head` is no failure."""
    from repoint.cli.output import leave_reader

    leave_reader()
    return Exit.DONE


def _system_refuses(error: OSError, *, traced: bool) -> int:
    """A full disk, a folder that may not be written: nothing of ours, wherever it comes to light."""
    _trace(error, traced=traced)
    if error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", None)):
        mend = "make room, then run the same command again"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        mend = "mend its permissions, then run the same command again"
    else:
        mend = "mend that, then run the same command again"
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
    print(f"repoint: error: {Problem(error.strerror or str(error), where, mend)}", file=sys.stderr)
    return Exit.REFUSED


def _trace(error: Exception, *, traced: bool) -> None:
    if traced or os.environ.get("REPOINT_TRACEBACK"):
        import traceback

        traceback.print_exception(error)


def _internal(error: Exception, *, traced: bool) -> int:
    _trace(error, traced=traced)
    what = " ".join(str(error).split())
    print(
        f"repoint: internal error: {type(error).__name__}: {what}; this is a fault of repoint {__version__}:"
        " please report it with the output of the same command under REPOINT_TRACEBACK=1",
        file=sys.stderr,
    )
    return Exit.INTERNAL
