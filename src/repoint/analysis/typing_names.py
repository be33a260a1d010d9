"""Which callables and generics take types as strings: a resolved dotted name in, yes or no out (PEP 484, 586, 593)."""

from __future__ import annotations

import ast

TYPING_MODULES = ("typing", "typing_extensions")
_TYPING = tuple(f"{module}." for module in TYPING_MODULES)
_FUNCTIONAL = frozenset({"cast", "ForwardRef", "NamedTuple", "NewType", "TypedDict", "TypeVar"})
_GENERIC_BUILTINS = frozenset(f"builtins.{name}" for name in ("list", "dict", "set", "frozenset", "tuple", "type"))


class Typing:
    """Answers for one file; stateless, and told apart only by the names it is asked about."""

    def is_literal(self, dotted: str) -> bool:
        return dotted.rpartition(".")[2].lstrip("?") == "Literal"  # wherever it comes from: to guess a type would harm

    def is_annotated(self, dotted: str) -> bool:
        return dotted.rpartition(".")[2].lstrip("?") == "Annotated"

    def is_alias(self, dotted: str) -> bool:
        """Whether an annotation says that the value is a type (PEP 613)."""
        return _typing_name(dotted) == "TypeAlias"

    def is_generic(self, dotted: str) -> bool:
        """Whether `X["T"]` outside an annotation makes a type of the string."""
        name = _typing_name(dotted)
        return dotted in _GENERIC_BUILTINS or bool(name and name[0].isupper() and name not in ("Literal", "Annotated"))

    def quoted_arguments(self, callee: str, call: ast.Call) -> list[ast.expr]:
        """The arguments of `cast`, `TypeVar`, `NewType` and the like that are types, keywords included."""
        name = _typing_name(callee)
        if name == "cast":
            return [*call.args[:1], *_keywords(call, "typ")]
        if name == "assert_type":
            return call.args[1:2]
        if name in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            return [*call.args[1:], *_keywords(call, "bound", "default")]
        if name == "NewType":
            return [*call.args[1:2], *_keywords(call, "tp")]
        if name == "ForwardRef":
            return [*call.args[:1], *_keywords(call, "arg")]
        if name in ("NamedTuple", "TypedDict"):
            options = ("typename", "fields", "total", "closed", "extra_items")
            return [item.value for item in call.keywords if item.arg not in options] + _keywords(call, "extra_items")
        return []

    def fields(self, callee: str, call: ast.Call) -> ast.expr | None:
        """The argument of `TypedDict`, `NamedTuple` and `make_dataclass` that maps the names of fields to types."""
        if _typing_name(callee) not in ("NamedTuple", "TypedDict") and callee != "dataclasses.make_dataclass":
            return None
        return next(iter([*call.args[1:2], *_keywords(call, "fields")]), None)

    def may_quote(self, callee: str) -> bool:
        """Whether a callable of unknown origin has the name of one that takes types as strings."""
        return callee[:1] == "?" and callee[1:] in _FUNCTIONAL


def _keywords(call: ast.Call, *names: str) -> list[ast.expr]:
    return [item.value for item in call.keywords if item.arg in names]


def _typing_name(dotted: str) -> str:
    head = next((head for head in _TYPING if dotted.startswith(head)), None)
    return dotted[len(head) :] if head else ""
