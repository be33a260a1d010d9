"""The imports of an old module, taken apart name by name: statements in, the text of the names that are needed out."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import NamedTuple

from repoint.names import Symbol

Import = ast.Import | ast.ImportFrom


class Guarded(NamedTuple):
    """Imports for type checkers alone, and the test that guards them."""

    test: str
    imports: list[Import]


def local(alias: ast.alias) -> str:
    """The variable that one name of an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def aliases_of(statement: Import, wanted: Collection[str]) -> list[ast.alias]:
    """The names of an import that bind any of `wanted`."""
    return [alias for alias in statement.names if local(alias) in wanted]


def one_import(statement: Import, alias: ast.alias, moved: Mapping[str, Symbol]) -> str:
    """The import of just one name, from its new home where `moved` has one for the variable."""
    if isinstance(statement, ast.Import):
        return f"import {alias.name} as {alias.asname}" if alias.asname else f"import {alias.name}"
    module, name = moved.get(local(alias)) or (f"{'.' * statement.level}{statement.module or ''}", alias.name)
    return f"from {module} import {name}" + (f" as {local(alias)}" if name != local(alias) else "")


def guarded_imports(statement: ast.stmt) -> Guarded | None:
    """The imports of an `if TYPE_CHECKING:` that holds nothing else."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return None
    test = ast.unparse(statement.test)
    found = [item for item in statement.body if isinstance(item, Import)]
    return Guarded(test, found) if test.endswith("TYPE_CHECKING") and len(found) == len(statement.body) else None


def has_future(body: list[ast.stmt]) -> bool:
    """Whether a module has `from __future__ import annotations`."""
    return any(
        isinstance(item, ast.ImportFrom)
        and item.module == "__future__"
        and any(alias.name == "annotations" for alias in item.names)
        for item in body
    )
