"""Definitions with all that they inherit: a symbol in, the `Definition` that it leads to out."""

from __future__ import annotations

import ast
import builtins
import enum
from typing import cast

from repoint.compat.classes import Body, Field, body_of, named_tuple_fields
from repoint.compat.functions import signatures_of
from repoint.compat.modules import Module, Modules
from repoint.compat.values import Definition, Kind, Member, MemberKind, Signature, Signatures
from repoint.compat.written import stored_attributes
from repoint.model import Frozen
from repoint.names import Symbol

_WITHOUT_MEMBERS = frozenset({
    "builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Generic",
    "typing_extensions.Protocol",
})  # fmt: skip
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_NAMED_TUPLE = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})


class _Class(Frozen, frozen=True):
    """A class of the linear order: one of the tree (with `body`), or one from outside whose members are known."""

    symbol: Symbol
    body: Body | None
    node: ast.ClassDef | None
    order: tuple[str, ...]
    known: bool


class Definitions:
    """Reads definitions, each once."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._classes: dict[Symbol, _Class | None] = {}
        self._reading: set[Symbol] = set()
        self._known: dict[Symbol, Definition | None] = {}

    def origin(self, symbol: Symbol) -> Symbol | None:
        """Where the symbol is defined, or None where that cannot be told."""
        return self._modules.definition(symbol)

    def get(self, symbol: Symbol) -> Definition | None:
        """The definition behind `symbol`; None where the tree does not hold it, once and for all."""
        origin = self._modules.definition(symbol)
        if origin is None:
            return None
        if origin not in self._known:
            self._known[origin] = self._get(origin)
        return self._known[origin]

    def _get(self, origin: Symbol) -> Definition | None:
        module = self._modules.get(origin.module)
        if module is None:
            return None
        node = module.node(origin.name)
        if isinstance(node, ast.ClassDef):
            found = self._class(origin)
            return None if found is None else self._definition(found, module)
        function = module.interface.members.get(origin.name)
        if function is None or not function.is_function:
            return None
        return Definition(origin, False, call=signatures_of(function, node))  # type: ignore[arg-type]

    def _class(self, symbol: Symbol) -> _Class | None:
        if symbol in self._reading:
            return None
        if symbol not in self._classes:
            self._reading.add(symbol)
            self._classes[symbol] = self._read(symbol)
            self._reading.discard(symbol)
        return self._classes[symbol]

    def _read(self, symbol: Symbol) -> _Class | None:
        if symbol.dotted in _WITHOUT_MEMBERS or _outside_members(symbol) is not None:
            return _Class(symbol, None, None, (symbol.dotted,), True)
        module = self._modules.get(symbol.module)
        node = module.node(symbol.name) if module is not None else None
        interface = module.interface.members.get(symbol.name) if module is not None else None
        if module is None or not isinstance(node, ast.ClassDef) or interface is None or not interface.is_class:
            return None
        body = body_of(interface, node)  # type: ignore[arg-type]
        bases = [self._base(symbol.module, base) for base in body.bases]
        known = all(base is not None and base.known for base in bases)
        order = self._order(symbol, [base for base in bases if base is not None])
        return _Class(symbol, body, node, order or (symbol.dotted,), known and order is not None)

    def _base(self, module: str, dotted: str | None) -> _Class | None:
        symbol = self._modules.resolve(module, dotted) if dotted is not None else None
        return None if symbol is None else self._class(symbol)

    def _order(self, symbol: Symbol, bases: list[_Class]) -> tuple[str, ...] | None:
        """The linear order of the class and its bases; None where there is none."""
        from griffe import c3linear_merge

        lists = [list(base.order) for base in bases]
        try:
            merged = c3linear_merge(*lists, [base.symbol.dotted for base in bases])
        except ValueError:
            return None
        return (symbol.dotted, *merged)

    def _definition(self, found: _Class, module: Module) -> Definition:
        line = [self._named(dotted) for dotted in found.order]
        known = found.known and not any(
            item.body.odd or item.body.traits.filled for item in line if item.body is not None
        )
        members: dict[str, Member] = {}
        maybe: set[str] = set()
        closed = instances = known
        for item in line:
            for name, member in self._members(item).items():
                held = members.get(name)
                if held is None or (not held.on_class and member.on_class):
                    members[name] = member
            if item.body is not None:
                added, computed = self._added(item.symbol.module, item.body)
                maybe |= added
                instances = instances and not item.body.traits.dynamic and not computed
        maybe |= _handed_over(module, found.symbol.name)
        late, computed = _late_members(module, found.symbol.name)
        members.update({name: Member(MemberKind.ATTRIBUTE) for name in late})
        return Definition(
            found.symbol,
            True,
            call=self._constructor(line) if known and not computed else None,
            members=members,
            maybe=frozenset(maybe),
            closed=closed and not computed,
            closed_instances=instances and not computed and not {"__getattr__", "__getattribute__"} & members.keys(),
            makes_itself="__new__" in members or not known or any(item.symbol.module == "enum" for item in line),
            bases=found.order[1:],
            known_bases=found.known,
        )

    def _named(self, dotted: str) -> _Class:
        return next(item for item in self._classes.values() if item is not None and item.symbol.dotted == dotted)

    def _members(self, item: _Class) -> dict[str, Member]:
        if item.body is not None:
            return item.body.members
        names = _outside_members(item.symbol) or frozenset()
        return {name: Member(MemberKind.ATTRIBUTE) for name in names if not name.startswith("__")}

    def _added(self, module: str, body: Body) -> tuple[frozenset[str], bool]:
        """Attributes that others may add to an instance: callables that `self` is handed to."""
        names = set(body.traits.other)
        computed = False
        for dotted in body.traits.escapes:
            first = dotted.partition(".")[0]
            origin = self._modules.definition(Symbol(module, first))
            receiver = self._modules.get(origin.module) if origin is not None else None
            if receiver is not None:
                stored, unknown = stored_attributes(receiver.node(origin.name) or receiver.tree)  # type: ignore[union-attr]
                names |= stored
                computed = computed or unknown
        return frozenset(names), computed

    def _constructor(self, line: list[_Class]) -> Signatures:
        """How the class is called: by the first `__init__`, the fields of a dataclass, or `__new__`."""
        makers = [item for item in line if item.body is not None and "__new__" in item.body.members]
        for item in line:
            if item.body is None:
                if item.symbol.dotted in _NAMED_TUPLE:
                    return _of_fields([field for node in _nodes(line) for field in named_tuple_fields(node)])
                if item.symbol.dotted not in _WITHOUT_MEMBERS:
                    return None
                continue
            initialiser = item.body.members.get("__init__")
            if item.body.dataclass_init:
                return None if makers else _of_fields(self._inherited_fields(line[line.index(item) :]))
            if initialiser is not None:
                return None if makers else initialiser.call(on_instance=True)
        if makers:
            maker = cast(Body, makers[0].body).members["__new__"]
            return None if maker.signatures is None else tuple(signature.bound() for signature in maker.signatures)
        return (Signature(()),)

    def _inherited_fields(self, line: list[_Class]) -> list[Field]:
        """Fields of a dataclass: those of its bases first, each at the place where it came first."""
        fields: dict[str, Field] = {}
        for item in reversed(line):
            for field in (item.body.fields or ()) if item.body is not None else ():
                fields[field.parameter.name] = field
        return list(fields.values())


def _nodes(line: list[_Class]) -> list[ast.ClassDef]:
    return [item.node for item in reversed(line) if item.node is not None]


def _of_fields(fields: list[Field]) -> Signatures:
    parameters = [field.parameter for field in fields if field.init]
    ordered = sorted(parameters, key=lambda parameter: parameter.kind is Kind.KEYWORD_ONLY)
    return (Signature(tuple(ordered)),)


def _outside_members(symbol: Symbol) -> frozenset[str] | None:
    """Members of a class of the standard library that is known to hold nothing else."""
    if symbol.module == "builtins" and isinstance(getattr(builtins, symbol.name, None), type):
        return frozenset(dir(getattr(builtins, symbol.name)))
    if symbol.module == "enum" and symbol.name in _ENUMS:
        return frozenset(dir(getattr(enum, symbol.name))) | {"name", "value", "_name_", "_value_"}
    if symbol.dotted in _NAMED_TUPLE:
        return frozenset(dir(tuple)) | {"_fields", "_field_defaults", "_asdict", "_replace", "_make"}
    return None


def _late_members(module: Module, name: str) -> tuple[set[str], bool]:
    """Members that other statements of the module give the class, and whether some have computed names."""
    names: set[str] = set()
    computed = False
    for item in ast.walk(module.tree):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and _is(item.value, name):
            names.add(item.attr)
        elif isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == "setattr":
            computed = computed or (bool(item.args) and _is(item.args[0], name))
    return names, computed


def _handed_over(module: Module, name: str) -> set[str]:
    """Names told together with the class to some callable of the top level: `add_property(Name, "member")`."""
    told: set[str] = set()
    for statement in module.tree.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and any(_is(argument, name) for argument in call.args):
            values = (part.value for part in ast.walk(call) if isinstance(part, ast.Constant))
            told |= {value for value in values if isinstance(value, str)}
    return told


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
