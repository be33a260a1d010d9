"""One class body, bases aside: a class as griffe and the syntax tree give it in, its own members and traits out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repoint.compat.functions import signatures_of
from repoint.compat.signatures import is_plain_result
from repoint.compat.values import Kind, Member, MemberKind, Parameter
from repoint.compat.written import Function, Written, written
from repoint.model import Frozen

if TYPE_CHECKING:
    import griffe

_HARMLESS_DECORATORS = frozenset({
    "dataclasses.dataclass", "typing.final", "typing.runtime_checkable", "functools.total_ordering", "enum.unique",
    "typing_extensions.final", "typing_extensions.runtime_checkable",
})  # fmt: skip
_HARMLESS_METACLASSES = frozenset({"abc.ABCMeta", "ABCMeta", "type"})
_IMPLICITLY_STATIC = frozenset({"__new__"})
_IMPLICITLY_CLASS = frozenset({"__init_subclass__", "__class_getitem__"})


class Field(Frozen, frozen=True):
    """A field of a dataclass or named tuple. `init`: it is a parameter of the constructor."""

    parameter: Parameter
    init: bool


class Body(Frozen, frozen=True):
    """A class without its bases. `fields` is None where it is no dataclass; `odd`: its metaclass or a decorator may
    replace or extend it."""

    members: dict[str, Member]
    traits: Written
    fields: tuple[Field, ...] | None
    dataclass_init: bool
    odd: bool
    bases: tuple[str | None, ...]


def body_of(interface: griffe.Class, node: ast.ClassDef) -> Body:
    """The body of the class that `interface` and `node` both show."""
    traits = written(node)
    functions = {item.name: item for item in node.body if isinstance(item, Function)}
    members = {
        name: _member(name, found, functions.get(name), name in traits.repeated)
        for name, found in interface.members.items()
    }
    for name in _slots(node) | traits.own:
        members.setdefault(name, Member(MemberKind.ATTRIBUTE, on_class=False))
    for name in traits.class_own:
        members[name] = Member(MemberKind.ATTRIBUTE)
    for item in node.body:  # several targets at once, which griffe passes over
        for name in _targets(item):
            members.setdefault(name, Member(MemberKind.ATTRIBUTE))
    options = _dataclass_options(interface, node)
    decorators = {decorator.callable_path for decorator in interface.decorators}
    return Body(
        members,
        traits,
        None if options is None else tuple(_fields(node, options.get("kw_only", False))),
        options is not None and options.get("init", True) and "__init__" not in functions,
        not decorators <= _HARMLESS_DECORATORS or _has_odd_metaclass(node),
        tuple(_dotted(base) for base in node.bases),
    )


def _member(name: str, found: griffe.Object | griffe.Alias, node: Function | None, repeated: bool) -> Member:
    if found.is_alias:
        return Member(MemberKind.ATTRIBUTE)
    if found.is_class:
        return Member(MemberKind.CLASS)
    if not found.is_function:
        annotation = getattr(found, "annotation", None)
        plain = is_plain_result(None if annotation is None else str(annotation))
        if "property" in found.labels:
            return Member(MemberKind.ATTRIBUTE if repeated else MemberKind.PROPERTY, plain=plain)
        return Member(MemberKind.ATTRIBUTE, on_class="class-attribute" in found.labels)
    signatures = None if repeated else signatures_of(found, node)  # type: ignore[arg-type]
    if signatures is None:
        return Member(MemberKind.ATTRIBUTE)
    if "staticmethod" in found.labels or name in _IMPLICITLY_STATIC:
        return Member(MemberKind.STATICMETHOD, signatures=signatures)
    if "classmethod" in found.labels or name in _IMPLICITLY_CLASS:
        return Member(MemberKind.CLASSMETHOD, signatures=signatures)
    return Member(MemberKind.METHOD, signatures=signatures)


def _targets(item: ast.stmt) -> set[str]:
    """Names that any statement of a class body binds, nested blocks included; methods and classes aside."""
    if isinstance(item, Function | ast.ClassDef) or (isinstance(item, ast.AnnAssign) and item.value is None):
        return set()
    return {node.id for node in ast.walk(item) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _slots(node: ast.ClassDef) -> set[str]:
    for item in node.body:
        if isinstance(item, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__slots__" for t in item.targets):
            constants = (part for part in ast.walk(item.value) if isinstance(part, ast.Constant))
            return {part.value for part in constants if isinstance(part.value, str)}
    return set()


def _dataclass_options(interface: griffe.Class, node: ast.ClassDef) -> dict[str, bool] | None:
    for decorator, syntax in zip(interface.decorators, node.decorator_list, strict=False):
        if decorator.callable_path == "dataclasses.dataclass":
            keywords = syntax.keywords if isinstance(syntax, ast.Call) else []
            return _flags(keywords)
    return None


def _flags(keywords: list[ast.keyword]) -> dict[str, bool]:
    return {
        item.arg: bool(item.value.value)
        for item in keywords
        if item.arg is not None and isinstance(item.value, ast.Constant)
    }


def _fields(node: ast.ClassDef, keyword_only: bool) -> list[Field]:
    """The fields of a dataclass, in their order."""
    found = []
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        annotation = ast.unparse(item.annotation).strip("'\"")
        if annotation.endswith("KW_ONLY"):
            keyword_only = True
            continue
        if annotation.partition("[")[0].rpartition(".")[2] == "ClassVar":
            continue
        flags: dict[str, bool] = {}
        required = item.value is None
        if isinstance(item.value, ast.Call) and ast.unparse(item.value.func).rpartition(".")[2] == "field":
            flags = _flags(item.value.keywords)
            required = not {"default", "default_factory"} & {keyword.arg for keyword in item.value.keywords}
        kind = Kind.KEYWORD_ONLY if flags.get("kw_only", keyword_only) else Kind.POSITIONAL
        found.append(Field(Parameter(item.target.id, kind, required), flags.get("init", True)))
    return found


def named_tuple_fields(node: ast.ClassDef) -> list[Field]:
    """The fields of a `typing.NamedTuple`."""
    return [field for field in _fields(node, False) if field.init]


def _has_odd_metaclass(node: ast.ClassDef) -> bool:
    return any(
        keyword.arg is None or (keyword.arg == "metaclass" and _dotted(keyword.value) not in _HARMLESS_METACLASSES)
        for keyword in node.keywords
    )


def _dotted(node: ast.expr) -> str | None:
    """`a.b` and `a.b[int]` as text; None for other expressions."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
