"""Which callables and generics take types as strings: a resolved dotted name in, yes or no out (PEP 484, 586, 593)."""

from __future__ import annotations

import ast

_TYPING = ("typing.", "typing_extensions.")
_GENERIC_BUILTINS = frozenset(f"builtins.{name}" for name in ("list", "dict", "set", "frozenset", "tuple", "type"))


class Typing:
    """Answers for one file; stateless, and told apart only by the names it is asked about."""

    def is_literal(self, dotted: str) -> bool:
        return _typing_name(dotted) == "Literal"

    def is_annotated(self, dotted: str) -> bool:
        return _typing_name(dotted) == "Annotated"

    def is_alias(self, dotted: str) -> bool:
        """Whether an annotation says that the value is a type (PEP 613)."""
        return _typing_name(dotted) == "TypeAlias"

    def is_generic(self, dotted: str) -> bool:
        """Whether `X["T"]` outside an annotation makes a type of the string."""
        name = _typing_name(dotted)
        return dotted in _GENERIC_BUILTINS or bool(name and name[0].isupper() and name not in ("Literal", "Annotated"))

    def quoted_arguments(self, callee: str, call: ast.Call) -> list[ast.expr]:
        """The arguments of `cast`, `TypeVar`, `NewType` and the like that are types."""
        name = _typing_name(callee)
        if name in ("cast", "assert_type") and call.args:
            return [call.args[0 if name == "cast" else -1]]
        if name == "TypeVar":
            bounds = [item.value for item in call.keywords if item.arg in ("bound", "default")]
            return [*call.args[1:], *bounds]
        if name == "NewType":
            return call.args[1:2]
        return []


def _typing_name(dotted: str) -> str:
    head = next((head for head in _TYPING if dotted.startswith(head)), None)
    return dotted[len(head) :] if head else ""
