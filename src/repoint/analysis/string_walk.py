"""The walk's rules for strings, and for code that sees variables by the text of their names."""

from __future__ import annotations

import ast
import re

from repoint.analysis.calls import Meaning
from repoint.analysis.facts import Hazard, StringFact, StringUse
from repoint.analysis.literals import Literal, read_literal
from repoint.analysis.recorder import Recorder, root_of
from repoint.names import resolve_relative

KEEP = re.compile(rb"#\s*repoint:\s*keep\b")


class StringWalker(Recorder):
    """Records strings that hold a text asked about, with what they are for."""

    def _constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str):
            return
        use, owner, attributes = self._uses.pop(id(node), (StringUse.PLAIN, None, ()))
        value, attributes = (attributes[0], ()) if use is StringUse.RELATIVE_PATH else (node.value, attributes)
        if owner is None and not self.asked.text.search(value):
            return
        literal = self._literal(node)
        if literal is None:
            return
        start = literal.start
        kept = self._comment_matches(KEEP, start)
        place = None if owner is None else (owner, attributes)
        self.strings.append(
            StringFact(value, start, literal.end, self.text.line(start), use, literal.exact, kept, place)
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
            if meaning.use in (StringUse.MODULE_PATH, StringUse.ATTRIBUTE_PATH):
                self._dynamic(meaning.argument)
            return
        if (module := self._relative_to(meaning.argument, meaning.package)) is not None:
            self._uses[id(meaning.argument)] = (StringUse.RELATIVE_PATH, None, (module,))
            return
        owner: int | None = None
        attributes: tuple[str, ...] = ()
        if meaning.owner is not None:
            root, names = root_of(meaning.owner)
            if root is not None and root.id in self.asked.words:
                owner, attributes = self._start(root), names
        self._uses[id(meaning.argument)] = (meaning.use, owner, attributes)

    def _relative_to(self, argument: ast.Constant, package: ast.expr | None) -> str | None:
        """The module that `import_module(".m", package)` means, where both are told."""
        value = argument.value
        if package is None or not isinstance(value, str) or not value.startswith("."):
            return None
        told: object = package.value if isinstance(package, ast.Constant) else None
        if ast.unparse(package) in ("__package__", "__name__", "__spec__.parent"):
            told = self.package
        name = value.lstrip(".")
        return resolve_relative(told, len(value) - len(name), name) if isinstance(told, str) else None

    def _dynamic(self, node: ast.expr) -> None:
        """A path that is put together: its parts, as far as they are spelled out."""
        parts = node.values if isinstance(node, ast.JoinedStr) else list(ast.walk(node))
        told = [str(part.value) for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if not any(self.asked.text.search(text) for text in told):
            return
        for part in parts:
            self._mark(part, StringUse.DYNAMIC_PATH)
        if isinstance(node, ast.JoinedStr):
            start = self._start(node)
            line, kept = self.text.line(start), self._comment_matches(KEEP, start)
            use = StringUse.DYNAMIC_PATH
            self.strings.append(StringFact(" ".join(told), start, start, line, use, False, kept, None))

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
        self._hazard(namespace, (str(key.value),), key, f'`["{key.value!s}"]` of a namespace')

    def _hazard(self, scope: int, names: tuple[str, ...] | None, node: ast.AST, what: str) -> None:
        """`names` of None concerns every variable."""
        concerned = () if names is None else tuple(sorted(self.asked.words.intersection(names)))
        if names is None or concerned:
            self.hazards.append(Hazard(scope, concerned, self.text.line(self._start(node)), what))

    def _debug_field(self, start: int, end: int) -> None:
        """`f"{x=}"` prints its own source, so that a rename changes what is printed."""
        words = self.asked.words.intersection(re.findall(r"\w+", self.text.slice(start, end)))
        if words:
            what = "`=` in an f-string"
            self.hazards.append(Hazard(self.scope, tuple(sorted(words)), self.text.line(start), what))

    def export(self, value: ast.expr) -> None:
        """`__all__ = […]`: its strings are the file's surface."""
        for node in ast.walk(value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.exported.add(node.value)
                self._relabel(node, StringUse.ALL)
