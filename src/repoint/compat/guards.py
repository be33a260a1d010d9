"""What makes a use harmless that the new definition cannot serve: a place in the syntax in, yes or no out."""

from __future__ import annotations

import ast
import re

from repoint.compat.syntax import Syntax, tail, text_of

_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "suppress"})
_BROAD = frozenset({"Exception", "BaseException"})
_AWAITED_LATER = frozenset({
    "run", "run_until_complete", "create_task", "ensure_future", "gather", "wait_for", "shield", "iscoroutine",
    "isawaitable", "run_coroutine_threadsafe", "append", "extend",
})  # fmt: skip
_PATCHING = frozenset({"object", "setattr", "delattr", "spy"})


def is_expected(syntax: Syntax, node: ast.AST, error: str) -> bool:
    """Whether code around `node` is ready for it to raise `error`: a handler of just that, or `pytest.raises`."""
    for above, child in syntax.parents(node):
        if isinstance(above, ast.Try | ast.TryStar) and child in above.body:
            if any(error in _named(handler.type) for handler in above.handlers):
                return True
        elif isinstance(above, ast.With | ast.AsyncWith) and child in above.body:
            for item in above.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and tail(call.func) in _RAISES and _takes(call, error):
                    return True
        elif isinstance(above, ast.Call) and tail(above.func) in _RAISES and _takes(above, error):
            return True  # `assertRaises(TypeError, Name, …)`, or a lambda there
    return False


def _takes(call: ast.Call, error: str) -> bool:
    return any(_named(argument) & {error, *_BROAD} for argument in call.args)


def _named(node: ast.expr | None) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {tail(part) for part in parts if part is not None}


def is_asked_for(syntax: Syntax, node: ast.AST, member: str) -> bool:
    """Whether the function around `node` asks if the member is there, or puts it there itself."""
    source = syntax.source(syntax.outermost(node))
    quoted = rb"[\"']" + re.escape(member.encode()) + rb"[\"']"
    asked = rb"\b(?:hasattr|getattr|setattr|delattr)\s*\([^\"']{0,200}?" + quoted
    made = (
        rb"\b(?:object|setattr|delattr|multiple)\s*\([^\"']{0,200}?"
        + quoted
        + rb"[^#]{0,400}?(?:create\s*=\s*True|raising\s*=\s*False)"
    )
    listed = rb"(?:hasattr|getattr)\s*\(\s*\w+(?:\.\w+)*\s*,\s*\w+\s*[,)]"
    if re.search(asked, source):
        return not _only_patched(source, quoted)
    return re.search(made, source) is not None or (
        re.search(listed, source) is not None and re.search(quoted, source) is not None
    )


def _only_patched(source: bytes, quoted: bytes) -> bool:
    """Whether all that names the member so is a strict `monkeypatch.setattr`, which fails without it."""
    strict = rb"\bmonkeypatch\.(?:setattr|delattr)\s*\([^\"']{0,200}?" + quoted
    loose = rb"(?<!monkeypatch\.)\b(?:hasattr|getattr|setattr|delattr)\s*\([^\"']{0,200}?" + quoted
    return re.search(strict, source) is not None and re.search(loose, source) is None


def is_awaited_elsewhere(syntax: Syntax, call: ast.Call) -> bool:
    """Whether a call that is not awaited in place may be awaited all the same."""
    source = syntax.source(syntax.outermost(call))
    if b"iscoroutine" in source or b"isawaitable" in source:
        return True
    for above, _ in syntax.parents(call):
        if isinstance(above, ast.Call) and tail(above.func) in _AWAITED_LATER:
            return True
        if isinstance(above, ast.Await | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            return True
        if isinstance(above, ast.stmt):
            return isinstance(above, ast.Return) or _is_awaited_by_name(above, source)
    return False


def _is_awaited_by_name(statement: ast.stmt, source: bytes) -> bool:
    """`task = f()`, and `await task` later."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Call)
    name = re.escape(statement.targets[0].id.encode())
    waits = rb"\bawait\s+(?:asyncio\.\w+\([^)\n]*)?\b" + name + rb"\b(?!\s*[.(\[])"
    given = (
        rb"\b(?:gather|create_task|ensure_future|wait_for|run|run_until_complete|wait)\s*\([^)\n]*\b" + name + rb"\b"
    )
    return re.search(waits, source) is not None or re.search(given, source) is not None


def patched_member(call: ast.Call, owner: ast.expr) -> str | None:
    """The member that `patch.object(owner, "member")` and its like replace; None for other calls and lenient ones."""
    if tail(call.func) not in _PATCHING or len(call.args) < 2 or call.args[0] is not owner:
        return None
    if tail(call.func) == "object" and tail(getattr(call.func, "value", call.func)) != "patch":
        return None
    if isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr"):
        return None
    return None if is_lenient(call) else text_of(call.args[1])


def is_lenient(call: ast.Call) -> bool:
    """Whether a patching call does not mind that the attribute is not there."""
    return any(
        (keyword.arg == "create" and _constant(keyword.value) is True)
        or (keyword.arg == "raising" and _constant(keyword.value) is not True)
        or keyword.arg is None
        for keyword in call.keywords
    )


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
