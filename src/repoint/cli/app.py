"""The Typer application: takes the command modules, gives one command line with the options they share."""

from __future__ import annotations

from typing import Annotated

import typer

from repoint import __version__
from repoint.cli.apply import apply
from repoint.cli.audit import audit
from repoint.cli.check import check
from repoint.cli.codemod import codemod
from repoint.cli.diff import diff
from repoint.cli.history import history
from repoint.cli.init import init
from repoint.cli.log import log
from repoint.cli.plan import plan
from repoint.cli.prune import prune
from repoint.cli.registry import registry
from repoint.cli.rollback import rollback
from repoint.cli.settings import Settings
from repoint.cli.verify import verify
from repoint.cli.why import why

# Plain help: Rich's would take as long to import as the whole command line has (benchmarks/startup.py).
app = typer.Typer(
    name="repoint",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"repoint {__version__}")
        raise typer.Exit


@app.callback()
def repoint(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every place of a finding, and tracebacks.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only: no summary, no progress.")] = False,
) -> None:
    """Move a Python codebase off deprecated import paths: plan, read the diff, apply it in batches."""
    settings = ctx.ensure_object(Settings)
    settings.verbose = verbose
    settings.quiet = quiet


COMMANDS = (init, plan, diff, apply, log, rollback, verify, prune, audit, check, history, registry, why)

for command in COMMANDS:
    app.command()(command)

app.add_typer(codemod, name="codemod")
