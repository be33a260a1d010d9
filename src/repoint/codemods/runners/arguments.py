"""Takes a codemod and the arguments that a step gives it, raises `Unusable` where the two do not go together."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from repoint.codemods.runners.blame import told
from repoint.codemods.values import Unusable

_Made = TypeVar("_Made")


def check_arguments(codemod: Callable[..., Any], args: Mapping[str, Any], named: str, first: str) -> None:
    """Raise `Unusable` unless `codemod` can be called with `first`, a context or a query, and then `args`."""
    try:
        signature = inspect.signature(codemod)
    except (TypeError, ValueError):
        return  # written in C: the call itself will tell
    try:
        signature.bind_partial(object())
    except TypeError as error:
        raise Unusable(f"{named} takes no {first}", f"let its first parameter be the {first}") from error
    takes = list(signature.parameters)[1:]
    try:
        signature.bind(object(), **args)
    except TypeError as error:
        mend = f"say `args` as it takes them: {', '.join(takes)}" if takes else "leave out `args`: it takes none"
        raise Unusable(f"{named} cannot be called with its args: {error}", mend) from error


def tried(make: Callable[[], _Made], named: str, home: str, *passing: type[Exception]) -> _Made:
    """What `make` gives; a failure is told now, not for each file. Raises `Unusable`, or what is `passing`."""
    try:
        return make()
    except passing:
        raise
    except (Exception, SystemExit) as error:
        raise Unusable(f"{named}, called with its args, raised {told(error, home)}", "mend it, or its args") from error
