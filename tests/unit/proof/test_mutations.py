"""The proof is tested by mutation: faults are planted into what the conformance cases change, and each must be caught.

A mutant is caught by a fault, or told to whoever knows the repository: by another pair, a lost name, a new import.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from repoint.model import EditKind, splice
from repoint.names import is_package_file, module_of, parent
from repoint.proof.examine import examine
from repoint.proof.model import Examined, Subject
from tests.proof_tools import edits_between, told
from tests.transform_tools import plan_of

pytestmark = pytest.mark.slow

CONFORMANCE = Path(__file__).parents[2] / "conformance"
REPLACED = (EditKind.STUB, EditKind.DELETE)


class Good(NamedTuple):
    """A change that is right, and the verdict on it."""

    case: str
    subject: Subject
    examined: Examined
    strings: tuple[tuple[int, int], ...]


class Mutant(NamedTuple):
    """The two versions with a planted fault, and where it is."""

    before: str
    after: str
    what: str


def _runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_run_for_proof", CONFORMANCE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def goods() -> tuple[Good, ...]:
    """Every file that a conformance case changes, stubs aside."""
    load = _runner().load
    found = []
    for path in sorted((CONFORMANCE / "cases").glob("*.case")):
        case = load(path)
        if case.beside or case.expect.get("plan_exit"):
            continue
        plan = plan_of(case.before, case.manifest)
        for change in (change for batch in plan.batches for change in batch.files):
            if change.path.endswith(".py") and not any(edit.kind in REPLACED for edit in change.edits):
                before, module = case.before[change.path], module_of(change.path)
                after = splice(before, change.edits, change.encoding)
                package = module if is_package_file(change.path) else parent(module)
                subject = Subject(change.path, module, package, before, after, change.edits)
                strings = tuple((e.start, e.end) for e in change.edits if e.kind is EditKind.STRING)
                found.append(Good(path.stem, subject, examine(subject), strings))
    return tuple(found)


# The operators: each gives the mutants of one good change, as texts.


def _nodes(text: str, kinds: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))


def _put(text: str, node: ast.AST, new: str) -> str:
    """`text` with the source of `node` replaced."""
    rows = text.split("\n")  # not `splitlines`, which splits at form feeds

    def at(line: int, column: int) -> int:
        head = sum(len(row) + 1 for row in rows[: line - 1])
        return head + len(rows[line - 1].encode()[:column].decode())

    start = at(node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return text[:start] + new + text[end:]


def _changed_imports(before: str, after: str) -> list[ast.Import | ast.ImportFrom]:
    """Import statements after that were not there before."""
    old = [ast.dump(node) for node in _nodes(before, (ast.Import, ast.ImportFrom))]
    return [node for node in _nodes(after, (ast.Import, ast.ImportFrom)) if ast.dump(node) not in old]  # type: ignore[misc]


def _new_names(before: str, after: str) -> list[str]:
    """Names that are used after and were not before."""
    old, new = ({node.id for node in _nodes(text, ast.Name)} for text in (before, after))  # type: ignore[attr-defined]
    return sorted(new - old)


def drop_import(before: str, after: str) -> Iterator[Mutant]:
    for node in _changed_imports(before, after):
        yield Mutant(before, _put(after, node, "pass"), ast.unparse(node))


def drop_name(before: str, after: str) -> Iterator[Mutant]:
    for node in _changed_imports(before, after):
        for alias in node.names if len(node.names) > 1 else ():
            yield Mutant(before, _put(after, node, _with(node, [a for a in node.names if a is not alias])), alias.name)


def lose_alias(before: str, after: str) -> Iterator[Mutant]:
    for node in _changed_imports(before, after):
        for alias in node.names:
            if alias.asname not in (None, alias.name):
                names = [ast.alias(a.name) if a is alias else a for a in node.names]
                yield Mutant(before, _put(after, node, _with(node, names)), alias.name)


def wrong_alias(before: str, after: str) -> Iterator[Mutant]:
    for node in _changed_imports(before, after):
        for alias in node.names:
            names = [ast.alias(a.name, "wrong_") if a is alias else a for a in node.names]
            yield Mutant(before, _put(after, node, _with(node, names)), alias.name)


def wrong_module(before: str, after: str) -> Iterator[Mutant]:
    for node in _changed_imports(before, after):
        for alias in node.names:
            names = [
                ast.alias(f"{a.name}_x", a.asname or a.name.partition(".")[0]) if a is alias else a for a in node.names
            ]
            yield Mutant(before, _put(after, node, _with(node, names)), alias.name)


def move_out(before: str, after: str) -> Iterator[Mutant]:
    """An import of a function, a `try` or an `if` comes first in the file."""
    future = max((n.end_lineno or 0 for n in ast.parse(after).body if _is_head(n)), default=0)
    for node in _changed_imports(before, after):
        if node.col_offset and not any(node is item for item in ast.parse(after).body):
            lines = _put(after, node, "pass").splitlines(keepends=True)
            text = "".join([*lines[:future], f"{ast.unparse(node)}\n", *lines[future:]])
            yield Mutant(before, text, ast.unparse(node))


def move_in(before: str, after: str) -> Iterator[Mutant]:
    """An import gets a guard that it had not: both versions have the `if`, one the import in it."""
    for node in _changed_imports(before, after):
        if not node.col_offset and ";" not in after.splitlines()[node.lineno - 1]:
            guard = f"if x:\n    {ast.unparse(node)}"
            yield Mutant("if x:\n    pass\n" + before, "if x:\n    pass\n" + _put(after, node, guard), guard)


def move_down(before: str, after: str) -> Iterator[Mutant]:
    """An import of the top level comes last in the file."""
    for node in _changed_imports(before, after):
        top = ast.parse(after).body
        at = next((index for index, item in enumerate(top) if item.lineno == node.lineno and not node.col_offset), None)
        if at is not None and any(not isinstance(item, ast.Import | ast.ImportFrom) for item in top[at:]):
            text = _put(after, node, "pass") if ";" in after else _without(after, node)
            yield Mutant(before, text.rstrip("\n") + f"\n{ast.unparse(node)}\n", ast.unparse(node))


def forget_a_use(before: str, after: str) -> Iterator[Mutant]:
    """A name keeps its old spelling where all others follow."""
    old = list(_nodes(before, ast.Name))
    new = list(_nodes(after, ast.Name))
    if len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            if one.id != other.id:  # type: ignore[attr-defined]
                yield Mutant(before, _put(after, other, one.id), f"{one.id}:{other.lineno}")  # type: ignore[attr-defined]


def misspell_a_use(before: str, after: str) -> Iterator[Mutant]:
    new = set(_new_names(before, after))
    for node in _nodes(after, ast.Name):
        if node.id in new:  # type: ignore[attr-defined]
            yield Mutant(before, _put(after, node, "object"), f"{node.id}:{node.lineno}")  # type: ignore[attr-defined]


def swap_attribute(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, ast.Attribute):
        text = ast.get_source_segment(after, node) or ""
        yield Mutant(before, _put(after, node, f"{text.removesuffix(node.attr)}other_"), text)  # type: ignore[attr-defined]


def change_constant(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, ast.Constant):
        segment = ast.get_source_segment(after, node)
        if segment and segment[:1] in "0123456789'\"FTN" and not _in_fstring(after, node):
            yield Mutant(before, _put(after, node, "12345 "), segment)


def change_text(before: str, after: str) -> Iterator[Mutant]:
    """A letter more in a string that no edit of strings names."""
    for node in _nodes(after, ast.Constant):
        segment = ast.get_source_segment(after, node) or ""
        if re.fullmatch(r"(['\"])\w+\1", segment) and not _in_fstring(after, node):
            yield Mutant(before, _put(after, node, f"{segment[:-1]}_{segment[-1]}"), segment)


def drop_statement(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, ast.stmt):
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
            yield Mutant(before, _put(after, node, "pass"), f"{type(node).__name__}:{node.lineno}")  # type: ignore[attr-defined]


def double_statement(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, (ast.Assign, ast.Return, ast.Expr, ast.Raise, ast.Delete)):
        text = ast.get_source_segment(after, node) or ""
        yield Mutant(before, _put(after, node, f"{text}; {text}"), text)


def turn_comparison(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, ast.Compare):
        text = ast.get_source_segment(after, node) or ""
        for old, new in ((" is not ", " is "), (" is ", " is not "), (" == ", " != ")):
            if old in text:
                yield Mutant(before, _put(after, node, text.replace(old, new, 1)), text)
                break


def drop_decorator(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, (ast.FunctionDef, ast.ClassDef)):
        for decorator in node.decorator_list:  # type: ignore[attr-defined]
            yield Mutant(before, _put(after, decorator, "staticmethod"), ast.unparse(decorator))


def rename_parameter(before: str, after: str) -> Iterator[Mutant]:
    for node in _nodes(after, ast.arg):
        segment = ast.get_source_segment(after, node) or ""
        yield Mutant(before, _put(after, node, segment.replace(node.arg, f"{node.arg}_", 1)), segment)  # type: ignore[attr-defined]


def capture_in_function(before: str, after: str) -> Iterator[Mutant]:
    """Both versions assign the new name in a function that uses the moved one."""
    yield from _planted(before, after, "{name} = None; ")


def capture_by_import(before: str, after: str) -> Iterator[Mutant]:
    yield from _planted(before, after, "import sys as {name}; ")


def _planted(before: str, after: str, text: str) -> Iterator[Mutant]:
    for name in _new_names(before, after):
        for one, other in zip(_functions(before), _functions(after), strict=True):
            used = {node.id for node in ast.walk(other) if isinstance(node, ast.Name)}
            bound = {
                a.asname or a.name
                for n in ast.walk(other)
                if isinstance(n, ast.Import | ast.ImportFrom)
                for a in n.names
            }
            declared = {
                n for node in ast.walk(other) if isinstance(node, ast.Global | ast.Nonlocal) for n in node.names
            }
            if name in used - bound - declared and name not in _stored_or_nested(other):
                plant = text.format(name=name)
                yield Mutant(
                    _before_last(before, one, plant), _before_last(after, other, plant), f"{name} in {other.name}"
                )


def capture_by_parameter(before: str, after: str) -> Iterator[Mutant]:
    for name in _new_names(before, after):
        for one, other in zip(_functions(before), _functions(after), strict=True):
            body = [node for item in other.body for node in ast.walk(item)]
            used = {node.id for node in body if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
            bound = {a.asname or a.name for n in body if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
            declared = any(isinstance(node, ast.Global | ast.Nonlocal | ast.Delete) for node in body)
            if name in used - bound and not declared and name not in _stored_or_nested(other):
                yield Mutant(*(_with_parameter(t, n, name) for t, n in ((before, one), (after, other))), other.name)


def capture_at_top_level(before: str, after: str) -> Iterator[Mutant]:
    """Both versions bind the new name at the end of the file, so uses in functions meet it."""
    for name in _new_names(before, after):
        top = [node for node in _changed_imports(before, after) if not node.col_offset]
        if any((alias.asname or alias.name) == name for node in top for alias in node.names):
            plant = f"\n{name} = None\n"
            yield Mutant(before + plant, after + plant, name)


def shadow_builtin(before: str, after: str) -> Iterator[Mutant]:
    """A changed import also takes the name of a builtin that the file uses."""
    used = {node.id for node in _nodes(before, ast.Name)} & {"len", "dict", "list", "isinstance", "range", "type"}  # type: ignore[attr-defined]
    for node in _changed_imports(before, after):
        for name in sorted(used):
            first = node.names[0]
            yield Mutant(before, _put(after, node, _with(node, [*node.names, ast.alias(first.name, name)])), name)


OPERATORS: list[Callable[[str, str], Iterator[Mutant]]] = [
    drop_import,
    drop_name,
    lose_alias,
    wrong_alias,
    wrong_module,
    move_out,
    move_in,
    move_down,
    forget_a_use,
    misspell_a_use,
    swap_attribute,
    change_constant,
    change_text,
    drop_statement,
    double_statement,
    turn_comparison,
    drop_decorator,
    rename_parameter,
    capture_in_function,
    capture_by_import,
    capture_by_parameter,
    capture_at_top_level,
    shadow_builtin,
]


def _with(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> str:
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(names))
    return ast.unparse(ast.ImportFrom(node.module, names, node.level))


def _without(text: str, node: ast.stmt) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: node.lineno - 1] + lines[node.end_lineno :])


def _is_head(node: ast.stmt) -> bool:
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return future or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _in_fstring(text: str, node: ast.AST) -> bool:
    return (
        any(node in ast.walk(one) for one in _nodes(text, ast.JoinedStr))
        or _row(text, node).count("f'") + _row(text, node).count('f"') > 0
    )


def _row(text: str, node: ast.AST) -> str:
    return text.splitlines()[node.lineno - 1]  # type: ignore[attr-defined]


def _functions(text: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def _stored_or_nested(function: ast.FunctionDef) -> set[str]:
    """Names that the function binds itself, and all that only functions below it use."""
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    stored |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    head = [*function.decorator_list, *function.args.defaults]
    annotations = [n.annotation for n in ast.walk(function.args) if isinstance(n, ast.arg) and n.annotation]
    head += annotations + ([function.returns] if function.returns else [])
    outside = {n.id for item in head for n in ast.walk(item) if isinstance(n, ast.Name)}
    inside = {n.id for item in function.body for n in ast.walk(item) if isinstance(n, ast.Name)}
    return stored | (outside - inside)


def _before_last(text: str, function: ast.FunctionDef, plant: str) -> str:
    """`plant` on the line of the function's last statement, before it."""
    last = function.body[-1]
    line = last.lineno - 1
    lines = text.splitlines(keepends=True)
    row = lines[line].encode()
    lines[line] = (row[: last.col_offset] + plant.encode() + row[last.col_offset :]).decode()
    return "".join(lines)


def _with_parameter(text: str, function: ast.FunctionDef, name: str) -> str:
    """`name=0` as one more parameter by keyword."""
    arguments = ast.parse(ast.unparse(function)).body[0]
    assert isinstance(arguments, ast.FunctionDef)
    arguments.args.kwonlyargs.append(ast.arg(name))
    arguments.args.kw_defaults.append(ast.Constant(0))
    arguments.decorator_list, function.decorator_list = [], []
    indent = " " * function.col_offset
    return _put(text, function, ast.unparse(arguments).replace("\n", f"\n{indent}"))


def _mutants(operator: Callable[[str, str], Iterator[Mutant]]) -> Iterator[tuple[Good, Mutant]]:
    for good in goods():
        try:
            before, after = good.subject.before.decode(), good.subject.after.decode()
        except UnicodeDecodeError:
            continue
        if before.startswith("\ufeff") or "\r" in before:
            continue
        for mutant in operator(before, after):
            if _parses(mutant.before) and _parses(mutant.after) and mutant.after != after:
                yield good, mutant


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _told(examined: Examined) -> tuple[object, ...]:
    pairs = {(pair.before, pair.after) for pair in examined.pairs}
    return pairs, examined.lost, {(new.module, new.names, new.import_time) for new in examined.imports}


def test_no_good_change_is_refused() -> None:
    assert len(goods()) > 80
    assert [f"{good.case}: {told(good.examined)}" for good in goods() if good.examined.faults] == []


# Mutants that mean what they should, by operator, case and place: here the module's import is of the same object.
HARMLESS = {("forget_a_use", "reexport-in-init-without-users", "ExecutionEngine:6")}


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.__name__)
def test_every_mutant_is_caught(operator: Callable[[str, str], Iterator[Mutant]]) -> None:
    """Run with `-s` to see the figures."""
    faults = others = 0
    survivors = []
    for good, mutant in _mutants(operator):
        before, after = mutant.before.encode(), mutant.after.encode()
        edits = edits_between(before, after, good.strings)
        one = good.subject
        examined = examine(Subject(one.path, one.module, one.package, before, after, edits))
        if examined.faults:
            faults += 1
        elif _told(examined) != _told(good.examined):
            others += 1
        elif (operator.__name__, good.case, mutant.what) not in HARMLESS:
            survivors.append((good.case, one.path, mutant.what))
    print(f"\n{operator.__name__}: {faults + others} of {faults + others + len(survivors)} ({others} told)")
    assert faults + others > 0
    assert survivors == []
