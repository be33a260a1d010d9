"""The walk over two versions of a module, statement by statement: imports aside, they must have one and the same shape.

A statement that no edit touches and that spells no affected name is only checked to stand where it should.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from msgspec.structs import replace

from repoint.model import EditKind
from repoint.names import resolve_relative
from repoint.proof.expressions import Env, Expressions
from repoint.proof.nodes import (
    all_parameters,
    annotations_are_lazy,
    future_features,
    has_docstring,
    is_docstring,
    is_type_checking,
    line_spans,
    reference,
    shown,
    texts_below,
)
from repoint.proof.parsed import Ground, Lines
from repoint.proof.scopes import Kind, Scope, Side, Table
from repoint.proof.trace import END, Alias, Block, Imported, Reference, Slot, Trace, Use

_Import = ast.Import | ast.ImportFrom
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_NEW_IN_THREE_TWELVE = ("TypeVar", "TypeVarTuple", "ParamSpec")


class Shape(Expressions):
    """One walk over both versions; what it meets goes to its `trace`."""

    def __init__(self, ground: Ground, trace: Trace, package: str) -> None:
        lazy = any(isinstance(node, ast.ImportFrom) and annotations_are_lazy(node) for node in ground.before.tree.body)
        super().__init__(ground, trace, lazy)
        self.package = package
        self.hits = Lines([])
        self.rules |= {
            ast.FunctionDef: self.function,
            ast.AsyncFunctionDef: self.function,
            ast.ClassDef: self.class_,
            ast.Try: self.compound,
            ast.If: self.compound,
            ast.For: self.compound,
            ast.AsyncFor: self.compound,
            ast.While: self.compound,
            ast.With: self.compound,
            ast.AsyncWith: self.compound,
            ast.Match: self.compound,
            ast.ExceptHandler: self.compound,
            ast.match_case: self.compound,
            ast.MatchAs: self.capture,
            ast.MatchStar: self.capture,
            ast.MatchMapping: self.capture,
            ast.Global: self.declared,
            ast.Nonlocal: self.declared,
            ast.Assign: self.assigned,
            ast.AugAssign: self.assigned,
            ast.AnnAssign: self.annotated,
            ast.Expr: self.expression,
        }
        # Kinds of nodes that older Pythons do not have.
        newer = {"TryStar": self.compound, "TypeAlias": self.type_alias}
        newer |= dict.fromkeys(_NEW_IN_THREE_TWELVE, self.type_parameter)
        self.rules |= {getattr(ast, name): rule for name, rule in newer.items() if hasattr(ast, name)}

    def walk(self) -> Trace:
        """The whole module."""
        self.hits = self.ground.hits
        before, after = self.ground.before, self.ground.after
        scope = Scope(Kind.MODULE, None, (Table(before.table), Table(after.table)), "")
        block = Block(None, (), True)
        env = Env(scope, block, (), 1)
        self.docstring(before.tree, after.tree, env)
        self.futures(before.tree, after.tree)
        self.statements(before.tree.body, after.tree.body, env)
        self.trace.ground = self.ground
        self.rules.clear()  # its bound methods tie the trees into a cycle, which only the collector would free
        return self.trace

    def futures(self, before: ast.Module, after: ast.Module) -> None:
        """`from __future__` changes what a module means, and must stay first."""
        old, new = (sorted(name for node in tree.body for name in future_features(node)) for tree in (before, after))
        if old != new:
            self.trace.fault(1, f"syntax check: `from __future__` imports {', '.join(new)}, not {', '.join(old)}")
        rest = [node for node in after.body if not is_docstring(node)]
        late = False
        for node in rest:
            if not future_features(node):
                late = True
            elif late:
                self.trace.fault(1, "syntax check: an import from `__future__` comes after other statements")

    # blocks

    def statements(self, before: Sequence[ast.stmt], after: Sequence[ast.stmt], env: Env) -> None:
        """Two lists of statements, imports apart; `env.block` and `env.key` are those of the block."""
        old = self._without_imports(Side.BEFORE, before, env)
        new = self._without_imports(Side.AFTER, after, env)
        if not old and len(new) == 1 and isinstance(new[0], ast.Pass):
            return  # import a → pass
        if len(old) != len(new):
            odd = next((a for a, b in zip(old, new, strict=False) if type(a) is not type(b)), None)
            line = odd.lineno if odd else old[-1].lineno if old else env.line
            message = f"syntax check: {len(old)} statements besides imports became {len(new)}"
            self.trace.fault(line, f"{message}, at `{shown(odd)}`" if odd else message)
            return
        spans = line_spans(old)
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            if self.hits.any_in(*spans[index]):
                self.node(one, other, replace(env, key=(*env.block.prefix, 2 * index + 1)))
            elif not self._unmoved(one, other):
                self.trace.fault(
                    one.lineno, f"syntax check: `{shown(one)}` became `{shown(other)}` though no edit is there"
                )

    def _unmoved(self, before: ast.stmt, after: ast.stmt) -> bool:
        """Whether both are the same text: of one kind, from the same bytes to the same bytes that no edit touches."""
        line_after = self.ground.line_after
        return (
            type(before) is type(after)
            and line_after(before.lineno) == after.lineno
            and before.col_offset == after.col_offset
            and line_after(before.end_lineno or 0) == after.end_lineno
            and before.end_col_offset == after.end_col_offset
        )

    def _without_imports(self, side: Side, body: Sequence[ast.stmt], env: Env) -> list[ast.stmt]:
        rest: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, _Import):
                self._imports(side, statement, Slot(env.block, len(rest)), env)
            else:
                rest.append(statement)
        return rest

    def _imports(self, side: Side, node: _Import, slot: Slot, env: Env) -> None:
        """`import a.b` binds `a`; `import a.b as c` and `from a import b` bind what they say."""
        trace, scope, line = self.trace, env.scope, node.lineno
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                path = alias.name if alias.asname else name
                trace.imported[side].append(Imported(alias.name, "", line, slot.block.import_time))
                if name in trace.words:
                    trace.aliases[side].append(Alias(name, path, alias.name, scope, slot, line, False))
            return
        module = resolve_relative(self.package, node.level, node.module or "")
        if module is None:
            module = "." * node.level + (node.module or "")
        for alias in node.names:
            trace.imported[side].append(Imported(module, alias.name, line, slot.block.import_time))
            name = alias.asname or alias.name
            if name in trace.words or name == "*":
                kind = trace.stars if name == "*" else trace.aliases
                path = module if name == "*" else f"{module}.{alias.name}"
                kind[side].append(Alias(name, path, path, scope, slot, line, True))

    def child(self, before: list[ast.stmt], after: list[ast.stmt], env: Env, import_time: bool) -> None:
        """A block below the statement or clause that `env.key` stands for."""
        block = Block(env.block, env.key, env.block.import_time and import_time)
        self.statements(before, after, replace(env, block=block))

    # statements with blocks

    def compound(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        """`if`, `for`, `while`, `with`, `try`, `match` and their clauses: heads are compared, blocks walked."""
        for number, name in enumerate(before._fields):
            old, new = getattr(before, name), getattr(after, name)
            inner = replace(env, key=(*env.key, number))
            if name in ("body", "orelse", "finalbody"):
                checked = name == "body" and isinstance(before, ast.If) and is_type_checking(before.test)
                self.child(old, new, inner, not checked)
            elif name in ("handlers", "cases") and len(old) == len(new):
                for index, (one, other) in enumerate(zip(old, new, strict=True)):
                    self.node(one, other, replace(inner, key=(*inner.key, index)))
            elif name == "type_comment":
                self.type_comment(before, after, env)
            elif name == "name":
                self.bind_clause(before, (old, new), "an `except … as`", env)
            else:
                self.value(old, new, before, after, env)

    def function(self, before: _Function, after: _Function, env: Env) -> None:
        if not self._keeps_name(before, after, env):
            return
        self.bind(env, (before.name, after.name), "a function")
        outer = self.type_parameters(before, after, env)
        self.defaults(before.args, after.args, env)
        annotations = replace(outer, typed=True, deferred=self.lazy_annotations)
        old, new = all_parameters(before.args), all_parameters(after.args)
        for (_, one), (_, other) in zip(old, new, strict=False):
            self.value(one.annotation, other.annotation, one, other, annotations)
        self.value(before.returns, after.returns, before, after, annotations)
        self.value(before.decorator_list, after.decorator_list, before, after, env)
        tables = outer.scope.child_tables(before.name, (before.lineno, after.lineno))
        self._demand(tables, before, env)
        scope = Scope(Kind.FUNCTION, outer.scope, tables, env.scope.owner)
        inner = replace(env, scope=scope, key=(*env.key, 0))
        self.parameters(before.args, after.args, inner)
        for (_, one), (_, other) in zip(old, new, strict=False):
            self.type_comment(one, other, outer)
        self.type_comment(before, after, outer, "func_type")
        self.docstring(before, after, env)
        self.child(before.body, after.body, inner, False)

    def class_(self, before: ast.ClassDef, after: ast.ClassDef, env: Env) -> None:
        if not self._keeps_name(before, after, env):
            return
        self.bind(env, (before.name, after.name), "a class")
        self.value(before.decorator_list, after.decorator_list, before, after, env)
        outer = self.type_parameters(before, after, env)
        self.value(before.bases, after.bases, before, after, outer)
        self.value(before.keywords, after.keywords, before, after, outer)
        tables = outer.scope.child_tables(before.name, (before.lineno, after.lineno))
        self._demand(tables, before, env)
        scope = Scope(Kind.CLASS, outer.scope, tables, before.name)
        self.docstring(before, after, env)
        self.child(before.body, after.body, replace(env, scope=scope, key=(*env.key, 0)), True)

    def _keeps_name(self, before: _Function | ast.ClassDef, after: _Function | ast.ClassDef, env: Env) -> bool:
        """A definition is known by its name when it runs (`__name__`, pickles, tracebacks): no edit may change it."""
        if before.name != after.name:
            self.trace.fault(env.line, f"syntax check: the definition of `{before.name}` became one of `{after.name}`")
        return before.name == after.name

    def _demand(self, tables: tuple[Table | None, Table | None], node: _Function | ast.ClassDef, env: Env) -> None:
        if None in tables:
            self.trace.fault(env.line, f"scope check: the compiler's symbol table has no scope for `{node.name}`")

    def type_parameters(self, before: _Function | ast.ClassDef, after: _Function | ast.ClassDef, env: Env) -> Env:
        """`def f[T]`: a scope of its own around annotations, bases and body. Gives `env` where there is none."""
        old, new = getattr(before, "type_params", []), getattr(after, "type_params", [])
        if not old and not new:
            return env
        tables = env.scope.child_tables(before.name, (before.lineno, after.lineno))
        owner = before.name if isinstance(before, ast.ClassDef) else env.scope.owner
        inner = replace(env, scope=Scope(Kind.PARAMETERS, env.scope, tables, owner))
        self.value(old, new, before, after, inner)
        return inner

    def type_parameter(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        self.bind(env, (before.name, after.name), "a type parameter")  # type: ignore[attr-defined]
        self.fields(before, after, replace(env, deferred=True))

    def type_alias(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        """`type X[T] = …`: evaluated when it is asked for."""
        self.node(before.name, after.name, env)  # type: ignore[attr-defined]
        scope = Scope(Kind.PARAMETERS, env.scope, (None, None), env.scope.owner)
        self.fields(before, after, replace(env, scope=scope, deferred=True, typed=True), skip=("name",))

    def docstring(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        """Taking the imports above a string away must not make it the docstring."""
        if has_docstring(before) != has_docstring(after):
            self.trace.fault(env.line, "syntax check: a string became the docstring, or stopped being it")

    # other statements

    def capture(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        """`case Name(x)`, `case [*rest]`, `case {**rest}`."""
        name = "rest" if isinstance(before, ast.MatchMapping) else "name"
        self.bind_clause(before, (getattr(before, name), getattr(after, name)), "a capture of `match`", env)
        self.fields(before, after, env, skip=(name,))

    def declared(self, before: ast.Global | ast.Nonlocal, after: ast.Global | ast.Nonlocal, env: Env) -> None:
        if len(before.names) != len(after.names):
            self.differs(before, after, env)
        for old, new in zip(before.names, after.names, strict=False):
            if old != new:
                self.may_differ(before, f"`{old}` became `{new}`", (EditKind.USE,), env)
            self.trace.use(Use(env.scope, env.key, env.line, Reference(old), Reference(new), deferred=True))

    def expression(self, before: ast.Expr, after: ast.Expr, env: Env) -> None:
        """`__all__.append("Name")`, or any other expression."""
        self.fields(before, after, env)
        call = before.value
        if isinstance(call, ast.Call) and isinstance(after.value, ast.Call):
            target = reference(call.func)
            if target in (Reference("__all__", ("append",)), Reference("__all__", ("extend",))):
                self.exports(call, after.value, env)

    def assigned(self, before: ast.Assign | ast.AugAssign, after: ast.Assign | ast.AugAssign, env: Env) -> None:
        self.node(before.value, after.value, env)
        self.fields(before, after, env, skip=("value", "type_comment"))
        self.type_comment(before, after, env)
        targets = before.targets if isinstance(before, ast.Assign) else [before.target]
        if any(reference(target) == Reference("__all__") for target in targets):
            self.exports(before.value, after.value, env)

    def annotated(self, before: ast.AnnAssign, after: ast.AnnAssign, env: Env) -> None:
        self.value(before.value, after.value, before, after, env)
        self.fields(before, after, env, skip=("value", "annotation"))
        lazy = self.lazy_annotations or env.scope.kind is Kind.FUNCTION
        self.node(before.annotation, after.annotation, replace(env, typed=True, deferred=lazy))
        if before.value and after.value and reference(before.target) == Reference("__all__"):
            self.exports(before.value, after.value, env)

    def exports(self, before: ast.expr, after: ast.expr, env: Env) -> None:
        """The strings of `__all__` are uses of what the module binds."""
        if env.scope.kind is not Kind.MODULE:
            return
        for one, other in zip(texts_below(before), texts_below(after), strict=False):
            self.trace.use(Use(env.scope, END, one[1], Reference(one[0]), Reference(other[0]), True))

    def type_comment(self, before: ast.AST, after: ast.AST, env: Env, mode: str = "eval") -> None:
        """`# type: Name`, which has no position: any edit of a use on the statement's own lines may change it."""
        old, new = getattr(before, "type_comment", None), getattr(after, "type_comment", None)
        if (old is None) != (new is None):
            self.differs(before, after, env)
        elif old is not None and new is not None and not old.startswith("ignore"):
            first = before.body[0] if isinstance(getattr(before, "body", None), list) else None  # type: ignore[attr-defined]
            last = first.lineno if first is not None else (before.end_lineno or 0)  # type: ignore[attr-defined]
            if old != new and not self.ground.touched.any_in(before.lineno, last):  # type: ignore[attr-defined]
                self.trace.fault(env.line, f"edit check: the type comment {old!r} became {new!r} outside every edit")
            self.quoted(None, old, new, env, mode)
