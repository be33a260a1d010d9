"""What the options before the command say, for all commands alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """Filled in by the application's callback, read by the commands as `ctx.ensure_object(Settings)`."""

    verbose: bool = False
    quiet: bool = False
