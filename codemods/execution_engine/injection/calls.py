"""A file in, its calls of the declared callable out: each to be completed, or left alone with the reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from injection.declared import Declared, Role
from injection.evidence import expects_error, last_name
from injection.reach import Found, Missing, Reach
from injection.scopes import File, Function

_KEEP = re.compile(r"#\s*repoint:\s*keep\b")
_LINES = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Completed:
    """Arguments to add to a call: (keyword or "", expression); to rename: (old, new); to leave out, by keyword."""

    call: ast.Call
    added: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """A call that is left as it is, and why."""

    call: ast.Call
    why: str


@dataclass(frozen=True)
class _Given:
    """What a call passes: expressions by position, and keywords by the names that the parameters have now."""

    positional: tuple[ast.expr, ...]
    keywords: frozenset[str]
    renamed: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def calls(file: File, text: str, declared: Declared) -> Iterator[Completed | Left]:
    """Every call of the callable that lacks something, or that nobody can tell of."""
    lines = _LINES.split(text)
    reach: Reach | None = None
    for node in file.nodes:
        if not isinstance(node, ast.Call):
            continue
        found = _is_call(file, node, declared)
        if found is None or any(_KEEP.search(line) for line in lines[node.lineno - 1 : node.end_lineno]):
            continue
        if isinstance(found, str):
            yield Left(node, found)
            continue
        reach = reach or Reach(file, declared)
        outcome = _complete(node, found, declared, reach)
        if isinstance(outcome, Completed):
            obstacle = _obstacle(file, node, declared)
            outcome = Left(node, obstacle) if obstacle else outcome
        if outcome is not None:
            yield outcome


# --- is it a call of it? ----------------------------------------------------------------------------------------------


def _is_call(file: File, call: ast.Call, declared: Declared) -> int | str | None:
    """How many leading arguments are not parameters (the `self` of `Class.__init__(self)`); or why nobody can tell."""
    func = call.func
    if _is_super_init(func):
        return _super_call(file, call, declared)
    if not isinstance(func, ast.Name | ast.Attribute):
        return None
    loaded = file.loaded(func, file.scope_of[call])
    for dotted, skipped in ((declared.dotted, 0), (f"{declared.dotted}.__init__", 1)):
        if loaded == {dotted}:
            return skipped
        if dotted in loaded:
            return f"{last_name(func)} is bound to something else as well, so it may not be {declared.dotted}"
    starred = isinstance(func, ast.Name) and func.id == declared.simple and not loaded
    if starred and declared.module in file.stars:
        return f"{declared.simple} comes by `import *`; import it by name"
    return None


def _is_super_init(func: ast.expr) -> bool:
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "__init__"
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "super"
    )


def _super_call(file: File, call: ast.Call, declared: Declared) -> int | str | None:
    """`super().__init__()` in the `__init__` of a class that is derived from the declared one, and directly so."""
    method = next((item for item in file.ancestors(call) if isinstance(item, Function | ast.ClassDef)), None)
    owner = file.parent_of.get(method) if method is not None else None
    if not (isinstance(method, Function) and method.name == "__init__" and isinstance(owner, ast.ClassDef)):
        return None
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in owner.bases]  # Engine[int]
    bases = [file.loaded(base, file.scope_of[owner]) for base in plain]
    if not any(declared.dotted in loaded for loaded in bases):
        return None
    if len(owner.bases) > 1 or bases != [{declared.dotted}]:
        return f"{owner.name} has other bases too, and which one this calls depends on them"
    return 0


# --- what does it lack? -----------------------------------------------------------------------------------------------


def _complete(call: ast.Call, skipped: int, declared: Declared, reach: Reach) -> Completed | Left | None:
    """None if the call has all that it needs."""
    given = _given(call, skipped, declared)
    if isinstance(given, str):
        return Left(call, given)
    taken = {role.name for role in declared.positional[: len(given.positional)]} | given.keywords
    lacking = [role for role in declared.roles if role.name not in taken]
    needed = [role for role in lacking if role.required]
    pairs = list(zip(given.positional, declared.positional, strict=False))
    misplaced = _misplaced(pairs, declared, reach, bool(needed))
    if misplaced:
        return Left(call, misplaced)
    if not (lacking or given.renamed or given.left_out):
        return None
    found = {role.name: reach.find(role, call) for role in lacking}
    missing = {role.name: value for role in needed if isinstance(value := found[role.name], Missing)}
    if missing:
        return Left(call, _lacks(call, missing))
    added = [(role, value.text) for role in lacking if isinstance(value := found[role.name], Found)]
    for role, text in added:
        other = _other_use(call, role, text, added)
        if other:
            return Left(call, other)
    if not (added or given.renamed or given.left_out):
        return None
    return Completed(call, _arguments(call, given, added, declared), given.renamed, given.left_out)


def _given(call: ast.Call, skipped: int, declared: Declared) -> _Given | str:
    """Match the arguments to the parameters; a string says why they do not match."""
    shown = _shown(call)
    if any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords):
        return f"{shown} passes *args or **kwargs, so what it lacks cannot be told"
    if len(call.args) < skipped:
        return f"{shown} is called without an instance"
    positional = tuple(call.args[skipped:])
    places = declared.positional
    if len(positional) > len(places):
        return f"{shown} does not match: {len(positional)} arguments by position, where there are {len(places)}"
    new_names = {old: role.name for role in declared.roles for old in role.formerly}
    taken = {role.name for role in places[: len(positional)]}
    renamed, left_out = [], []
    for keyword in call.keywords:
        name = str(keyword.arg)
        if name in declared.retired and isinstance(keyword.value, ast.Name | ast.Attribute | ast.Constant):
            left_out.append(name)
            continue
        if name in new_names:
            renamed.append((name, new_names[name]))
        name = new_names.get(name, name)
        if name not in (role.name for role in declared.roles):
            return f"{shown} does not match: it has no parameter {name}"
        if name in taken:
            return f"{shown} does not match: {name} is given twice"
        taken.add(name)
    return _Given(positional, frozenset(taken), tuple(renamed), tuple(left_out))


def _misplaced(pairs: list[tuple[ast.expr, Role]], declared: Declared, reach: Reach, lacking: bool) -> str:
    """Which argument stands where another belongs. Of a call that lacks others, each has to be known to be right."""
    for number, (value, role) in enumerate(pairs, start=1):
        fits = reach.fits(role, value)
        other = [item.name for item in declared.roles if item is not role and reach.fits(item, value)]
        if not fits and other:
            what = f"it is a value for {other[0]}, not for {role.name}"
            return f"argument {number}, {_short(value)}, does not match: {what}"
        if lacking and not fits:
            return f"argument {number}, {_short(value)}, does not match: it is not known to be a value for {role.name}"
    return ""


def _lacks(call: ast.Call, missing: dict[str, Missing]) -> str:
    bare = [name for name, value in missing.items() if not value.why]
    reasons = [value.why for value in missing.values() if value.why]
    if bare:
        whose = "" if not reasons else f" for {', '.join(bare)}"
        these = "these roles" if len(bare) > 1 else "this role"
        reasons.append(f"no value{whose} is in scope" if whose else f"no value of {these} is in scope")
    return f"{_shown(call)} lacks {', '.join(missing)}: {'; '.join(reasons)}"


def _other_use(call: ast.Call, role: Role, text: str, added: list[tuple[Role, str]]) -> str:
    """One value is not given twice: not for two roles, and not beside itself."""
    others = [other.name for other, again in added if again == text and other is not role]
    if others:
        return f"{text} could be {role.name} as well as {others[0]}"
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    passed = {ast.unparse(value) for value in values if isinstance(value, ast.Name | ast.Attribute)}
    return f"{_shown(call)} lacks {role.name}: {text} is passed already" if text in passed else ""


def _arguments(
    call: ast.Call, given: _Given, added: list[tuple[Role, str]], declared: Declared
) -> tuple[tuple[str, str], ...]:
    """By position as long as nothing is given by name and no parameter is passed over."""
    kept = len(call.keywords) - len(given.left_out)
    by_keyword = declared.by_keyword or kept > 0
    place = len(given.positional)
    arguments = []
    for role, text in added:
        fits = not by_keyword and place < len(declared.positional) and declared.positional[place] is role
        arguments.append(("" if fits else role.name, text))
        by_keyword, place = not fits, place + 1
    return tuple(arguments)


# --- is there a reason to leave it? -----------------------------------------------------------------------------------


def _obstacle(file: File, call: ast.Call, declared: Declared) -> str:
    shown = _shown(call)
    child: ast.AST = call
    for ancestor in file.ancestors(call):
        if isinstance(ancestor, ast.JoinedStr) or type(ancestor).__name__ == "TemplateStr":
            return f"{shown} stands in an f-string, where nothing is rewritten"
        around = _around(ancestor, child)
        if any(expects_error(item) for item in around):
            return f"{shown} stands where it is expected to fail"
        if any(_patches(item, declared.simple) for item in around):
            return f"{shown} stands where {declared.simple} is patched, and may be a mock"
        child = ancestor
    return ""


def _around(ancestor: ast.AST, child: ast.AST) -> list[ast.expr]:
    """The expressions that decide over what runs in `child`."""
    if isinstance(ancestor, ast.With | ast.AsyncWith) and isinstance(child, ast.stmt):
        return [item.context_expr for item in ancestor.items]
    if isinstance(ancestor, Function | ast.ClassDef):
        return list(ancestor.decorator_list)
    return [ancestor] if isinstance(ancestor, ast.Call) and isinstance(child, ast.Lambda) else []


def _patches(node: ast.expr, name: str) -> bool:
    if not isinstance(node, ast.Call) or "patch" not in _dotted(node.func):
        return False
    texts = [item.value for item in node.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return any(text.rpartition(".")[2] == name for text in texts)


def _shown(call: ast.Call) -> str:
    return "super().__init__()" if _is_super_init(call.func) else f"{_dotted(call.func)}()"


def _dotted(node: ast.expr) -> str:
    """`a.b.c`, as far as it is made of names."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join(reversed([*names, last_name(node)] if last_name(node) else names))


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else f"{text[:37]}..."
