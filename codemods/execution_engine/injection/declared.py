"""The arguments of the codemod, checked: a callable, its roles, and the names and types that tell a role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_STYLES = ("positional", "keyword")


@dataclass(frozen=True)
class Role:
    """One parameter of the callable, and what is known of the values that belong there.

    `names` are variables and attributes that hold such a value; `types` are classes, `module:Class` or a bare name;
    `keyword`: it can only be given by name; `required`: a call without it fails; `formerly`: what it was called before.
    """

    name: str
    names: tuple[str, ...]
    types: tuple[str, ...] = ()
    keyword: bool = False
    required: bool = True
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """The callable `module:name`, its roles in the order of its parameters, and how arguments are added.

    `retired`: arguments that it no longer takes, to be left out; `setup`: methods that a test runner calls first.
    """

    module: str
    name: str
    roles: tuple[Role, ...]
    by_keyword: bool = False
    retired: frozenset[str] = frozenset()
    setup: frozenset[str] = frozenset()

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def simple(self) -> str:
        """The name that a call is read by: the last part."""
        return self.name.rpartition(".")[2]

    @property
    def positional(self) -> tuple[Role, ...]:
        return tuple(role for role in self.roles if not role.keyword)


def declare(target: object, parameters: object, style: object, retired: object, setup: object) -> Declared:
    """Check what a manifest says; raises TypeError or ValueError, one line, naming the argument that is wrong."""
    module, name = _target(target)
    if style not in _STYLES:
        raise ValueError(f'style must be "positional" or "keyword", not {style!r}')
    if not isinstance(parameters, list | tuple) or not parameters:
        raise TypeError(f"parameters must be a list of at least one table, not {parameters!r}")
    roles = tuple(_role(value, f"parameters[{index}]") for index, value in enumerate(parameters))
    declared = Declared(
        module,
        name,
        roles,
        by_keyword=style == "keyword",
        retired=frozenset(_words(retired, "retired")),
        setup=frozenset(_words(setup, "setup")),
    )
    _check_order(roles)
    _check_distinct([role.name for role in roles] + [old for role in roles for old in role.formerly], declared.retired)
    return declared


def _target(target: object) -> tuple[str, str]:
    if not isinstance(target, str):
        raise TypeError(f'target must be a string, "module:Class", not {target!r}')
    module, colon, name = target.partition(":")
    if not (colon and _DOTTED.fullmatch(module) and _DOTTED.fullmatch(name)):
        raise ValueError(f'target must be "module:Class" or "module:function", not {target!r}')
    return module, name


def _role(value: object, where: str) -> Role:
    if not isinstance(value, Mapping):
        raise TypeError(f'{where} must be a table such as {{ name = "context" }}, not {value!r}')
    known = [field.name for field in fields(Role)]
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise ValueError(f"{where} has an unknown key, {unknown[0]!r}: there are {', '.join(known)}")
    name = value.get("name")
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"{where}.name must be the name of a parameter, not {name!r}")
    types = _words(value.get("types", ()), f"{where}.types")
    for text in types:
        if not _DOTTED.fullmatch(text.replace(":", ".", 1)):
            raise ValueError(f'{where}.types must be "module:Class" or a bare name, not {text!r}')
    return Role(
        name,
        _words(value.get("names", (name,)), f"{where}.names"),
        types,
        _flag(value.get("keyword", False), f"{where}.keyword"),
        _flag(value.get("required", True), f"{where}.required"),
        _words(value.get("formerly", ()), f"{where}.formerly"),
    )


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word for word in value):
        raise TypeError(f"{where} must be a list of strings, not {value!r}")
    return tuple(value)


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{where} must be true or false, not {value!r}")
    return value


def _check_order(roles: Iterable[Role]) -> None:
    by_keyword = None
    for role in roles:
        if by_keyword and not role.keyword:
            raise ValueError(f"parameters: {role.name} is positional and follows {by_keyword}, which is keyword-only")
        by_keyword = role.name if role.keyword else by_keyword


def _check_distinct(names: list[str], retired: frozenset[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"parameters: {name} is declared twice")
        if name in retired:
            raise ValueError(f"retired: {name} is also a parameter, or what one was called")
