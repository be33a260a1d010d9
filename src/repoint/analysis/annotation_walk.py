"""The walk's rules for types: annotations, quoted or not, and type comments (PEP 484, 563, 586, 593)."""

from __future__ import annotations

import ast
import re

from repoint.analysis.facts import RefKind, When
from repoint.analysis.string_walk import StringWalker

MAYBE_TYPE = "a string that may be a quoted type"
_TYPE_COMMENT = re.compile(rb"#\s*type:\s*")


class AnnotationWalker(StringWalker):
    """Walks types: a string in one is a type too."""

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

    def _fields(self, node: ast.expr) -> None:
        """`{"x": "A"}` or `[("x", "A")]`: fields with their types."""
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    self.visit(key)
                self.annotation(value, evaluated=True)
            return
        for item in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
            if isinstance(item, ast.List | ast.Tuple) and len(item.elts) > 1:
                self.visit(item.elts[0])
                self.annotation(item.elts[1], evaluated=True)
                for other in item.elts[2:]:
                    self.visit(other)
            else:
                self.visit(item)

    def _may_be_types(self, call: ast.Call) -> None:
        """Strings that may be types, or may be something else: the names in them are to stay."""
        for node in ast.walk(call):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names = self.asked.words.intersection(re.findall(r"\w+", node.value))
                if names:
                    self._hazard(self.scope, tuple(names), node, MAYBE_TYPE)

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
                self._comment_type(found.end(), comment, isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
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
