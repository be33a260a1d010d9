"""The walk over an expression before and after: they may differ in names, and in strings that an edit changed."""

from __future__ import annotations

import ast
from collections.abc import Callable

from msgspec.structs import replace

from repoint.model import EditKind, Frozen
from repoint.names import is_dotted_name
from repoint.proof.nodes import all_parameters, is_chain, last_name, literals, parsed_type, reference, shown, text_of
from repoint.proof.parsed import Ground
from repoint.proof.scopes import Kind, Scope
from repoint.proof.told import Told, imported_path, told
from repoint.proof.trace import Block, Key, Reference, Trace, Use

_COMPREHENSIONS = {
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}
# Which positional arguments of these callables are types, so that strings there are quoted types.
_TYPE_ARGUMENTS = {"cast": slice(0, 1), "NewType": slice(1, 2), "TypeVar": slice(1, None)}
_TYPE_KEYWORDS = frozenset({"bound", "default"})
_SHOWN = 60


class Env(Frozen, frozen=True):
    """Where the walk is. `anchor` is the nearest node whose position can be trusted: not one inside an f-string."""

    scope: Scope
    block: Block
    key: Key
    line: int
    anchor: ast.AST | None = None
    quoted: bool = False
    """Inside a string: every position is the string's."""
    typed: bool = False
    """In a place where a string stands for a type."""
    deferred: bool = False
    checked: bool = False
    """Inside a string or comment of which an edit's leave to differ was asked already."""


class Expressions:
    """Walks pairs of nodes and writes what it meets to a `Trace`; names are recorded, all else must be equal."""

    def __init__(self, ground: Ground, trace: Trace, lazy_annotations: bool) -> None:
        self.ground = ground
        self.trace = trace
        self.lazy_annotations = lazy_annotations
        self.literals = literals(ground.full if b"Literal" in ground.whole.data else None)
        self.rules: dict[type[ast.AST], Callable[..., None]] = {
            ast.Name: self.chain,
            ast.Attribute: self.chain,
            ast.Constant: self.constant,
            ast.JoinedStr: self.joined,
            ast.Lambda: self.lambda_,
            ast.Call: self.call,
            ast.Subscript: self.subscript,
            ast.NamedExpr: self.named,
            ast.ListComp: self.comprehension,
            ast.SetComp: self.comprehension,
            ast.DictComp: self.comprehension,
            ast.GeneratorExp: self.comprehension,
        }

    def node(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        """One node and all below it."""
        if not env.quoted:
            line = getattr(before, "lineno", env.line)
            if line != env.line:
                env = replace(env, line=line)
        rule = self.rules.get(type(before))
        if type(before) is not type(after) and not (is_chain(before) and is_chain(after)):
            if not self.dunder_import(before, after, env):
                self.differs(before, after, env)
        elif rule is None:
            self.fields(before, after, env)
        else:
            rule(before, after, env)

    def fields(self, before: ast.AST, after: ast.AST, env: Env, skip: tuple[str, ...] = ()) -> None:
        for name in before._fields:
            if name not in skip:
                self.value(getattr(before, name, None), getattr(after, name, None), before, after, env)

    def value(self, value: object, other: object, before: ast.AST, after: ast.AST, env: Env) -> None:
        if isinstance(value, ast.AST) and isinstance(other, ast.AST):
            self.node(value, other, env)
        elif isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
            for item, item_after in zip(value, other, strict=True):
                self.value(item, item_after, before, after, env)
        elif type(value) is not type(other) or value != other:
            self.differs(before, after, env)

    def differs(self, before: ast.AST, after: ast.AST, env: Env) -> None:
        self.trace.fault(env.line, f"syntax check: `{shown(before)}` became `{shown(after)}`")

    # names and chains of names: a, a.b.c

    def chain(self, before: ast.expr, after: ast.expr, env: Env) -> None:
        old, new = reference(before), reference(after)
        if old is None and new is None:
            if not self.dunder_import(before, after, env):
                self.fields(before, after, env)
            return
        if old is None or new is None:
            self.differs(before, after, env)
            return
        stored = not isinstance(getattr(before, "ctx", None), ast.Load)
        if type(before.ctx) is not type(after.ctx) or (stored and type(before) is not type(after)):  # type: ignore[attr-defined]
            self.differs(before, after, env)
            return
        if old != new:
            self.may_differ(before, f"`{old}` became `{new}`", (EditKind.USE,), env)
        if stored and isinstance(before, ast.Name):
            # A `del` unbinds: the compiler counts it among what makes a variable local.
            what = "deleted" if isinstance(before.ctx, ast.Del) else "assigned"
            self.bind(env, (old.name, new.name), what)
        self.trace.use(Use(env.scope, env.key, env.line, old, new, env.deferred, stored and not old.attributes))

    def bind(self, env: Env, names: tuple[str, str], what: str) -> None:
        if names[0] != names[1]:
            self.trace.roots |= set(names)
        self.trace.site(env.scope, env.key, env.line, names, what)

    def bind_clause(self, node: ast.AST, names: tuple[str | None, str | None], what: str, env: Env) -> None:
        """A name that is no node of its own: `except E as name`, `case [*name]`. It may follow a renamed import."""
        old, new = names
        if (old is None) != (new is None):
            self.trace.fault(env.line, f"syntax check: {what} {old or 'without a name'} became {new or 'nameless'}")
        elif old is not None and new is not None:
            if old != new:
                self.may_differ(node, f"`{old}` became `{new}`", (EditKind.USE,), env)
            self.bind(env, (old, new), what)
            use = Use(env.scope, env.key, env.line, Reference(old), Reference(new), env.deferred, True)
            self.trace.use(use)

    def may_differ(self, before: ast.AST, what: str, kinds: tuple[EditKind, ...], env: Env) -> bool:
        """Whether edits of these kinds meet the node, so that its text may differ; a fault where none does."""
        if env.checked:
            return True
        anchor = env.anchor or before
        if any(edit.kind in kinds for edit in self.ground.edits_at(anchor)):
            return True
        self.trace.fault(env.line, f"edit check: {what} outside every edit of {' or '.join(kinds)}s")
        return False

    # strings

    def constant(self, before: ast.Constant, after: ast.Constant, env: Env) -> None:
        old, new = before.value, after.value
        same = type(old) is type(new) and repr(old) == repr(new) and before.kind == after.kind  # tells 0.0 from -0.0
        if not isinstance(old, str) or not isinstance(new, str) or before.kind != after.kind:
            if not same:
                self.differs(before, after, env)
        elif env.typed:
            self.quoted(before, old, new, env)
        elif same:
            return
        elif self._is_only(EditKind.USE, before, env):
            self.quoted(before, old, new, replace(env, typed=True))
        elif self.may_differ(before, f"the string {old!r:.{_SHOWN}} became {new!r:.{_SHOWN}}", (EditKind.STRING,), env):
            self.path_in_string(env.line, old, new)

    def _is_only(self, kind: EditKind, before: ast.AST, env: Env) -> bool:
        kinds = {edit.kind for edit in self.ground.edits_at(env.anchor or before)}
        return kinds == {kind}

    def path_in_string(self, line: int, old: str, new: str) -> None:
        before, after = old.replace(":", "."), new.replace(":", ".")
        if "." in before and "." in after and is_dotted_name(before) and is_dotted_name(after):
            self.trace.strings.append((line, before, after))

    def quoted(self, node: ast.AST | None, old: str, new: str, env: Env, mode: str = "eval") -> None:
        """A type inside a string or a comment: `"list[Name]"`."""
        if old != new and node is not None:
            self.may_differ(node, f"the quoted type {old!r:.{_SHOWN}} became {new!r:.{_SHOWN}}", (EditKind.USE,), env)
        before, after = parsed_type(old, mode), parsed_type(new, mode)
        if before is None or after is None:
            if old != new:
                self.trace.fault(env.line, f"syntax check: the string {old!r:.{_SHOWN}} became {new!r:.{_SHOWN}}")
            return
        self.node(before, after, replace(env, quoted=True, typed=True, deferred=True, checked=True))

    def joined(self, before: ast.JoinedStr, after: ast.JoinedStr, env: Env) -> None:
        # Before Python 3.12 the positions inside are not those of the file.
        self.fields(before, after, replace(env, anchor=env.anchor or before, typed=False))

    # places where strings are types

    def subscript(self, before: ast.Subscript, after: ast.Subscript, env: Env) -> None:
        self.node(before.value, after.value, env)
        name = last_name(before.value)
        inner = env
        if name in self.literals:
            inner = replace(env, typed=False)
        elif name == "Annotated" and isinstance(before.slice, ast.Tuple) and isinstance(after.slice, ast.Tuple):
            self._annotated(before.slice, after.slice, env)
            return
        self.node(before.slice, after.slice, inner)
        self._context(before, after, env)

    def _annotated(self, before: ast.Tuple, after: ast.Tuple, env: Env) -> None:
        if len(before.elts) != len(after.elts):
            self.differs(before, after, env)
            return
        for index, (item, other) in enumerate(zip(before.elts, after.elts, strict=True)):
            self.node(item, other, env if index == 0 else replace(env, typed=False))

    def _context(self, before: ast.Subscript, after: ast.Subscript, env: Env) -> None:
        if type(before.ctx) is not type(after.ctx):
            self.differs(before, after, env)

    def call(self, before: ast.Call, after: ast.Call, env: Env) -> None:
        plain = replace(env, typed=False) if env.typed else env
        if last_name(before.func) == "__import__" and self.dunder_import(before, after, plain):
            return
        self.node(before.func, after.func, plain)
        if len(before.args) != len(after.args) or len(before.keywords) != len(after.keywords):
            self.differs(before, after, env)
            return
        name = last_name(before.func)
        types = range(len(before.args))[_TYPE_ARGUMENTS[name]] if name in _TYPE_ARGUMENTS else range(0)
        known = self.told_names(before, after, plain)
        for index, (item, other) in enumerate(zip(before.args, after.args, strict=True)):
            if item not in known:
                self.node(item, other, replace(plain, typed=True) if index in types else plain)
        for keyword, keyword_after in zip(before.keywords, after.keywords, strict=True):
            if keyword.arg != keyword_after.arg and keyword not in known:
                self.differs(before, after, env)
            if keyword.value not in known:
                typed = name == "TypeVar" and keyword.arg in _TYPE_KEYWORDS
                self.node(keyword.value, keyword_after.value, replace(plain, typed=True) if typed else plain)

    def told_names(self, before: ast.Call, after: ast.Call, env: Env) -> set[ast.AST]:
        """Record what the call tells by name as uses; the nodes that have been looked at by that."""
        known: set[ast.AST] = set()
        for item in told(before, after):
            if item.old != item.new:
                what = f"the name {item.old!r} became {item.new!r}"
                self.may_differ(item.name or before, what, (EditKind.STRING, EditKind.USE), env)
            if item.name is None:
                known |= {keyword for keyword in before.keywords if keyword.arg == item.old}
            if item.chains is not None:
                old, new = item.chains
                if (old.name, old.attributes[:-1]) != (new.name, new.attributes[:-1]):
                    self.may_differ(item.target, f"`{old}` became `{new}`", (EditKind.USE,), env)
                self.trace.use(Use(env.scope, env.key, env.line, old, new, env.deferred))
                known |= {item.target, *([item.name] if item.name else [])}
            elif item.paths is not None and item.name is None:
                self._multiple(item, *item.paths, env)
                known.add(item.target)
        return known

    def _multiple(self, item: Told, old: str, new: str, env: Env) -> None:
        """A name that `patch.multiple` tells below a path."""
        if text_of(item.target) != text_of(item.target_after):
            self.may_differ(item.target, f"{old} became {new}", (EditKind.STRING,), env)
        if old != new:
            self.path_in_string(env.line, old, new)

    def dunder_import(self, before: ast.AST, after: ast.AST, env: Env) -> bool:
        """Whether both are `__import__("a.b").c`, which may name another module; then all is said about them."""
        old, new = imported_path(before), imported_path(after)
        if old is None or new is None or old[1] != new[1]:
            return False
        if old != new and self.may_differ(before, f"{old[0]} became {new[0]}", (EditKind.STRING, EditKind.USE), env):
            self.path_in_string(env.line, old[0], new[0])
        return True

    # expressions that bind or open a scope

    def named(self, before: ast.NamedExpr, after: ast.NamedExpr, env: Env) -> None:
        self.node(before.value, after.value, env)
        scope = env.scope
        while scope.kind is Kind.COMPREHENSION and scope.parent is not None:  # PEP 572: binds around comprehensions
            scope = scope.parent
        self.node(before.target, after.target, replace(env, scope=scope))

    def lambda_(self, before: ast.Lambda, after: ast.Lambda, env: Env) -> None:
        self.defaults(before.args, after.args, env)
        lines = (before.lineno, after.lineno)
        scope = Scope(Kind.FUNCTION, env.scope, env.scope.child_tables("lambda", lines), env.scope.owner)
        inner = replace(env, scope=scope, key=(*env.key, 0))
        self.parameters(before.args, after.args, inner)
        self.node(before.body, after.body, replace(inner, key=(*inner.key, 0)))

    def defaults(self, before: ast.arguments, after: ast.arguments, env: Env) -> None:
        self.value(before.defaults, after.defaults, before, after, env)
        self.value(before.kw_defaults, after.kw_defaults, before, after, env)

    def parameters(self, before: ast.arguments, after: ast.arguments, env: Env) -> None:
        """The names of parameters, which no edit changes; `env` is inside the function."""
        old, new = all_parameters(before), all_parameters(after)
        if [(kind, item.arg) for kind, item in old] != [(kind, item.arg) for kind, item in new]:
            self.trace.fault(env.line, "syntax check: the parameters changed")
        for _, item in old:
            self.bind(env, (item.arg, item.arg), "a parameter")

    def comprehension(self, before: ast.expr, after: ast.expr, env: Env) -> None:
        old, new = before.generators, after.generators  # type: ignore[attr-defined]
        if len(old) != len(new) or any(a.is_async != b.is_async for a, b in zip(old, new, strict=True)):
            self.differs(before, after, env)
            return
        self.node(old[0].iter, new[0].iter, env)
        tables = env.scope.child_tables(_COMPREHENSIONS[type(before)], (before.lineno, after.lineno))
        scope = Scope(Kind.COMPREHENSION, env.scope, tables, env.scope.owner)
        inner = replace(env, scope=scope, key=(*env.key, 0))
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            if index:
                self.node(one.iter, other.iter, inner)
            self.node(one.target, other.target, inner)
            self.value(one.ifs, other.ifs, before, after, inner)
        for name in ("value", "key", "elt"):
            if hasattr(before, name):
                self.node(getattr(before, name), getattr(after, name), inner)
