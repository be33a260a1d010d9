"""Options that several commands have, each told in one place."""

from __future__ import annotations

from typing import Annotated

import typer

NoCache = Annotated[bool, typer.Option("--no-cache", help="Look at every file, whatever earlier commands found.")]
Jobs = Annotated[int | None, typer.Option(help="Worker processes; chosen by the work by default.", min=1, metavar="N")]
