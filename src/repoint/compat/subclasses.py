"""Subclasses of moved classes: overrides that cannot stand in for the new methods, and calls through `super()`."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from repoint.compat.anchors import Anchor
from repoint.compat.check import Check
from repoint.compat.functions import signatures_of
from repoint.compat.modules import interface_of
from repoint.compat.syntax import Function
from repoint.compat.values import Code, Flavour, Has, Kind, Member, MemberKind, Pair, Signature
from repoint.compat.written import stored_attributes

if TYPE_CHECKING:
    import griffe


def check_subclasses(check: Check, uses: list[tuple[Anchor, ast.expr]]) -> None:
    """Look at every class of the file that has a moved class as its only base."""
    for anchor, node in uses:
        above = check.syntax.parent(node)
        pair = check.pairs[anchor.old]
        if isinstance(above, ast.ClassDef) and above.bases == [node] and pair.after.is_class:
            first, last = above.lineno, above.end_lineno or above.lineno
            check.syntax.walk(check.syntax.tree, range(first, last + 1))
            _overrides(check, pair, above)
            own = _own_members(above) | stored_attributes(check.syntax.tree)[0]
            for method in (item for item in above.body if isinstance(item, Function)):
                _through_super(check, pair, method)
                _through_self(check, pair, method, own)


def _overrides(check: Check, pair: Pair, node: ast.ClassDef) -> None:
    source = textwrap.dedent(check.syntax.source(node).decode("utf-8", "replace"))
    try:
        interface = interface_of("subclass", source).members.get(node.name)
    except SyntaxError:  # text that does not stand on its own, such as a string that reaches the margin
        return
    if interface is None or not interface.is_class:
        return
    for method in (item for item in node.body if isinstance(item, Function)):
        before, after = pair.before.members.get(method.name), pair.after.members.get(method.name)
        if method.name.startswith("__") or before is None or after is None or method.decorator_list:
            continue
        function = interface.members.get(method.name)
        reason = _mismatch(before, after, function, method)
        if reason is not None:
            check.examined[pair.key] += 1
            used = f"{node.name}.{method.name}"
            message = (
                f"`{used}` overrides `{pair.new_name}.{method.name}{(after.signatures or ('',))[-1]}`, but {reason}"
            )
            check.say(method, Code.OVERRIDE, pair, message, used, method.name)


def _mismatch(
    before: Member, after: Member, function: griffe.Object | griffe.Alias | None, node: ast.AST
) -> str | None:
    """Why a method serves in place of the old one, and cannot in place of the new."""
    if before.signatures is None or after.signatures is None or function is None or not function.is_function:
        return None
    if before.kind is not MemberKind.METHOD or after.kind is not MemberKind.METHOD:
        return None
    own = signatures_of(function, node)  # type: ignore[arg-type]
    if own is None or len(before.signatures) != 1 or len(after.signatures) != 1:
        return None
    if _unserved(own[-1], before.signatures[0]) is not None:
        return None
    return _unserved(own[-1], after.signatures[0])


def _unserved(own: Signature, wanted: Signature) -> str | None:
    """What a caller may rightly do with `wanted` that `own` does not take."""
    kinds = {item.kind for item in own.parameters}
    mine = [item for item in own.parameters if item.kind in (Kind.POSITIONAL, Kind.POSITIONAL_ONLY)]
    theirs = [item for item in wanted.parameters if item.kind in (Kind.POSITIONAL, Kind.POSITIONAL_ONLY)]
    required = [item for item in mine if item.required]
    least = [item for item in theirs if item.required]
    if len(required) > len(theirs) and Kind.VAR_POSITIONAL not in {item.kind for item in wanted.parameters}:
        return f"requires `{required[len(theirs)].name}`"
    if len(mine) < len(least) and Kind.VAR_POSITIONAL not in kinds:
        return f"does not take `{least[len(mine)].name}`"
    named = {item.name for item in own.parameters}
    for item in wanted.parameters:
        lacking = item.kind is Kind.KEYWORD_ONLY and item.required and item.name not in named
        if lacking and Kind.VAR_KEYWORD not in kinds:
            return f"does not take `{item.name}`"
    flavours = (own.flavour, wanted.flavour)
    if own.flavour is not wanted.flavour and set(flavours) == {Flavour.SYNC, Flavour.ASYNC}:
        return "is async" if own.flavour is Flavour.ASYNC else "is not async"
    return None


def _through_super(check: Check, pair: Pair, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """`super().__init__(…)` and `super().method(…)`."""
    for node in ast.walk(method):
        if not isinstance(node, ast.Attribute) or not _is_super(node.value):
            continue
        check.examined[pair.key] += 1
        above = check.syntax.parent(node)
        if node.attr == "__init__":
            if isinstance(above, ast.Call) and above.func is node:
                check.call(
                    above, pair, "super().__init__", pair.before.call, pair.after.call, pair.new_name, "__init__"
                )
        else:
            check.member(node, pair, "super()", on_instance=True)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


def _own_members(node: ast.ClassDef) -> set[str]:
    """Every name that the class body binds, or that any code in it assigns as an attribute."""
    names = {item.name for item in ast.walk(node) if isinstance(item, Function | ast.ClassDef)}
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute | ast.Name) and isinstance(item.ctx, ast.Store):
            names.add(item.attr if isinstance(item, ast.Attribute) else item.id)
    return names


def _through_self(check: Check, pair: Pair, method: ast.FunctionDef | ast.AsyncFunctionDef, own: set[str]) -> None:
    """`self.member`, which only the old base had."""
    if {"__getattr__", "__getattribute__"} & own or not method.args.args:
        return
    for node in _reads(method, method.args.args[0].arg):
        if node.attr in own:
            continue
        check.examined[pair.key] += 1
        if pair.after.has(node.attr, True) is Has.NO:
            check.lacks(node, pair, "self", node.attr, on_instance=True)


def _reads(method: ast.AST, name: str) -> Iterator[ast.Attribute]:
    for node in ast.walk(method):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == name:
            yield node
