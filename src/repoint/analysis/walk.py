"""One walk over a syntax tree: scopes, references, strings and imports that concern the words asked about.

Statements without such a word on their lines are passed over whole, which is exact: a use or a binding of a
name must spell it. (A file that spells names in another Unicode form is walked without passing anything over.)
"""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from repoint.analysis import fstrings
from repoint.analysis.calls import Meaning, meanings
from repoint.analysis.facts import (
    Alias,
    Attribute,
    Hazard,
    ImportStatement,
    RefKind,
    Role,
    ScopeKind,
    StringFact,
    StringUse,
    When,
)
from repoint.analysis.literals import Literal, read_literal
from repoint.analysis.scopes import ScopeTree
from repoint.analysis.text import Text
from repoint.analysis.typing_names import Typing
from repoint.names import resolve_relative

_KEEP = re.compile(rb"#\s*repoint:\s*keep\b")
_NOQA = re.compile(rb"#\s*noqa\s*:[\s\w,]*?\bF401\b", re.IGNORECASE)
_DEBUG = re.compile(rb"\s*=\s*[}!:]")
_TYPE_COMMENT = re.compile(rb"#\s*type:\s*")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PEP701 = sys.version_info >= (3, 12)  # nodes inside f-strings are truly placed
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign)


@dataclass
class RawReference:
    """A reference before its name is resolved."""

    name: str
    start: int
    end: int
    scope: int
    kind: RefKind
    chain: tuple[Attribute, ...]
    when: When
    role: Role
    group: int
    exact: bool
    called: bool


@dataclass(frozen=True)
class Asked:
    """What a walk looks for in one file."""

    words: frozenset[str]
    text: re.Pattern[str]
    known_calls: tuple[str, ...]
    callees: dict[str, str]
    typing: Typing
    future_annotations: bool


class Walker:
    """Collects what concerns `asked.words`; `lines` are the interesting lines, None for all."""

    def __init__(self, text: Text, package: str, asked: Asked, lines: list[int] | None) -> None:
        self.text = text
        self.package = package
        self.asked = asked
        self.lines = lines
        self.tree = ScopeTree()
        self.references: list[RawReference] = []
        self.imports: list[ImportStatement] = []
        self.strings: list[StringFact] = []
        self.hazards: list[Hazard] = []
        self.exported: set[str] = set()
        self.fixture_names: set[str] = set()
        self.scope = 0
        self.when = When.IMPORT
        self.statement_end = 0
        self.depth = 0
        self.type_checking = False
        self.top_of_function = False
        self._groups = 0
        self._runs = 0
        self._blocks = 0
        self._locate: Callable[[int, int], int] = text.offset
        self._uses: dict[int, tuple[StringUse, int | None, tuple[str, ...]]] = {}
        self._pruned = lines is not None

    # Statements

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
            self._children(node)

    def _children(self, node: ast.AST) -> None:
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
        whole = self._comment_matches(_KEEP, start) or self._comment_matches(_KEEP, end)
        aliases = tuple(self._alias(alias) for alias in node.names)
        kept = whole or any(self._comment_matches(_KEEP, alias.start) for alias in aliases)
        index = len(self.imports)
        statement = ImportStatement(
            index, start, end, node.lineno, level, module, target or "", aliases, self.scope, run, block, size,
            kept, self.type_checking, self.top_of_function and self.depth == 0,
        )  # fmt: skip
        self.imports.append(statement)
        for alias in aliases:
            local = alias.asname or (alias.name if statement.is_from else alias.name.partition(".")[0])
            if local in self.asked.words:
                self._bind(local, end)
                self._add(local, alias.start, alias.end, RefKind.IMPORT, exact=True)

    def _alias(self, node: ast.alias) -> Alias:
        start, end = self._start(node), self._end(node)
        return Alias(node.name, node.asname, start, end, self._comment_matches(_NOQA, start))

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
        self._enter(ScopeKind.FUNCTION, _parameters(node.args))
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
        for argument in _arguments(node.args):
            if argument.annotation is not None:
                self.annotation(argument.annotation)
            self._type_comment(argument)
        if node.returns is not None:
            self.annotation(node.returns)

    def _bind_parameters(self, args: ast.arguments) -> None:
        for argument in _arguments(args):
            if argument.arg in self.asked.words:
                start = self._start(argument)
                self._bind(argument.arg, start)
                self._add(argument.arg, start, start + len(argument.arg.encode()), RefKind.PARAMETER)

    def _fixture(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """pytest takes the parameters of tests and fixtures by name."""
        if node.name.startswith("test") or any(_is_fixture(item) for item in node.decorator_list):
            self.fixture_names |= {argument.arg for argument in _arguments(node.args)}

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
                start = self._start(parameter) + {"TypeVarTuple": 1, "ParamSpec": 2}.get(
                    type(parameter).__name__, 0
                )
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
        self.visit(node.test)
        outer = self.type_checking
        self.type_checking = outer or _tail(node.test) == "TYPE_CHECKING"
        self._nested(node.body)
        self.type_checking = outer
        self._nested(node.orelse)

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

    def _named_after(self, name: str, at: int, lead: bytes) -> None:
        """Bind a name that has no node of its own: it follows `lead` at the offset `at`."""
        found = re.compile(lead + re.escape(name.encode())).match(self.text.utf8, at)
        start = found.end() - len(name.encode()) if found else at
        self._bind(name, start)
        self._add(name, start, start + len(name.encode()), RefKind.STORE, exact=found is not None)

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
            self._export(node.value)
        self._type_comment(node)

    def _stmt_AugAssign(self, node: ast.AugAssign) -> None:
        self._children(node)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self._export(node.value)

    def _stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
        self.visit(node.target)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__" and node.value is not None:
            self._export(node.value)

    def _export(self, value: ast.expr) -> None:
        """`__all__ = […]`: its strings are the file's surface."""
        for node in ast.walk(value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.exported.add(node.value)
                self._relabel(node, StringUse.ALL)

    # Expressions

    def visit(self, node: ast.AST, role: Role = Role.NONE, group: int = 0, *, called: bool = False) -> None:
        """Walk one expression, pattern or other node."""
        kind = type(node)
        if kind is ast.Name or kind is ast.Attribute:
            self._chain(node, role, group, called)  # type: ignore[arg-type]
        elif kind is ast.Constant:
            self._constant(node)  # type: ignore[arg-type]
        else:
            method = getattr(self, f"_expr_{kind.__name__}", None)
            if method is not None:
                method(node)
            else:
                self._children(node)

    def _chain(self, node: ast.Name | ast.Attribute, role: Role, group: int, called: bool) -> None:
        """`a.b.c`: one reference to `a` with its attributes; anything else below is walked on its own."""
        attributes: list[Attribute] = []
        exact = True
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            end = self._end(inner)
            start = end - len(inner.attr.encode())
            exact = exact and self.text.utf8[start:end] == inner.attr.encode()
            attributes.append(Attribute(inner.attr, start, end))
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.visit(inner)
            return
        if inner.id not in self.asked.words:
            return
        kind = _CONTEXTS[type(inner.ctx)]
        start = self._start(inner)
        end = start + len(inner.id.encode())
        if kind is not RefKind.LOAD:
            self._bind(inner.id, self.statement_end or start)
        chain = tuple(reversed(attributes))
        self._add(inner.id, start, end, kind, chain, role, group, exact=exact, called=called)

    def _expr_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        if node.target.id in self.asked.words:
            name, start = node.target.id, self._start(node.target)
            holder = self.tree.walrus_holder(name, self.scope)
            self.tree.scopes[holder].bind(name, start, True)
            scope, self.scope = self.scope, holder
            self._add(name, start, start + len(name.encode()), RefKind.STORE)
            self.scope = scope

    def _expr_Lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        outer = self._enter(ScopeKind.LAMBDA, _parameters(node.args))
        self._bind_parameters(node.args)
        self.visit(node.body)
        self.scope = outer

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        """The first iterable is read outside, everything else inside (language reference, §6.2.4)."""
        self.visit(node.generators[0].iter)
        outer = self._enter(ScopeKind.COMPREHENSION)
        for position, generator in enumerate(node.generators):
            self.visit(generator.target)
            if position:
                self.visit(generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self.scope = outer

    _expr_ListComp = _expr_SetComp = _expr_DictComp = _expr_GeneratorExp = _comprehension

    def _expr_Compare(self, node: ast.Compare) -> None:
        sides = (node.left, *node.comparators)
        told = any(_tail(side) in ("__name__", "__qualname__") for side in sides)
        for side in sides if told else ():
            for constant in _constants(side):
                self._mark(constant, StringUse.TOLD_NAME)
        namespace = self._namespace(node.comparators[-1])
        if isinstance(node.left, ast.Constant) and namespace is not None:
            return self._named_in(namespace, node.left)
        if _is_sys_modules(node.comparators[-1]):
            self._mark(node.left, StringUse.MODULE_PATH)
        identity = any(isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) for op in node.ops)
        group = self._group()
        for side in sides:
            self.visit(side, Role.COMPARE if identity else Role.NONE, group)
        return None

    def _expr_Dict(self, node: ast.Dict) -> None:
        group = self._group()
        for key in node.keys:
            if key is not None:
                self.visit(key, Role.KEY, group)
        for value in node.values:
            self.visit(value)

    def _expr_Set(self, node: ast.Set) -> None:
        group = self._group()
        for item in node.elts:
            self.visit(item, Role.KEY, group)

    def _expr_Subscript(self, node: ast.Subscript) -> None:
        namespace = self._namespace(node.value)
        if namespace is not None and isinstance(node.slice, ast.Constant):
            return self._named_in(namespace, node.slice)
        self.visit(node.value)
        base = self._callee(node.value)
        if self.asked.typing.is_literal(base):
            return self.visit(node.slice)
        if isinstance(node.slice, ast.Constant) and base == "sys.modules":
            self._mark(node.slice, StringUse.MODULE_PATH)
        elif self.asked.typing.is_generic(base):
            return self.annotation(node.slice, evaluated=True)
        self.visit(node.slice)
        return None

    def _expr_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.args and isinstance(node.args[0], ast.Constant):
            namespace = self._namespace(node.func.value)
            if namespace is not None:  # locals().get("Name")
                self._named_in(namespace, node.args[0])
                for other in node.args[1:]:
                    self.visit(other)
                return
        self.visit(node.func, called=True)
        callee = self._callee(node.func)
        self._hazard_of_call(node, callee)
        typed = self.asked.typing.quoted_arguments(callee, node)
        for meaning in meanings(callee, node, self.asked.known_calls) if callee else ():
            self._mark_meaning(meaning)
        for position, argument in enumerate(node.args):
            if any(argument is item for item in typed):
                self.annotation(argument, evaluated=True)
            elif position == 1 and callee in ("builtins.isinstance", "builtins.issubclass"):
                self._members(argument)
            else:
                self.visit(argument)
        for keyword in node.keywords:
            if any(keyword.value is item for item in typed):
                self.annotation(keyword.value, evaluated=True)
            else:
                self.visit(keyword.value)
        if callee in ("__all__.extend", "__all__.append"):
            for argument in node.args:
                self._export(argument)

    def _members(self, node: ast.expr) -> None:
        group = self._group()
        for item in node.elts if isinstance(node, ast.Tuple) else [node]:
            self.visit(item, Role.ISINSTANCE, group)

    def _expr_JoinedStr(self, node: ast.JoinedStr) -> None:
        if _PEP701:
            return self._formatted(node)
        for start, end in fstrings.fields(self.text.utf8, self._start(node), self._end(node)):
            if _DEBUG.match(self.text.utf8, end):
                self._debug_field(start, end)
            self._parse_at(start, end)
        return None

    _expr_TemplateStr = _expr_JoinedStr

    def _formatted(self, node: ast.AST) -> None:
        """Fields of an f-string whose nodes are truly placed (3.12 and later)."""
        for value in getattr(node, "values", ()):
            if isinstance(value, ast.Constant):
                continue
            inner = value.value
            end = self._end(inner)
            if _DEBUG.match(self.text.utf8, end) or type(value).__name__ == "Interpolation":
                self._debug_field(self._start(inner), end)
            self.visit(inner)
            if value.format_spec is not None:
                self._formatted(value.format_spec)

    def _debug_field(self, start: int, end: int) -> None:
        """`f"{x=}"` prints its own source, so that a rename changes what is printed."""
        words = self.asked.words.intersection(re.findall(r"\w+", self.text.slice(start, end)))
        if words:
            what = "`=` in an f-string"
            self.hazards.append(Hazard(self.scope, tuple(sorted(words)), self.text.line(start), what))

    def _parse_at(self, start: int, end: int) -> None:
        """Walk an expression that is parsed from the file's text on its own."""
        source = self.text.utf8[start:end]
        try:
            tree = ast.parse(b"(" + source + b"\n)", mode="eval")
        except (SyntaxError, ValueError):
            return
        self._elsewhere(tree.body, start - 1, b"(" + source)

    def _elsewhere(self, node: ast.AST, base: int, source: bytes, action: Callable[[ast.AST], None] | None = None) -> None:
        """Walk `node`, parsed from `source`, whose first byte stands at the offset `base` of the file."""
        starts = [0, *(found.end() for found in re.finditer(rb"\r\n|\r|\n", source))]
        locate, pruned = self._locate, self._pruned
        self._locate = lambda line, column: base + starts[line - 1] + column
        self._pruned = False
        (action or self.visit)(node)
        self._locate, self._pruned = locate, pruned

    def _expr_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        pattern = getattr(node, "pattern", None)
        if pattern is not None:
            self.visit(pattern)
        if node.name is not None and node.name in self.asked.words:
            end = self._end(node)
            start = end - len(node.name.encode())
            exact = self.text.utf8[start:end] == node.name.encode()
            self._bind(node.name, start)
            self._add(node.name, start, end, RefKind.STORE, exact=exact)

    _expr_MatchStar = _expr_MatchAs

    def _expr_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._children(node)
        if node.rest is not None and node.rest in self.asked.words:
            start, end = self._start(node), self._end(node)
            at = self.text.utf8.rfind(b"**", start, end)
            self._named_after(node.rest, at + 2, rb"\s*")

    # Annotations and strings

    def annotation(self, node: ast.expr, *, evaluated: bool = False, lazy: bool = False) -> None:
        """Walk a type: strings in it are types too, but for those of `Literal` and the extras of `Annotated`."""
        when = self.when
        if (self.asked.future_annotations and not evaluated) or lazy:
            self.when = When.NEVER
        self._type(node)
        self.when = when

    def _type(self, node: ast.AST) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._quoted(node)
        elif isinstance(node, ast.Subscript):
            self.visit(node.value)
            base = self._callee(node.value)
            if self.asked.typing.is_literal(base):
                self.visit(node.slice)
            elif self.asked.typing.is_annotated(base) and isinstance(node.slice, ast.Tuple):
                self._type(node.slice.elts[0])
                for extra in node.slice.elts[1:]:
                    self.visit(extra)
            else:
                self._type(node.slice)
        elif isinstance(node, ast.BinOp | ast.Tuple | ast.List | ast.Starred):
            for child in ast.iter_child_nodes(node):
                self._type(child)
        else:
            self.visit(node)

    def _quoted(self, node: ast.Constant) -> None:
        """A quoted annotation (PEP 484): its text is an expression, never evaluated with the module."""
        literal = self._literal(node)
        if literal is None or not literal.exact:
            self._opaque(node)
            return
        lead = len(literal.value) - len(literal.value.lstrip(" \t"))
        source = literal.value.lstrip(" \t").encode()
        try:
            tree = ast.parse(b"(" + source + b"\n)", mode="eval")
        except (SyntaxError, ValueError):
            return
        when, self.when = self.when, When.NEVER
        self._elsewhere(tree.body, literal.start + lead - 1, b"(" + source, self._type)
        self.when = when

    def _opaque(self, node: ast.Constant) -> None:
        """A quoted type that is not spelled as its value: its names are used, but cannot be rewritten."""
        for name in sorted(set(re.findall(r"\w+", str(node.value))) & self.asked.words):
            start = self._start(node)
            self._add(name, start, start, RefKind.LOAD, exact=False)

    def _type_comment(self, node: ast.AST) -> None:
        comment = getattr(node, "type_comment", None)
        if not comment or not self.asked.words.intersection(re.findall(r"\w+", comment)):
            return
        content = comment.encode()
        for found in _TYPE_COMMENT.finditer(self.text.utf8, self._start(node), self._comment_limit(node)):
            if self.text.utf8.startswith(content, found.end()):
                self._comment_type(found.end(), comment, isinstance(node, _FUNCTIONS))
                return

    def _comment_limit(self, node: ast.AST) -> int:
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            return self._start(body[0])
        return self.text.line_span(self._end(node))[1]

    def _comment_type(self, start: int, comment: str, signature: bool) -> None:
        source = comment.encode()
        when, self.when = self.when, When.NEVER
        try:
            if signature:
                tree: ast.AST = ast.parse(source, mode="func_type")
                self._elsewhere(tree, start, source, self._function_type)
            else:
                self._elsewhere(ast.parse(source, mode="eval").body, start, source, self._type)
        except (SyntaxError, ValueError):
            pass
        self.when = when

    def _function_type(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._type(child)

    def _constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str):
            return
        use, owner, attributes = self._uses.pop(id(node), (StringUse.PLAIN, None, ()))
        if not self.asked.text.search(node.value):
            return
        literal = self._literal(node)
        if literal is None:
            return
        start = literal.start
        kept = self._comment_matches(_KEEP, start)
        place = None if owner is None else (owner, attributes)
        self.strings.append(
            StringFact(node.value, start, literal.end, self.text.line(start), use, literal.exact, kept, place)
        )

    def _literal(self, node: ast.Constant) -> Literal | None:
        return read_literal(self.text.utf8, self._start(node), self._end(node), str(node.value))

    def _mark(self, node: ast.AST, use: StringUse) -> None:
        if isinstance(node, ast.Constant):
            self._uses[id(node)] = (use, None, ())

    def _relabel(self, node: ast.Constant, use: StringUse) -> None:
        """Change the use of a string that has been walked already."""
        for position, fact in enumerate(self.strings):
            if self._start(node) <= fact.start <= self._end(node):
                self.strings[position] = StringFact(
                    fact.value, fact.start, fact.end, fact.line, use, fact.exact, fact.kept, fact.owner
                )

    def _mark_meaning(self, meaning: Meaning) -> None:
        if not isinstance(meaning.argument, ast.Constant):
            return
        owner, attributes = None, ()
        if meaning.owner is not None:
            root, names = _root(meaning.owner)
            if root is not None:
                owner, attributes = self._start(root), names
        self._uses[id(meaning.argument)] = (meaning.use, owner, attributes)

    # Helpers

    def _hazard_of_call(self, node: ast.Call, callee: str) -> None:
        """Calls that see variables by the text of their names: `exec("x")`, `dict(**locals())`."""
        name = callee.removeprefix("builtins.")
        if name in ("exec", "eval") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                self._hazard(self.scope, tuple(re.findall(r"\w+", first.value)), node, f"`{name}`")
            else:
                self._hazard(self.scope, None, node, f"`{name}`")
        elif (namespace := self._namespace(node)) is not None:
            self._hazard(namespace, None, node, f"`{name}()`")

    def _namespace(self, node: ast.AST) -> int | None:
        """The scope whose variables `locals()`, `vars()` or `globals()` gives as a mapping."""
        if not isinstance(node, ast.Call) or node.args or node.keywords or not isinstance(node.func, ast.Name):
            return None
        callee = self._callee(node.func)
        if callee == "builtins.globals":
            return 0
        return self.scope if callee in ("builtins.locals", "builtins.vars") else None

    def _named_in(self, namespace: int, key: ast.Constant) -> None:
        """A variable told by the text of its name."""
        self._hazard(namespace, (str(key.value),), key, f'`["{key.value}"]` of a namespace')

    def _hazard(self, scope: int, names: tuple[str, ...] | None, node: ast.AST, what: str) -> None:
        """`names` of None concerns every variable."""
        concerned = () if names is None else tuple(sorted(self.asked.words.intersection(names)))
        if names is None or concerned:
            self.hazards.append(Hazard(scope, concerned, self.text.line(self._start(node)), what))

    def _callee(self, node: ast.expr) -> str:
        """The dotted path of a callable, its first name resolved through the file's imports; empty if unknown."""
        root, names = _root(node)
        if root is None:
            return f"?.{names[-1]}" if names else ""
        head = self.asked.callees.get(root.id)
        if head is None or self._is_parameter(root.id):
            head = root.id if root.id in _WELL_KNOWN else f"?{root.id}"
            if not names and root.id in _BUILTINS and not self._is_parameter(root.id):
                head = f"builtins.{root.id}"
        return ".".join([head, *names])

    def _is_parameter(self, name: str) -> bool:
        scope = self.scope
        while scope > 0:
            if name in self.tree.scopes[scope].parameters:
                return True
            scope = self.tree.scopes[scope].parent
        return False

    def _enter(self, kind: ScopeKind, parameters: frozenset[str] = frozenset()) -> int:
        outer, self.scope = self.scope, self.tree.open(kind, self.scope, parameters)
        return outer

    def _bind(self, name: str, offset: int) -> None:
        holder = self.tree.holder(name, self.scope)
        self.tree.scopes[holder].bind(name, offset, self.depth > 0)

    def _add(
        self,
        name: str,
        start: int,
        end: int,
        kind: RefKind,
        chain: tuple[Attribute, ...] = (),
        role: Role = Role.NONE,
        group: int = 0,
        *,
        exact: bool = True,
        called: bool = False,
    ) -> None:
        if kind is not RefKind.IMPORT:
            exact = exact and self.text.utf8[start:end] == name.encode()
        self.references.append(
            RawReference(name, start, end, self.scope, kind, chain, self.when, role, group, exact, called)
        )

    def _group(self) -> int:
        self._groups += 1
        return self._groups

    def _start(self, node: ast.AST) -> int:
        return self._locate(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self._locate(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _comment_matches(self, pattern: re.Pattern[bytes], offset: int) -> bool:
        """Whether the line that holds `offset` has such a comment."""
        start, end = self.text.line_span(offset)
        return b"#" in self.text.utf8[start:end] and pattern.search(self.text.utf8, start, end) is not None


_CONTEXTS = {ast.Load: RefKind.LOAD, ast.Store: RefKind.STORE, ast.Del: RefKind.DELETE}
_WELL_KNOWN = frozenset({"monkeypatch", "mocker", "caplog", "__all__"})
_BUILTINS = frozenset(
    "__import__ delattr dict eval exec frozenset getattr globals hasattr isinstance issubclass list locals set "
    "setattr tuple type vars".split()
)


def _arguments(args: ast.arguments) -> Iterator[ast.arg]:
    yield from args.posonlyargs
    yield from args.args
    if args.vararg is not None:
        yield args.vararg
    yield from args.kwonlyargs
    if args.kwarg is not None:
        yield args.kwarg


def _parameters(args: ast.arguments) -> frozenset[str]:
    return frozenset(argument.arg for argument in _arguments(args))


def _root(node: ast.AST) -> tuple[ast.Name | None, tuple[str, ...]]:
    """The name at the root of `a.b.c`, and its attributes."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node if isinstance(node, ast.Name) else None), tuple(reversed(names))


def _tail(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _constants(node: ast.expr) -> Iterable[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _is_fixture(node: ast.expr) -> bool:
    return _tail(node.func if isinstance(node, ast.Call) else node) == "fixture"


def _is_sys_modules(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "modules" and _tail(node.value) == "sys"
