"""`repoint codemod new`: takes a name, writes a codemod and its test, prints the table that makes it a step."""

from __future__ import annotations

import re
import shlex
import sys
from keyword import iskeyword
from pathlib import Path
from typing import Annotated, Literal

import typer

from repoint.cli.settings import Settings
from repoint.errors import Refused, UsageError

codemod = typer.Typer(no_args_is_help=True, help="Codemods of your own, which a plan runs as steps.")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


@codemod.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Its module, such as rename_helper.", metavar="NAME")],
    kind: Annotated[Literal["libcst", "bowler"], typer.Option(help="What it is written for.")] = "libcst",
    folder: Annotated[Path, typer.Option("--dir", help="The manifest's folder.", metavar="DIR")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files.")] = False,
) -> None:
    """Write a small codemod that works, and its test."""
    from repoint.codemods.scaffold import scaffold
    from repoint.manifest.schema import CodemodKind

    module, test = folder / f"{name}.py", folder / f"test_{name}.py"
    _check(name, module, test, force=force)
    made = scaffold(name, CodemodKind(kind))
    _write({module: made.codemod, test: made.test})
    if not ctx.ensure_object(Settings).quiet:
        print(f"written to {module}; its test passes as it is:\n\n    python -m pytest {shlex.quote(str(test))}\n")
        print(f"To make it a step, put this into the manifest in that folder:\n\n{made.table}", end="")


def _check(name: str, module: Path, test: Path, *, force: bool) -> None:
    """Raise for what would stop the files from being written, or be broken by them."""
    if not _NAME.fullmatch(name) or iskeyword(name):
        mend = "use letters, digits and `_`, a letter first, 100 at the most, and no keyword"
        raise UsageError(f"{name!r} cannot be a module's name", mend=mend)
    if not module.parent.is_dir():
        raise UsageError("is no folder", where=str(module.parent), mend="make it, or name another one with --dir")
    if hidden := _hidden_by(name, module):
        what = f"a module called {name} would hide {hidden} from whatever imports that"
        raise UsageError(what, mend="give it another name")
    for path in (module, test):
        if path.is_dir():
            raise Refused("is a folder", where=str(path), mend="give another name")
        if path.exists() and not force:
            raise Refused("is there already", where=str(path), mend="give another name, or --force")


def _hidden_by(name: str, module: Path) -> str:
    """What can be imported by this name today, the file to be written aside; empty where nothing can."""
    from importlib.util import find_spec

    if name in sys.stdlib_module_names:
        return "that of the standard library"
    spec = find_spec(name)
    if spec is None or spec.origin is None or Path(spec.origin).resolve() == module.resolve():
        return ""
    return spec.origin


def _write(texts: dict[Path, str]) -> None:
    """All the files, or none: they are put in place once all of them are written."""
    from tempfile import TemporaryDirectory

    folder = next(iter(texts)).parent
    try:
        with TemporaryDirectory(dir=folder, prefix=".repoint-") as aside:
            for path, text in texts.items():
                Path(aside, path.name).write_text(text, encoding="utf-8", newline="\n")
            for path in texts:
                Path(aside, path.name).replace(path)
    except OSError as error:
        mend = "mend that, or name another folder with --dir"
        raise UsageError(f"cannot be written to: {error.strerror}", where=str(folder), mend=mend) from error
