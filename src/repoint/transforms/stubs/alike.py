"""Whether a stub that is there is the one that would be written, but for its layout: two texts in, yes or no out.

A formatter sorts imports, joins or splits their statements and breaks lines; a second plan has nothing to do then.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator


def is_alike(there: bytes, wanted: str) -> bool:
    """True where both say the same. The order of imports counts where they bind one name twice."""
    found, made = _tree(there), _tree(wanted)
    return found is not None and made is not None and _said(found.body) == _said(made.body)


def _tree(source: bytes | str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _said(body: list[ast.stmt]) -> list[object]:
    """Statements in order, each run of imports as the set of what it binds."""
    said: list[object] = []
    run: list[tuple[object, ...]] = []
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            run += _bound(node)
            continue
        said += [*_as_set(run), _one(node)]
        run = []
    return said + _as_set(run)


def _bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[object, ...]]:
    """Of each the local name, what it stands for, and what is loaded: `import a.b` binds `a`, and loads `a.b`."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            name = None if alias.name == "*" else alias.asname or alias.name
            yield (name, (node.module, node.level, alias.name), None)
        else:
            bound = alias.name if alias.asname else alias.name.partition(".")[0]
            yield (alias.asname or bound, bound, alias.name)


def _as_set(run: list[tuple[object, ...]]) -> list[object]:
    names = {item[0] for item in run}
    if None in names or len(names) < len({item[:2] for item in run}):
        return list(run)
    return [frozenset(run)] if run else []


def _one(node: ast.stmt) -> object:
    """`if TYPE_CHECKING:` holds imports as well."""
    if isinstance(node, ast.If) and not node.orelse:
        return ("if", ast.dump(node.test), tuple(_said(node.body)))
    return ast.dump(node)
