"""The Typer application: takes the command modules, gives one command line with the options they share."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getdoc
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

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

_SINGLE = (init, plan, diff, apply, log, rollback, verify, prune, audit, check, history, registry, why)
COMMANDS: dict[str, Callable[..., None] | typer.Typer] = {
    **{command.__name__: command for command in _SINGLE},
    "codemod": codemod,
}


class _Commands(TyperGroup):
    """Lists the commands by what they say of themselves; only of the one that runs are the options read."""

    def __init__(self, **settings: Any) -> None:
        listed = {name: TyperCommand(name, help=_said_of(command)) for name, command in COMMANDS.items()}
        super().__init__(**{**settings, "commands": listed})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else _with_options(name), rest


def _said_of(command: Callable[..., None] | typer.Typer) -> str | None:
    return command.info.help if isinstance(command, typer.Typer) else getdoc(command)


def _with_options(name: str) -> object:
    alone, command = typer.Typer(rich_markup_mode=None), COMMANDS[name]
    if isinstance(command, typer.Typer):
        alone.add_typer(command, name=name)
    else:
        alone.command()(command)
    return get_group(alone).commands[name]


# Plain help: Rich's would take as long to import as the whole command line has (benchmarks/startup.py).
app = typer.Typer(
    name="repoint",
    cls=_Commands,
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
