"""The top level of an old module: its bytes in; which statements bind a name, act on it, or read it, out."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import MODULE, RefKind
from repoint.analysis.parse import parse
from repoint.analysis.query import Query
from repoint.manifest.moves import MoveTable
from repoint.model import Failed, SourceFile
from repoint.names import is_package_file, parent, resolve_relative

BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)
_PARTS = (ast.Attribute, ast.Subscript)


class TopLevelCode:
    """The statements of a module's body, asked by the names they bind.

    `imports` are names that plain import statements bind, `typed` those that are imported `if TYPE_CHECKING:` only,
    each with its statement; `bound` are all others, with every statement that binds them, in order.
    """

    def __init__(self, source: SourceFile, module: str) -> None:
        text, self.tree, _ = parse(source.data)
        self._text = text
        self._package = module if is_package_file(source.path) else parent(module)
        self._lines = text.utf8.decode("utf-8").replace("\r\n", "\n").split("\n")
        self.imports: dict[str, ast.Import | ast.ImportFrom] = {}
        self.typed: dict[str, tuple[ast.Import | ast.ImportFrom, ast.If]] = {}
        self.bound: dict[str, list[ast.stmt]] = defaultdict(list)
        for statement in self.tree.body:
            self._read(statement)
        names = frozenset({*self.imports, *self.typed, *self.bound})
        facts = analyse(source, module, Query(MoveTable(), frozenset(), names))
        reads = () if isinstance(facts, Failed) else facts.references
        kinds = (RefKind.LOAD, RefKind.DECLARATION)
        self._reads = sorted((item.start, item.name) for item in reads if item.binds == MODULE and item.kind in kinds)

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                self.imports.setdefault(_local(alias), statement)
        elif isinstance(statement, ast.If) and _is_typing_only(statement):
            for item in statement.body:
                assert isinstance(item, ast.Import | ast.ImportFrom)
                for alias in item.names:
                    self.typed.setdefault(_local(alias), (item, statement))
        else:
            for name in sorted(_bound_by(statement)):
                self.bound[name].append(statement)

    def reads(self, node: ast.stmt | ast.expr) -> list[str]:
        """The module's own names that `node` reads, by the rules of scopes; quoted annotations count."""
        start, end = self._text.offset(_first_line(node), 0), self._text.offset(node.end_lineno or 1, 0)
        end += node.end_col_offset or 0
        low, high = bisect_left(self._reads, (start, "")), bisect_left(self._reads, (end, ""))
        return sorted({name for _, name in self._reads[low:high]})

    def acting_on(self, names: set[str]) -> list[ast.stmt]:
        """Statements that only change an object that one of `names` stands for: `Model.rebuild()`, `TABLE["x"] = 1`."""
        return [statement for statement in self.tree.body if _roots(statement) & names]

    def mentioning(self, names: set[str]) -> Iterator[tuple[str, ast.stmt]]:
        """Calls at the top level that are given one of `names`: `register(Model)`."""
        for statement in self.tree.body:
            if isinstance(statement, ast.Expr):
                for name in self.reads(statement):
                    if name in names:
                        yield name, statement

    def verbatim(self, statement: ast.stmt) -> str:
        """The statement's lines, with its decorators and the comment lines directly above."""
        first = _first_line(statement) - 1
        while first and self._lines[first - 1].startswith("#"):
            first -= 1
        return "\n".join(self._lines[first : statement.end_lineno]) + "\n"

    def one_import(self, statement: ast.Import | ast.ImportFrom, local: str, moves: MoveTable) -> str:
        """The import of just the name that is bound as `local`, from its new home where it moves."""
        alias = next(alias for alias in statement.names if _local(alias) == local)
        if isinstance(statement, ast.Import):
            return f"import {alias.name} as {alias.asname}" if alias.asname else f"import {alias.name}"
        target = resolve_relative(self._package, statement.level, statement.module or "")
        home = moves.symbol(target, alias.name) if target else None
        module, name = home or (f"{'.' * statement.level}{statement.module or ''}", alias.name)
        return f"from {module} import {name}" if name == local else f"from {module} import {name} as {local}"

    @property
    def future_annotations(self) -> bool:
        return any(
            isinstance(item, ast.ImportFrom) and item.module == "__future__" and item.names[0].name == "annotations"
            for item in self.tree.body
        )


def _local(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_typing_only(block: ast.If) -> bool:
    """Whether a block holds imports for type checkers and nothing else."""
    plain = all(isinstance(item, ast.Import | ast.ImportFrom) for item in block.body)
    return plain and not block.orelse and ast.unparse(block.test).endswith("TYPE_CHECKING")


def _bound_by(statement: ast.stmt) -> set[str]:
    """Names that a statement binds; of a block also those below its own scope: more than needed does no harm."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    nodes = list(ast.walk(statement))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if isinstance(statement, BLOCKS):
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names |= {_local(alias) for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
    return names


def _roots(statement: ast.stmt) -> set[str]:
    """The names whose objects a statement calls a method of, or sets or deletes a part of."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        targets = [statement.value.func]
    elif isinstance(statement, ast.Assign | ast.Delete):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    found = set()
    for target in targets:
        node: ast.expr = target
        while isinstance(node, _PARTS):
            node = node.value
        if isinstance(node, ast.Name) and node is not target:
            found.add(node.id)
    return found


def _first_line(node: ast.stmt | ast.expr) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])
