"""Takes an error that came out of a codemod, gives the line that tells it: type, message, place in their code."""

from __future__ import annotations

import sys
import traceback
from pathlib import PurePath

_LONGEST = 300  # characters of a message: fissix puts whole files into some
_MACHINERY = {"repoint", "libcst", "bowler", "fissix", *sys.stdlib_module_names}


def told(error: BaseException, home: str) -> str:
    """`Type: message (file.py:12)` on one line; `home` is the codemod's own module, should that be a library's."""
    said = " ".join(_text_of(error).split())
    said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
    place = place_of(error, home)
    return type(error).__name__ + (f": {said}" if said else "") + (f" ({place})" if place else "")


def _text_of(error: BaseException) -> str:
    """Its message. LibCST's own errors about a text without lines fail to say theirs, but have it."""
    try:
        return str(error)
    except IndexError:
        return str(getattr(error, "message", ""))


def place_of(error: BaseException, home: str) -> str:
    """The last place that the error passed in code that is not the machinery's, else in `home`; else nothing.

    A file is named after its module, so that the same failure reads the same on every machine.
    """
    frames = [
        (frame.f_globals.get("__name__", ""), frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    own = [found for found in frames if found[0].partition(".")[0] not in _MACHINERY]
    for module, file, line in reversed(own or [found for found in frames if found[0] == home]):
        return f"{_shown(module, file)}:{line}"
    return ""


def _shown(module: str, file: str) -> str:
    name = PurePath(file).name
    parts = module.split(".")
    return "/".join([*(parts if name == "__init__.py" else parts[:-1]), name])
