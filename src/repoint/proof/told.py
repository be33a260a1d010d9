"""Names that calls tell as text: an attribute beside its object, keywords of `patch.multiple`, what is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from repoint.proof.nodes import argument, last_name, reference, text_of
from repoint.proof.trace import Reference

# Callables that take an object and the name of one of its attributes, and what their parameters may be called.
_BY_NAME = frozenset({"object", "setattr", "delattr", "getattr", "hasattr", "spy"})
_ATTRIBUTE = ("attribute", "name")
_OF_MULTIPLE = frozenset({"target", "spec", "create", "spec_set", "autospec", "new_callable"})


class Told(NamedTuple):
    """An attribute that a call tells by name, before and after: its object, and where the name stands."""

    target: ast.expr
    target_after: ast.expr
    name: ast.expr | None
    old: str
    new: str

    @property
    def chains(self) -> tuple[Reference, Reference] | None:
        """Both as references, where the object is a name with attributes."""
        root, root_after = reference(self.target), reference(self.target_after)
        if root is None or root_after is None:
            return None
        return (
            Reference(root.name, (*root.attributes, self.old)),
            Reference(root_after.name, (*root_after.attributes, self.new)),
        )

    @property
    def paths(self) -> tuple[str, str] | None:
        """Both as paths, where the object is told as text, too."""
        target, target_after = text_of(self.target), text_of(self.target_after)
        return (f"{target}.{self.old}", f"{target_after}.{self.new}") if target and target_after else None


def told(before: ast.Call, after: ast.Call) -> Iterator[Told]:
    """The attributes that two calls, which differ in names alone, tell by name."""
    target, target_after = argument(before, 0, ("target",)), argument(after, 0, ("target",))
    if target is None or target_after is None:
        return
    if last_name(before.func) == "multiple":
        for keyword, keyword_after in zip(before.keywords, after.keywords, strict=True):
            if keyword.arg and keyword_after.arg and keyword.arg not in _OF_MULTIPLE:
                yield Told(target, target_after, None, keyword.arg, keyword_after.arg)
        return
    name, name_after = argument(before, 1, _ATTRIBUTE), argument(after, 1, _ATTRIBUTE)
    old, new = text_of(name), text_of(name_after)
    if old and new and old.isidentifier() and new.isidentifier() and (old != new or last_name(before.func) in _BY_NAME):
        yield Told(target, target_after, name, old, new)


def imported_path(node: ast.AST) -> tuple[str, list[str]] | None:
    """What `__import__("a.b").c` reads, dotted, with the other arguments as text; None for anything else.

    `__import__` gives the root package where no names are asked of the module (the `fromlist`).
    """
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not (isinstance(node, ast.Call) and last_name(node.func) == "__import__" and node.args):
        return None
    module = text_of(node.args[0])
    if not module:
        return None
    names = argument(node, 3, ("fromlist",))
    whole = isinstance(names, ast.List | ast.Tuple) and bool(names.elts)
    top = module if whole else module.partition(".")[0]
    others = [ast.dump(item) for item in (*node.args[1:], *node.keywords)]
    return ".".join([top, *reversed(attributes)]), others
