"""What a stub no longer does when it is imported or run: the old module's source in, findings out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from repoint.analysis.namespace import defined_by
from repoint.analysis.parse import parse
from repoint.model import Finding, Severity
from repoint.transforms.stubs.effects import Function, is_main_block, only_says, root, run_now


def lost_effects(path: str, module: str, data: bytes, carried: frozenset[int], told: bool) -> list[Finding]:
    """Statements of the top level that reach beyond the module, those at the lines `carried` aside.

    `told` says that the user knows of the main block.
    """
    _, tree, _ = parse(data)
    lost = [statement for statement in tree.body if statement.lineno not in carried]
    mains = [statement for statement in lost if is_main_block(statement)]
    found = []
    for statement in [] if told else mains:
        message = f"`python -m {module}` runs this block, which goes with the implementation"
        mend = "run the new home instead; `__main__` under `keep` carries it over, under `drop` says that this is meant"
        found.append(Finding(path, statement.lineno, 1, "main-block-lost", Severity.WARNING, message, mend))
    own = frozenset(name for item in tree.body if not isinstance(item, Function) for name in defined_by(item))
    for statement in lost:
        effect = None if statement in mains else next(_effects(statement, own), None)
        if effect is not None:
            shown = ast.unparse(effect).partition("\n")[0]
            shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
            message = f"`{shown}` runs when {module} is imported, and goes with the implementation"
            mend = "do it where the new home is imported, if it is still needed"
            found.append(Finding(path, effect.lineno, 1, "effect-lost", Severity.WARNING, message, mend))
    return found


def _effects(statement: ast.stmt, own: frozenset[str]) -> Iterator[ast.stmt]:
    """Calls for their effect alone, and changes of what the module does not own, in the order of the text."""
    for node in sorted((item for item in run_now([statement]) if isinstance(item, ast.stmt)), key=lambda n: n.lineno):
        match node:
            case ast.Expr(value=ast.Call() as call):
                if not only_says(call) and root(call.func) not in own:
                    yield node
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                if any(_changes_other(target, own) for target in targets):
                    yield node
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                if _changes_other(target, own):
                    yield node


def _changes_other(target: ast.expr, own: frozenset[str]) -> bool:
    return isinstance(target, ast.Attribute | ast.Subscript) and root(target) not in own
