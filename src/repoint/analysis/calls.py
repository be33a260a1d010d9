"""The callables whose string arguments name import paths: a resolved callee in, the meaning of its arguments out."""

from __future__ import annotations

import ast

from repoint.analysis.facts import StringUse
from repoint.model import Frozen

PATCH_FUNCTIONS = frozenset({"unittest.mock.patch", "mock.patch", "mocker.patch"})


class Meaning(Frozen, frozen=True):
    """What an argument of a call is; for an attribute's name, `owner` is the expression whose attribute it is.

    `package` is the argument that a relative module is relative to.
    """

    argument: ast.expr
    use: StringUse
    owner: ast.expr | None = None
    package: ast.expr | None = None


# Callee, position, keyword: arguments that are modules or dotted objects.
_MODULE_ARGUMENTS = {
    "importlib.import_module": "name",
    "importlib.util.find_spec": "name",
    "importlib.__import__": "name",
    "builtins.__import__": "name",
    "pkgutil.resolve_name": "name",
    "runpy.run_module": "mod_name",
    "logging.getLogger": "name",
    "sys.modules.get": "",
    "sys.modules.pop": "",
    "sys.modules.setdefault": "",
}
_RELATIVE = frozenset({"importlib.import_module", "importlib.util.find_spec"})
_KNOWN_KEYWORDS = ("target", "name", "path", "logger")
_LOGGER_METHODS = frozenset({"assertLogs", "assertNoLogs"})
_CAPLOG_METHODS = frozenset({"set_level", "at_level"})


def meanings(callee: str, call: ast.Call, known_calls: tuple[str, ...]) -> list[Meaning]:
    """What the arguments of `call`, whose callee resolves to `callee`, mean; empty for other calls."""
    head, _, tail = callee.rpartition(".")
    if callee in PATCH_FUNCTIONS:
        return _one(call, 0, "target", StringUse.ATTRIBUTE_PATH)
    if head in PATCH_FUNCTIONS:
        return _patch_variant(tail, call)
    if callee in ("monkeypatch.setattr", "monkeypatch.delattr"):
        return _set_attribute(call)
    if callee in ("monkeypatch.setitem", "monkeypatch.delitem"):
        return _item_of_modules(call)
    if callee == "mocker.spy":
        return _attribute_of_object(call, "obj", "name")
    if callee in _RELATIVE and (package := _argument(call, 1, "package")) is not None:
        found = _one(call, 0, "name", StringUse.MODULE_PATH)
        return [Meaning(item.argument, item.use, None, package) for item in found]
    if callee in _MODULE_ARGUMENTS:
        return _one(call, 0, _MODULE_ARGUMENTS[callee], StringUse.MODULE_PATH)
    if tail in _LOGGER_METHODS:
        return _one(call, 0, "logger", StringUse.MODULE_PATH)
    if tail in _CAPLOG_METHODS and head.endswith("caplog"):
        return _one(call, 1, "logger", StringUse.MODULE_PATH)
    if callee in known_calls:
        return _first_known(call)
    if callee in ("builtins.getattr", "builtins.hasattr", "builtins.setattr", "builtins.delattr"):
        return _told(call)
    return []


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    plain = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
    if position < len(plain) == len(call.args):
        return plain[position]
    return next((item.value for item in call.keywords if keyword and item.arg == keyword), None)


def _one(call: ast.Call, position: int, keyword: str, use: StringUse) -> list[Meaning]:
    argument = _argument(call, position, keyword)
    return [] if argument is None else [Meaning(argument, use)]


def _patch_variant(name: str, call: ast.Call) -> list[Meaning]:
    if name == "object":
        return _attribute_of_object(call, "target", "attribute")
    if name == "multiple":
        return _one(call, 0, "target", StringUse.MODULE_PATH)
    if name == "dict":
        return [*_one(call, 0, "in_dict", StringUse.ATTRIBUTE_PATH), *_keys_of_modules(call)]
    return []


def _keys_of_modules(call: ast.Call) -> list[Meaning]:
    """The keys of `patch.dict("sys.modules", {...})` and of `patch.dict(sys.modules, {...})`."""
    target = _argument(call, 0, "in_dict")
    values = _argument(call, 1, "values")
    if target is None or not isinstance(values, ast.Dict) or not _is_modules(target):
        return []
    return [Meaning(key, StringUse.MODULE_PATH) for key in values.keys if key is not None]


def _is_modules(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == "sys.modules"
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules"


def _set_attribute(call: ast.Call) -> list[Meaning]:
    """`monkeypatch.setattr("m.A", value)`, or `monkeypatch.setattr(m, "A", value)`."""
    target = _argument(call, 0, "target")
    if isinstance(target, ast.Constant):
        return [Meaning(target, StringUse.ATTRIBUTE_PATH)]
    return _attribute_of_object(call, "target", "name")


def _item_of_modules(call: ast.Call) -> list[Meaning]:
    target = _argument(call, 0, "dic")
    return _one(call, 1, "name", StringUse.MODULE_PATH) if target is not None and _is_modules(target) else []


def _attribute_of_object(call: ast.Call, target: str, attribute: str) -> list[Meaning]:
    owner = _argument(call, 0, target)
    name = _argument(call, 1, attribute)
    return [] if owner is None or name is None else [Meaning(name, StringUse.ATTRIBUTE_NAME, owner)]


def _told(call: ast.Call) -> list[Meaning]:
    if len(call.args) < 2:
        return []
    return [Meaning(call.args[1], StringUse.TOLD_NAME, call.args[0])]


def _first_known(call: ast.Call) -> list[Meaning]:
    for keyword in _KNOWN_KEYWORDS:
        argument = _argument(call, 0, keyword)
        if argument is not None:
            return [Meaning(argument, StringUse.MODULE_PATH)]
    return []
