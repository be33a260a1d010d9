"""A function as griffe and the syntax tree give it in, its signatures out; None where a decorator may change them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repoint.compat.signatures import is_plain_result, signature_of
from repoint.compat.values import Flavour, Signatures
from repoint.compat.written import Function, is_generator, returns_nothing

if TYPE_CHECKING:
    import griffe

_KEEPING = frozenset({
    "staticmethod", "classmethod", "property", "functools.lru_cache", "functools.cache", "functools.cached_property",
    "abc.abstractmethod", "typing.overload", "typing.override", "typing.final", "typing_extensions.override",
    "typing_extensions.final", "typing.no_type_check",
})  # fmt: skip
_CONTEXTS = {
    "contextlib.contextmanager": Flavour.CONTEXT,
    "contextlib.asynccontextmanager": Flavour.ASYNC_CONTEXT,
}


def signatures_of(function: griffe.Function, node: ast.AST | None) -> Signatures:
    """All signatures of `function`, whose syntax is `node`: its overloads, and the implementation last."""
    if not isinstance(node, Function):
        return None
    paths = {decorator.callable_path for decorator in function.decorators}
    if not paths <= _KEEPING | _CONTEXTS.keys():
        return None
    contexts = paths & _CONTEXTS.keys()
    flavour = _CONTEXTS[contexts.pop()] if contexts else _flavour(node)
    abstract = "abc.abstractmethod" in paths
    returns = None if function.returns is None else str(function.returns)
    plain = flavour is Flavour.SYNC and (
        is_plain_result(returns) or (returns is None and not abstract and returns_nothing(node))
    )
    overloads = function.overloads or ()
    return tuple(signature_of(item, flavour, plain) for item in (*overloads, function))


def _flavour(node: Function) -> Flavour:
    asynchronous = isinstance(node, ast.AsyncFunctionDef)
    if is_generator(node):
        return Flavour.ASYNC_GENERATOR if asynchronous else Flavour.GENERATOR
    return Flavour.ASYNC if asynchronous else Flavour.SYNC
