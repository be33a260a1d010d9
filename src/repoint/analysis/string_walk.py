"""The walk's rules for strings, and for code that sees variables by the text of their names."""

from __future__ import annotations

import ast
import re

from msgspec.structs import replace

from repoint.analysis.calls import Meaning
from repoint.analysis.computed import HOLE, parts, spelled
from repoint.analysis.facts import Attribute, Hazard, StringFact, StringUse
from repoint.analysis.literals import Literal, read_literal
from repoint.analysis.recorder import Recorder, Told, root_of, tail_of

_PLAIN = Told(StringUse.PLAIN)
_PATH_WITH_HOLES = re.compile(r"(?:\w|\{\})+(?:[.:](?:\w|\{\})+)+")
_COLLECTIONS = frozenset({"list", "tuple", "sorted", "set"})
KEEP = re.compile(rb"#\s*repoint:\s*keep\b")


class StringWalker(Recorder):
    """Records strings that hold a text asked about, with what they are for."""

    def _constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str):
            return
        told = self._told.pop(id(node), _PLAIN)
        if told is None:
            return
        if told.owner is None and not self._is_asked(node.value, told):
            return
        literal = self._literal(node)
        if literal is None:
            return
        start, end = literal.start, literal.end
        kept = self._comment_matches(KEEP, start)
        line = self.text.line(start)
        self.strings.append(StringFact(node.value, start, end, line, told.use, literal.exact, kept, *told[1:]))

    def _is_asked(self, value: str, told: Told) -> bool:
        """Whether a string, or a name that goes with it, is about something asked."""
        if self.asked.is_told(value):
            return True
        return any(part.name in self.asked.words for part in told.parts)

    def _literal(self, node: ast.Constant) -> Literal | None:
        return read_literal(self.text.utf8, self._start(node), self._end(node), str(node.value))

    def _mark(self, node: ast.AST, use: StringUse) -> None:
        if isinstance(node, ast.Constant):
            self._told[id(node)] = Told(use)

    def _relabel(self, node: ast.Constant, use: StringUse) -> None:
        """Change the use of a string that has been walked already."""
        for position, fact in enumerate(self.strings):
            if self._start(node) <= fact.start <= self._end(node):
                self.strings[position] = replace(fact, use=use)

    def _mark_meaning(self, meaning: Meaning, call: ast.Call) -> None:
        argument = meaning.argument
        if meaning.use is StringUse.PATCHED_MODULE:
            self._patched_module(argument, meaning.names)
        elif not isinstance(argument, ast.Constant):
            owner = self._owner(meaning.owner)
            if owner is not None:
                self._add_dynamic(spelled(argument, self._known_text), argument, StringUse.DYNAMIC_ATTRIBUTE, owner)
            elif meaning.use is StringUse.ATTRIBUTE_PATH:
                self._dynamic(argument, StringUse.DYNAMIC_ATTRIBUTE)
            elif meaning.use in (StringUse.MODULE_PATH, StringUse.ROOT_PATH):
                self._dynamic(argument, StringUse.DYNAMIC_PATH)
        elif meaning.use is StringUse.ROOT_PATH:
            read = self._reads.pop(id(call), ())
            told = Told(StringUse.MODULE_PATH) if read is None else Told(meaning.use, parts=read)
            self._told[id(argument)] = told
        elif meaning.use is StringUse.RELATIVE_PATH:
            package = None if meaning.package is None else self._known_text(meaning.package)
            self._told[id(argument)] = Told(meaning.use, package=package)
        else:
            self._told[id(argument)] = Told(meaning.use, self._owner(meaning.owner))

    def _owner(self, node: ast.expr | None) -> tuple[int, tuple[str, ...]] | None:
        """Where the name of an object stands whose attribute is meant, and the attributes between."""
        root, names = (None, ()) if node is None else root_of(node)
        return None if root is None or root.id not in self.asked.words else (self._start(root), names)

    def _patched_module(self, target: ast.expr, names: tuple[ast.keyword, ...]) -> None:
        """`patch.multiple(target, A=…)`: keywords are names in the target, be that a string or an object."""
        owner = self._owner(target)
        keywords = tuple(
            Attribute(item.arg, self._start(item), self._start(item) + len(item.arg.encode()))
            for item in names
            if item.arg is not None
        )
        if owner is not None:
            for part in keywords:
                self._named(part, owner)
            return
        spelled_out = all(self.text.utf8[part.start : part.end] == part.name.encode() for part in keywords)
        if isinstance(target, ast.Constant) and spelled_out and len(keywords) == len(names):
            self._told[id(target)] = Told(StringUse.PATCHED_MODULE, parts=keywords)
            return
        if isinstance(target, ast.Constant):
            self._mark(target, StringUse.MODULE_PATH)
        elif isinstance(target, ast.Attribute) or (isinstance(target, ast.Name) and target.id in self.asked.callees):
            return  # an object that has nothing asked about
        module = spelled(target, self._known_text)
        for name in [part.name for part in keywords] + [HOLE] * (len(keywords) < len(names)):
            self._put_together(f"{module}.{name}", target, StringUse.DYNAMIC_ATTRIBUTE)

    def _named(self, part: Attribute, owner: tuple[int, tuple[str, ...]]) -> None:
        """A keyword that names an attribute of `owner`."""
        line, kept = self.text.line(part.start), self._comment_matches(KEEP, part.start)
        exact = self.text.utf8[part.start : part.end] == part.name.encode()
        use = StringUse.ATTRIBUTE_NAME
        self.strings.append(StringFact(part.name, part.start, part.end, line, use, exact, kept, owner))

    def _dynamic(self, node: ast.expr, use: StringUse) -> None:
        """A path that is put together: its text, as far as it is spelled out."""
        if self._put_together(spelled(node, self._known_text), node, use):
            self._told.update((id(part), None) for part in parts(node))

    def _put_together(self, text: str, node: ast.expr, use: StringUse) -> bool:
        if not self.asked.is_told(text):
            return False
        self._add_dynamic(text, node, use, None)
        return True

    def _add_dynamic(
        self, text: str, node: ast.expr, use: StringUse, owner: tuple[int, tuple[str, ...]] | None
    ) -> None:
        start = self._start(node)
        line, kept = self.text.line(start), self._comment_matches(KEEP, start)
        self.strings.append(StringFact(text, start, start, line, use, False, kept, owner))

    def _like_path(self, node: ast.expr) -> None:
        """An f-string or a sum, wherever it stands, that can be nothing but a path put together."""
        if self._told.get(id(node), _PLAIN) is None:
            return
        text = spelled(node, self._known_text)
        if HOLE in text and _PATH_WITH_HOLES.fullmatch(text):
            self._dynamic(node, StringUse.DYNAMIC_ATTRIBUTE)

    def _known_text(self, node: ast.expr) -> str | None:
        """The text of an expression that names a module: `__name__`, `__package__`, `module.__name__`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name) and node.id == "__name__":
            return self.asked.module or None
        if isinstance(node, ast.Name) and node.id == "__package__":
            return self.package or None
        if isinstance(node, ast.Attribute) and node.attr == "parent" and tail_of(node.value) == "__spec__":
            return self.package or None
        if isinstance(node, ast.Attribute) and node.attr == "__name__":
            callee = self._callee(node.value)
            return None if callee.startswith("?") else callee or None
        return None

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
        """`__all__ = […]`: its strings are the file's surface; anything else in it may name whatever it likes."""
        if isinstance(value, ast.List | ast.Tuple | ast.Set):
            for item in value.elts:
                self.export(item)
        elif isinstance(value, ast.Starred):
            self.export(value.value)
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.export(value.left)
            self.export(value.right)
        elif isinstance(value, ast.Call) and len(value.args) == 1 and tail_of(value.func) in _COLLECTIONS:
            self.export(value.args[0])
        elif isinstance(value, ast.Constant):
            if isinstance(value.value, str):
                self.exported.add(value.value)
                self._relabel(value, StringUse.ALL)
        else:
            callee = self._callee(value)
            known = callee.endswith(".__all__") and not callee.startswith("?")
            self.exports.append((self.text.line(self._start(value)), callee.removesuffix(".__all__") if known else ""))
            for node in ast.walk(value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    self.exported.add(node.value)
                    self._relabel(node, StringUse.ALL)
