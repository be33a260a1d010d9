"""The walk's rules for expressions and patterns (language reference, §6 and §8.6)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable

from repoint.analysis import fstrings
from repoint.analysis.annotation_walk import AnnotationWalker
from repoint.analysis.calls import meanings
from repoint.analysis.facts import Attribute, RefKind, Role, ScopeKind, StringUse
from repoint.analysis.recorder import arguments_of, parameters_of, tail_of

_DEBUG = re.compile(rb"\s*=\s*[}!:]")
_PEP701 = sys.version_info >= (3, 12)  # nodes inside f-strings are truly placed
_CONTEXTS = {ast.Load: RefKind.LOAD, ast.Store: RefKind.STORE, ast.Del: RefKind.DELETE}


class ExpressionWalker(AnnotationWalker):
    """Walks expressions, one rule for each kind that binds, opens a scope, or gives a string a meaning."""

    def _bind_parameters(self, args: ast.arguments) -> None:
        for argument in arguments_of(args):
            if argument.arg in self.asked.words:
                start = self._start(argument)
                self._bind(argument.arg, start)
                self._add(argument.arg, start, start + len(argument.arg.encode()), RefKind.PARAMETER)

    def _named_after(self, name: str, at: int, lead: bytes) -> None:
        """Bind a name that has no node of its own: it follows `lead` at the offset `at`."""
        found = re.compile(lead + re.escape(name.encode())).match(self.text.utf8, at)
        start = found.end() - len(name.encode()) if found else at
        self._bind(name, start)
        self._add(name, start, start + len(name.encode()), RefKind.STORE, exact=found is not None)

    def visit(self, node: ast.AST, role: Role = Role.NONE, group: int = 0) -> None:
        """Walk one expression, pattern or other node."""
        kind = type(node)
        if kind is ast.Name or kind is ast.Attribute:
            self._chain(node, role, group)  # type: ignore[arg-type]
        elif kind is ast.Constant:
            self._constant(node)  # type: ignore[arg-type]
        else:
            method = getattr(self, f"_expr_{kind.__name__}", None)
            if method is not None:
                method(node)
            else:
                self.children(node)

    def _chain(self, node: ast.Name | ast.Attribute, role: Role, group: int) -> None:
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
            if exact and isinstance(inner, ast.Call) and tail_of(inner.func) == "__import__":
                self._reads[id(inner)] = tuple(reversed(attributes))
            self.visit(inner)
            return
        if inner.id not in self.asked.words:
            return
        kind = _CONTEXTS[type(inner.ctx)]
        start = self._start(inner)
        end = start + len(inner.id.encode())
        if kind is not RefKind.LOAD:
            self._bind(inner.id, self.statement_end or start)
            if kind is RefKind.DELETE:
                self.tree.scopes[self.scope].unsure.add(inner.id)
        chain = tuple(reversed(attributes))
        self._add(inner.id, start, end, kind, chain, role, group, exact=exact)

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
        outer = self._enter(ScopeKind.LAMBDA, parameters_of(node.args))
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
        told = any(tail_of(side) in ("__name__", "__qualname__") for side in sides)
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
        none = any(isinstance(side, ast.Constant) and side.value is None for side in sides)
        role = Role.TEST if none else Role.COMPARE if identity else Role.NONE
        for side in sides:
            self.visit(side, role, group)
        return None

    def _expr_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test, Role.TEST)
        self.visit(node.body)
        self.visit(node.orelse)

    def _expr_BoolOp(self, node: ast.BoolOp) -> None:
        for value in node.values[:-1]:
            self.visit(value, Role.TEST)
        self.visit(node.values[-1])

    def _expr_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.visit(node.operand, Role.TEST if isinstance(node.op, ast.Not) else Role.NONE)

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
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
            self._like_path(node)
        self.visit(node.func)
        callee = self._callee(node.func)
        self._hazard_of_call(node, callee)
        typed = self.asked.typing.quoted_arguments(callee, node)
        for meaning in meanings(callee, node, self.asked.known_calls) if callee else ():
            self._mark_meaning(meaning, node)
        fields = self.asked.typing.fields(callee, node)
        if self.asked.typing.may_quote(callee):
            self._may_be_types(node)
        for position, argument in enumerate(node.args):
            if argument is fields:
                self._fields(argument)
            elif any(argument is item for item in typed):
                self.annotation(argument, evaluated=True)
            elif position == 1 and callee in ("builtins.isinstance", "builtins.issubclass"):
                self._members(argument)
            else:
                self.visit(argument)
        for keyword in node.keywords:
            if keyword.value is fields:
                self._fields(keyword.value)
            elif any(keyword.value is item for item in typed):
                self.annotation(keyword.value, evaluated=True)
            else:
                self.visit(keyword.value)
        if callee in ("__all__.extend", "__all__.append"):
            for argument in node.args:
                self.export(argument)

    def _members(self, node: ast.expr) -> None:
        branch, self.branch = self.branch, 0
        if branch and not isinstance(node, ast.Tuple):
            return self.visit(node, Role.BRANCH, branch)
        group = self._group()
        for item in node.elts if isinstance(node, ast.Tuple) else [node]:
            self.visit(item, Role.ISINSTANCE, group)
        return None

    def _expr_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add | ast.Mod):
            self._like_path(node)
            if isinstance(node.left, ast.BinOp):  # a part of this one
                self._told[id(node.left)] = None
        self.visit(node.left)
        self.visit(node.right)

    def _expr_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._like_path(node)
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

    def _expr_MatchClass(self, node: ast.MatchClass) -> None:
        branch, self.branch = self.branch, 0
        self.visit(node.cls, Role.BRANCH if branch and not (node.patterns or node.kwd_patterns) else Role.NONE, branch)
        for pattern in (*node.patterns, *node.kwd_patterns):
            self.visit(pattern)

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
        self.children(node)
        if node.rest is not None and node.rest in self.asked.words:
            start, end = self._start(node), self._end(node)
            at = self.text.utf8.rfind(b"**", start, end)
            self._named_after(node.rest, at + 2, rb"\s*")


def _constants(node: ast.expr) -> Iterable[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _is_sys_modules(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "modules" and tail_of(node.value) == "sys"
