"""Calls against signatures: griffe's reading of a function in, `Signature`s and reasons why a call does not fit out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from repoint.compat.values import Flavour, Kind, Parameter, Signature, Signatures
from repoint.model import Frozen

if TYPE_CHECKING:
    import griffe

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_VAGUE = frozenset({"Any", "object", "TypeVar", "Callable", "Protocol", "Self", "T"})
_WRAPPERS = frozenset({
    "None", "Optional", "Union", "typing", "Annotated", "List", "Dict", "Tuple", "Set", "Type",
    "list", "dict", "tuple", "set", "type", "Literal", "Sequence", "Iterable", "Mapping",
})  # fmt: skip
_PLAIN_RESULTS = frozenset({"None", "bool", "int", "str", "float", "bytes", "list", "dict", "set", "tuple",
                            "List", "Dict", "Set", "Tuple"})  # fmt: skip


class Call(Frozen, frozen=True):
    """The shape of a call: its positional arguments up to a `*`, whether there is one, and its keywords."""

    positional: tuple[ast.expr, ...]
    starred: bool
    keywords: tuple[str, ...]
    double_starred: bool

    @classmethod
    def of(cls, node: ast.Call) -> Call:
        plain = [item for item in node.args if not isinstance(item, ast.Starred)]
        names = [item.arg for item in node.keywords]
        return cls(
            tuple(plain),
            len(plain) < len(node.args),
            tuple(name for name in names if name is not None),
            None in names,
        )


def signature_of(function: griffe.Function, flavour: Flavour, plain: bool) -> Signature:
    """The signature of a function as griffe read it."""
    kinds = {kind.value: kind for kind in Kind}
    parameters = tuple(
        Parameter(
            item.name,
            kinds[item.kind.value if item.kind is not None else Kind.POSITIONAL.value],
            item.default is None,
            types_of(None if item.annotation is None else str(item.annotation)),
        )
        for item in function.parameters
    )
    return Signature(parameters, flavour, plain)


def types_of(annotation: str | None) -> frozenset[str]:
    """The names of an annotation that say what is taken; none where it takes anything."""
    names = set(_IDENTIFIER.findall(annotation or ""))
    return frozenset() if names & _VAGUE else frozenset(names - _WRAPPERS)


def is_plain_result(annotation: str | None) -> bool:
    """Whether an annotated result is surely nothing that could be awaited or called."""
    head = re.split(r"[\[|]", (annotation or "").strip("'\""))[0].strip()
    return head.rpartition(".")[2] in _PLAIN_RESULTS and "|" not in (annotation or "")


def misfit(signatures: Signatures, call: Call) -> str | None:
    """Why the call fits none of the signatures; None where it may fit one, or nothing is known of them."""
    reasons = [_misfit(signature, call) for signature in signatures or ()]
    return reasons[-1] if reasons and all(reason is not None for reason in reasons) else None


def _misfit(signature: Signature, call: Call) -> str | None:
    parameters = signature.parameters
    kinds = {item.kind for item in parameters}
    positional = [item for item in parameters if item.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)]
    named = {item.name for item in parameters if item.kind in (Kind.POSITIONAL, Kind.KEYWORD_ONLY)}
    count = len(call.positional)
    if count > len(positional) and Kind.VAR_POSITIONAL not in kinds:
        return f"takes {_number(len(positional), 'positional argument')}, not {count}"
    unknown = [name for name in call.keywords if name not in named]
    if unknown and Kind.VAR_KEYWORD not in kinds:
        return f"has no parameter {_listed(unknown)}"
    filled = {item.name for item in positional[:count]}
    twice = [name for name in call.keywords if name in filled & named]
    if twice:
        return f"is given {_listed(twice)} twice"
    return _missing(parameters, positional[count:], call)


def _missing(parameters: tuple[Parameter, ...], unfilled: list[Parameter], call: Call) -> str | None:
    """Required parameters that nothing can fill, `*` and `**` of the call taken for what they may hold."""
    if call.double_starred:
        return None
    keyword_only = [item for item in parameters if item.kind is Kind.KEYWORD_ONLY]
    open_ones = keyword_only if call.starred else [*unfilled, *keyword_only]
    lacking = [item.name for item in open_ones if item.required and item.name not in call.keywords]
    return f"requires {_listed(lacking)}" if lacking else None


def shifted(old: Signatures, new: Signatures, call: Call) -> str | None:
    """Which positional argument surely means something else now; None where that is not certain.

    Certain is: the parameter that it was given for has another place, or the types of both are told and have nothing
    in common, and the argument is named like the old parameter and not like the new one.
    """
    if old is None or new is None or len(old) != 1 or len(new) != 1:
        return None
    places = {item.name: at for at, item in enumerate(new[0].parameters)}
    for at, argument in enumerate(call.positional):
        pair = [signature.parameters[at] for signature in (old[0], new[0]) if at < len(signature.parameters)]
        if len(pair) < 2 or any(item.kind is Kind.VAR_POSITIONAL for item in pair):
            return None
        before, after = pair
        if before.name == after.name or not _is_named_like(argument, before, after):
            continue
        apart = bool(before.types and after.types) and not before.types & after.types
        if apart or places.get(before.name, at) != at:
            return f"takes `{after.name}` where `{before.name}` is given"
    return None


def _is_named_like(argument: ast.expr, before: Parameter, after: Parameter) -> bool:
    name = argument.attr if isinstance(argument, ast.Attribute) else getattr(argument, "id", "")
    words, old, new = (set(text.lower().split("_")) - {""} for text in (name, before.name, after.name))
    return bool(words & old) and not words & new and not old & new


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
