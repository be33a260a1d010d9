"""What a walk writes down: references, strings, imports and scopes, with the offsets of the nodes it is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from repoint.analysis.facts import (
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
from repoint.analysis.scopes import ScopeTree
from repoint.analysis.text import Text
from repoint.analysis.typing_names import Typing
from repoint.model import Frozen

WELL_KNOWN = frozenset({"monkeypatch", "mocker", "caplog", "__all__"})
_WORD = re.compile(r"\w+")
_BUILTINS = frozenset({
    "__import__", "delattr", "dict", "eval", "exec", "frozenset", "getattr", "globals", "hasattr", "isinstance",
    "issubclass", "list", "locals", "set", "setattr", "tuple", "type", "vars",
})  # fmt: skip


class RawReference(Struct):
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


class Told(NamedTuple):
    """What is known of a string from where it stands; see `StringFact`."""

    use: StringUse
    owner: tuple[int, tuple[str, ...]] | None = None
    parts: tuple[Attribute, ...] = ()
    package: str | None = None


class Asked(Frozen, frozen=True):
    """What a walk looks for in one file. `own` are functions and classes that the file itself defines."""

    words: frozenset[str]
    text_words: frozenset[str]
    known_calls: tuple[str, ...]
    callees: dict[str, str]
    typing: Typing
    future_annotations: bool
    own: frozenset[str] = frozenset()
    module: str = ""

    def is_told(self, text: str) -> bool:
        """Whether a string may name something asked about: there may be thousands of words, but few are in it."""
        return not self.text_words.isdisjoint(_WORD.findall(text))


class Recorder:
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
        self.exports: list[tuple[int, str]] = []
        self.fixture_names: set[str] = set()
        self.scope = 0
        self.when = When.IMPORT
        self.statement_end = 0
        self.depth = 0
        self.branch = 0
        self.elif_of = 0
        self.type_checking = False
        self.top_of_function = False
        self._groups = 0
        self._runs = 0
        self._blocks = 0
        self._locate: Callable[[int, int], int] = text.offset
        self._told: dict[int, Told | None] = {}
        self._reads: dict[int, tuple[Attribute, ...] | None] = {}  # by call of `__import__`; None: its value goes
        self._parsed: list[ast.AST] = []  # kept, since `_told` knows nodes by their identity
        self._pruned = lines is not None

    def _elsewhere(
        self, node: ast.AST, base: int, source: bytes, action: Callable[[ast.AST], None] | None = None
    ) -> None:
        """Walk `node`, parsed from `source`, whose first byte stands at the offset `base` of the file."""
        self._parsed.append(node)
        starts = [0, *(found.end() for found in re.finditer(rb"\r\n|\r|\n", source))]
        locate, pruned = self._locate, self._pruned
        self._locate = lambda line, column: base + starts[line - 1] + column
        self._pruned = False
        (action or self.visit)(node)
        self._locate, self._pruned = locate, pruned

    def _parse_at(self, start: int, end: int) -> None:
        """Walk an expression that is parsed from the file's text on its own."""
        source = self.text.utf8[start:end]
        try:
            tree = ast.parse(b"(" + source + b"\n)", mode="eval")
        except (SyntaxError, ValueError):
            return
        self._elsewhere(tree.body, start - 1, b"(" + source)

    def _callee(self, node: ast.expr) -> str:
        """The dotted path of a callable, its first name resolved through the file's imports; empty if unknown."""
        root, names = root_of(node)
        if root is None:
            return f"?.{names[-1]}" if names else ""
        head = self.asked.callees.get(root.id)
        if head is None or self._is_parameter(root.id):
            known = root.id in WELL_KNOWN and (root.id not in self.asked.own or self._is_parameter(root.id))
            head = root.id if known else f"?{root.id}"
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
    ) -> None:
        if kind is not RefKind.IMPORT:
            exact = exact and self.text.utf8[start:end] == name.encode()
        self.references.append(RawReference(name, start, end, self.scope, kind, chain, self.when, role, group, exact))

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

    def visit(self, node: ast.AST, role: Role = Role.NONE, group: int = 0) -> None:
        """Walk one expression, pattern or other node."""
        raise NotImplementedError

    def children(self, node: ast.AST) -> None:
        """Walk a node without a rule of its own."""
        raise NotImplementedError


def root_of(node: ast.AST) -> tuple[ast.Name | None, tuple[str, ...]]:
    """The name at the root of `a.b.c`, and its attributes."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node if isinstance(node, ast.Name) else None), tuple(reversed(names))


def tail_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def arguments_of(args: ast.arguments) -> Iterator[ast.arg]:
    yield from args.posonlyargs
    yield from args.args
    if args.vararg is not None:
        yield args.vararg
    yield from args.kwonlyargs
    if args.kwarg is not None:
        yield args.kwarg


def parameters_of(args: ast.arguments) -> frozenset[str]:
    return frozenset(argument.arg for argument in arguments_of(args))
