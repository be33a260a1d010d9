"""One walk over a syntax tree: scopes, references, strings and imports that concern the words asked about.

Statements without such a word on their lines are passed over whole, which is exact: a use or a binding of a
name must spell it. (A file that spells names in another Unicode form is walked without passing anything over.)
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left

from repoint.analysis.expression_walk import ExpressionWalker
from repoint.analysis.facts import Alias, ImportStatement, RefKind, Role, ScopeKind, StringUse, When
from repoint.analysis.recorder import arguments_of, parameters_of, tail_of
from repoint.analysis.string_walk import KEEP
from repoint.names import resolve_relative

_NOQA = re.compile(rb"#\s*noqa\s*:[\s\w,]*?\bF401\b", re.IGNORECASE)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign)


class Walker(ExpressionWalker):
    """Walks a module, statement by statement."""

    def module(self, tree: ast.Module) -> None:
        self.block(tree.body, docstring=True)

    def block(self, body: list[ast.stmt], *, docstring: bool = False) -> None:
        """Walk the statements of one block, numbering its runs of imports."""
        self._blocks += 1
        block, run, previous_import = self._blocks, 0, False
        if docstring and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            self._mark(body[0].value, StringUse.DOCSTRING)
        for statement in body:
            is_import = isinstance(statement, ast.Import | ast.ImportFrom)
            if is_import and not previous_import:
                self._runs += 1
                run = self._runs
            previous_import = is_import
            if not self._wanted(statement):
                continue
            self.statement_end = self._end(statement) if isinstance(statement, _SIMPLE) else 0
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._import(statement, run, block, len(body))
            else:
                self._statement(statement)

    def _wanted(self, statement: ast.stmt) -> bool:
        if not self._pruned or self.lines is None:
            return True
        decorators = getattr(statement, "decorator_list", ())
        first = min([statement.lineno, *(item.lineno for item in decorators)])
        at = bisect_left(self.lines, first)
        return at < len(self.lines) and self.lines[at] <= (statement.end_lineno or first)

    def _statement(self, node: ast.stmt) -> None:
        method = getattr(self, f"_stmt_{type(node).__name__}", None)
        if method is not None:
            method(node)
        else:
            self.children(node)

    def children(self, node: ast.AST) -> None:
        """Walk a node without a rule of its own: expressions, and blocks of statements."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    self._nested(value)
                else:
                    for item in value:
                        if isinstance(item, ast.AST):
                            self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)
        self._type_comment(node)

    def _stmt_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and tail_of(node.value.func) == "__import__":
            self._reads[id(node.value)] = None
        self.visit(node.value)

    def _nested(self, body: list[ast.stmt]) -> None:
        """A block inside a compound statement of the same scope: what it binds is bound conditionally."""
        self.depth += 1
        self.block(body)
        self.depth -= 1

    def _import(self, node: ast.Import | ast.ImportFrom, run: int, block: int, size: int) -> None:
        start, end = self._start(node), self._end(node)
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else None
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        target = resolve_relative(self.package, level, module) if module is not None else ""
        commented = b"#" in self.text.utf8[start : self.text.line_span(end)[1]]
        aliases = tuple(self._alias(alias, commented=commented) for alias in node.names)
        places = (start, end, *(alias.start for alias in aliases)) if commented else ()
        kept = any(self._comment_matches(KEEP, place) for place in places)
        index = len(self.imports)
        statement = ImportStatement(
            index,
            start,
            end,
            node.lineno,
            level,
            module,
            target or "",
            aliases,
            self.scope,
            run,
            block,
            size,
            kept,
            self.type_checking,
            self.top_of_function and self.depth == 0,
        )
        self.imports.append(statement)
        for alias in aliases:
            local = alias.asname or (alias.name if statement.is_from else alias.name.partition(".")[0])
            if local in self.asked.words:
                self._bind(local, end)
                self._add(local, alias.start, alias.end, RefKind.IMPORT, exact=True)

    def _alias(self, node: ast.alias, *, commented: bool) -> Alias:
        start, end = self._start(node), self._end(node)
        return Alias(node.name, node.asname, start, end, commented and self._comment_matches(_NOQA, start))

    def _stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defined(node, node.name, "def")
        self._fixture(node)
        outer = self.scope
        self._open_type_parameters(node)
        self._signature(node)
        self._type_comment(node)
        when, depth, top = self.when, self.depth, self.top_of_function
        self._enter(ScopeKind.FUNCTION, parameters_of(node.args))
        self._bind_parameters(node.args)
        self.when, self.depth, self.top_of_function = min(When.LATER, when), 0, True
        self.block(node.body, docstring=True)
        self.scope, self.when, self.depth, self.top_of_function = outer, when, depth, top

    _stmt_AsyncFunctionDef = _stmt_FunctionDef

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Defaults and annotations, which are read outside the function's own scope."""
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for argument in arguments_of(node.args):
            if argument.annotation is not None:
                self.annotation(argument.annotation)
            self._type_comment(argument)
        if node.returns is not None:
            self.annotation(node.returns)

    def _fixture(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """pytest takes the parameters of tests and fixtures by name."""
        if node.name.startswith("test") or any(self._is_fixture(item) for item in node.decorator_list):
            self.fixture_names |= {argument.arg for argument in arguments_of(node.args)}

    def _is_fixture(self, node: ast.expr) -> bool:
        callee = node.func if isinstance(node, ast.Call) else node
        return tail_of(callee) == "fixture" or self._callee(callee).endswith(".fixture")

    def _stmt_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defined(node, node.name, "class")
        outer, depth, top = self.scope, self.depth, self.top_of_function
        self._open_type_parameters(node)
        group = self._group()
        for base in node.bases:
            self.visit(base, Role.BASE, group)
        for keyword in node.keywords:
            self.visit(keyword.value)
        self._enter(ScopeKind.CLASS)
        self.depth, self.top_of_function = 0, False
        self.block(node.body, docstring=True)
        self.scope, self.depth, self.top_of_function = outer, depth, top

    def _open_type_parameters(self, node: ast.AST) -> None:
        """PEP 695: `class C[T: Bound]` puts a scope around the bases, the signature and the body."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return
        self._enter(ScopeKind.TYPE_PARAMETERS)
        for parameter in parameters:
            if parameter.name in self.asked.words:
                start = self._start(parameter) + {"TypeVarTuple": 1, "ParamSpec": 2}.get(type(parameter).__name__, 0)
                self._bind(parameter.name, start)
                self._add(parameter.name, start, start + len(parameter.name.encode()), RefKind.PARAMETER)
            for field in ("bound", "default_value"):
                if (value := getattr(parameter, field, None)) is not None:
                    self.annotation(value)

    def _stmt_TypeAlias(self, node: ast.AST) -> None:
        self.visit(node.name)  # type: ignore[attr-defined]
        outer = self.scope
        self._open_type_parameters(node)
        self.annotation(node.value, lazy=True)  # type: ignore[attr-defined]
        self.scope = outer

    def _defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str, word: str) -> None:
        if name not in self.asked.words:
            return
        body = self._start(node.body[0])
        start = self._start(node)
        pattern = rb"(?:async\s+)?" + word.encode() + rb"\s+" + re.escape(name.encode())
        found = re.compile(pattern).match(self.text.utf8, start)
        at = found.end() - len(name.encode()) if found else start
        self._bind(name, body)
        self._add(name, at, at + len(name.encode()), RefKind.DEFINITION, exact=found is not None)

    def _stmt_If(self, node: ast.If) -> None:
        chain, self.elif_of = self.elif_of, 0
        follows = len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
        if chain or follows:
            chain = chain or self._group()
        if chain and isinstance(node.test, ast.Call) and tail_of(node.test.func) == "isinstance":
            self.branch = chain  # of a chain of tests, two that become one
        self.visit(node.test, Role.TEST)
        self.branch = 0
        outer = self.type_checking
        self.type_checking = outer or tail_of(node.test) == "TYPE_CHECKING"
        self._nested(node.body)
        self.type_checking = outer
        self.elif_of = chain if follows else 0
        self._nested(node.orelse)
        self.elif_of = 0

    def _stmt_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        group = self._group()
        for case in node.cases:
            self.branch = group if case.guard is None else 0
            self.visit(case.pattern)
            self.branch = 0
            if case.guard is not None:
                self.visit(case.guard, Role.TEST)
            self._nested(case.body)

    def _stmt_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.depth += 1  # an empty iterable binds nothing
        self.visit(node.target)
        self.depth -= 1
        self._nested(node.body)
        self._nested(node.orelse)
        self._type_comment(node)

    _stmt_AsyncFor = _stmt_For

    def _stmt_Try(self, node: ast.Try) -> None:
        self._nested(node.body)
        group = self._group()
        for handler in node.handlers:
            if handler.type is not None:
                kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                for kind in kinds:
                    self.visit(kind, Role.EXCEPT, group)
            if handler.name in self.asked.words and handler.name is not None:
                at = self._end(handler.type) if handler.type is not None else self._start(handler)
                self._named_after(handler.name, at, rb"\s*\)*\s*as\s+")
            self._nested(handler.body)
        self._nested(node.orelse)
        self._nested(node.finalbody)

    _stmt_TryStar = _stmt_Try

    def _stmt_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        start, end = self._start(node), self._end(node)
        here = self.tree.scopes[self.scope]
        declared = here.globals if isinstance(node, ast.Global) else here.nonlocals
        declared.update(name for name in node.names if name in self.asked.words)
        for name in sorted(set(node.names) & self.asked.words):
            for found in re.finditer(rb"\b" + re.escape(name.encode()) + rb"\b", self.text.utf8[start:end]):
                self._add(name, start + found.start(), start + found.end(), RefKind.DECLARATION)

    _stmt_Nonlocal = _stmt_Global

    def _stmt_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self.export(node.value)
        self._type_comment(node)

    def _stmt_AugAssign(self, node: ast.AugAssign) -> None:
        self.children(node)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.export(node.value)

    def _stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        if node.value is not None and self.asked.typing.is_alias(self._callee(node.annotation)):
            self.annotation(node.value, evaluated=True)
        elif node.value is not None:
            self.visit(node.value)
        self.depth += node.value is None  # without a value nothing is bound
        self.visit(node.target)
        self.depth -= node.value is None
        if isinstance(node.target, ast.Name) and node.target.id == "__all__" and node.value is not None:
            self.export(node.value)
