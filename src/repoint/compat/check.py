"""One file's uses of moved symbols, looked at one by one: an expression that is a symbol in, what differs there out."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Mapping

from repoint.analysis.facts import FileFacts
from repoint.compat.anchors import Anchor, Told, patches
from repoint.compat.guards import (
    is_asked_for,
    is_awaited_elsewhere,
    is_expected,
    is_lenient,
    patched_member,
)
from repoint.compat.signatures import Call, misfit, shifted
from repoint.compat.syntax import Function, Syntax
from repoint.compat.values import (
    Code,
    Definition,
    Flavour,
    Has,
    Incompatible,
    Member,
    MemberKind,
    Pair,
    Signature,
    Signatures,
)


class Check:
    """Collects what is found in one file."""

    def __init__(self, facts: FileFacts, syntax: Syntax, pairs: Mapping[str, Pair]) -> None:
        self.facts = facts
        self.syntax = syntax
        self.pairs = pairs
        self.found: list[Incompatible] = []
        self.examined: Counter[str] = Counter()
        self._given: set[tuple[str, str]] = set()

    def trusted(self, anchors: list[Anchor]) -> list[tuple[Anchor, ast.expr]]:
        """The anchors with their nodes; those left out may stand for a mock while a patch is on."""
        patched = patches(self.facts, self.pairs)
        nodes = [(anchor, self.syntax.at(anchor.start, anchor.end)) for anchor in anchors]
        replaced = {
            anchor.old
            for anchor, node in nodes
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        }
        for old in {anchor.old for anchor in anchors if anchor.chained}:
            quoted = rb"[\"']" + re.escape(old.rpartition(".")[2].encode()) + rb"[\"']"
            patched[old] += [item.start() + 1 for item in re.finditer(quoted, self.syntax.text.utf8)]
        found = []
        for anchor, node in nodes:
            if node is None or self._is_own_patched(node) or (anchor.chained and anchor.old in replaced):
                continue
            if not (anchor.fresh and self._is_patched(node, patched.get(anchor.old, []))):
                found.append((anchor, node))
        return found

    def _is_patched(self, node: ast.expr, offsets: list[int]) -> bool:
        """Whether one of the patches may be on where `node` is evaluated."""
        place = self.syntax.outermost(node)
        first, last = self.syntax.span(place)
        for offset in offsets:
            self.syntax.walk(self.syntax.tree, [self.syntax.text.line(offset)])
            if first <= offset <= last or not self._is_in_test(offset):
                return True
        return False

    def _is_own_patched(self, node: ast.expr) -> bool:
        """Whether the function around `node` replaces the file's own binding: `patch("tests.this_file.Name")`."""
        root = next(item for item in ast.walk(node) if isinstance(item, ast.Name)).id.encode()
        source = self.syntax.source(self.syntax.outermost(node))
        stem = self.facts.path.rpartition("/")[2].removesuffix(".py").encode()
        if stem not in source and b"__name__" not in source:
            return False
        own = rb"[\"'](?:[\w.]+\.)?" + re.escape(stem) + rb"\." + re.escape(root) + rb"[\"']"
        named = rb"\b__name__\b[^\n]*\b" + re.escape(root) + rb"[\"']"
        return re.search(own + rb"|" + named, source) is not None

    def _is_in_test(self, offset: int) -> bool:
        """Whether a patch stands in one test, so that it is off in others."""
        around = self.syntax.constant_near(offset)
        place = self.syntax.outermost(around) if around is not None else None
        return isinstance(place, Function) and place.name.startswith("test")

    def assigned(self, uses: list[tuple[Anchor, ast.expr]]) -> None:
        """Note the members that the file itself gives a class: `Name.member = …`."""
        for anchor, node in uses:
            above = self.syntax.parent(node)
            if isinstance(above, ast.Attribute) and not isinstance(above.ctx, ast.Load):
                self._given.add((self.pairs[anchor.old].key, above.attr))

    def use(self, node: ast.expr, pair: Pair) -> None:
        """Look at one expression that is the symbol itself."""
        self.examined[pair.key] += 1
        above = self.syntax.parent(node)
        name = ast.unparse(node)
        if isinstance(above, ast.Call) and above.func is node:
            self.call(above, pair, name, pair.before.call, pair.after.call, pair.new_name)
        elif isinstance(above, ast.Attribute):
            self.member(above, pair, name, on_instance=False)
        elif isinstance(above, ast.Call):
            member = patched_member(above, node)
            if member is not None:
                self.lacks(above.args[1], pair, name, member, on_instance=False)
        self._as_class(node, above, pair, name)

    def _as_class(self, node: ast.expr, above: ast.AST, pair: Pair, name: str) -> None:
        """Places that need a class, or an exception: `except Name`, `raise Name()`, `class Sub(Name)`, `isinstance`."""
        if isinstance(above, ast.Tuple):
            node, above = above, self.syntax.parent(above)
        caught = isinstance(above, ast.ExceptHandler) and above.type is node
        checked = (
            isinstance(above, ast.Call)
            and isinstance(above.func, ast.Name)
            and above.func.id in ("isinstance", "issubclass")
            and above.args[1:2] == [node]
        )
        based = isinstance(above, ast.ClassDef) and node in above.bases
        if pair.before.is_class and not pair.after.is_class and (caught or checked or based):
            self.say(
                node,
                Code.BASE_LOST,
                pair,
                f"`{name}` is used as a class; the new `{pair.new_name}` is a function",
                name,
            )
        elif caught and _is_exception(pair.before) and pair.after.known_bases and not _is_exception(pair.after):
            message = f"`except {name}` catches; the new `{pair.new_name}` is no exception"
            self.say(node, Code.BASE_LOST, pair, message, name)

    def told(self, item: Told) -> None:
        """Look at a string that names a member: `patch("module.Name.member")`."""
        pair = self.pairs[item.old]
        self.examined[pair.key] += 1
        node = self.syntax.constant_around(item.start, item.end)
        if node is None:
            return
        above = self.syntax.parent(node)
        if isinstance(above, ast.Call) and is_lenient(above):
            return
        self.lacks(node, pair, pair.old.name, item.member, on_instance=False)

    def member(self, node: ast.Attribute, pair: Pair, name: str, *, on_instance: bool) -> None:
        """Look at `owner.member`, read and perhaps called."""
        if not isinstance(node.ctx, ast.Load) or self.lacks(node, pair, name, node.attr, on_instance):
            return
        before, after = pair.before.members.get(node.attr), pair.after.members.get(node.attr)
        if before is None or after is None or node.attr in pair.after.maybe | pair.before.maybe:
            return
        above = self.syntax.parent(node)
        called = isinstance(above, ast.Call) and above.func is node
        used = f"{name}.{node.attr}"
        if isinstance(above, ast.Call) and called and before.kind is not MemberKind.PROPERTY:
            new = f"{pair.new_name}.{node.attr}"
            self.call(above, pair, used, before.call(on_instance), after.call(on_instance), new, node.attr)
        if on_instance:
            self._kind(node, pair, used, before, after, called)

    def _kind(self, node: ast.Attribute, pair: Pair, used: str, before: Member, after: Member, called: bool) -> None:
        """A property that became a method is never called; a method that became a plain property must not be."""
        methods = (MemberKind.METHOD, MemberKind.CLASSMETHOD, MemberKind.STATICMETHOD)
        lost = before.kind in methods and after.kind is MemberKind.PROPERTY and after.plain and called
        gained = before.kind is MemberKind.PROPERTY and after.kind in methods and not called
        if lost or gained:
            message = f"`{used}` was a {before.kind.value}, and is a {after.kind.value} of the new `{pair.new_name}`"
            self.say(node, Code.MEMBER_KIND, pair, message, used, node.attr)

    def lacks(self, node: ast.expr, pair: Pair, name: str, member: str, on_instance: bool) -> bool:
        """Whether the new definition surely lacks a member that the old one has; said where nothing guards it."""
        if pair.before.has(member, on_instance) is not Has.YES or pair.after.has(member, on_instance) is not Has.NO:
            return False
        guarded = is_expected(self.syntax, node, "AttributeError") or is_asked_for(self.syntax, node, member)
        if not guarded and (pair.key, member) not in self._given:
            only = pair.after.has(member, True) is Has.YES
            what = "has on its instances only" if only else "does not have"
            message = f"`{name}.{member}` is used, which the new `{pair.new_name}` {what}"
            self.say(node, Code.MEMBER_MISSING, pair, message, f"{name}.{member}", member)
        return True

    def call(
        self, node: ast.Call, pair: Pair, used: str, old: Signatures, new: Signatures, new_name: str, member: str = ""
    ) -> None:
        """Look at a call: its arguments, and whether it is awaited."""
        if old is None or new is None:
            return
        shape = Call.of(node)
        if misfit(old, shape) is None and not is_expected(self.syntax, node, "TypeError"):
            reason = misfit(new, shape) or shifted(old, new, shape)
            if reason is not None:
                message = f"`{used}(…)` becomes `{new[-1].of(new_name)}`, which {reason}"
                self.say(node, Code.ARGUMENTS, pair, message, used, member)
        self._flavour(node, pair, used, old[-1], new[-1], member)

    def _flavour(self, node: ast.Call, pair: Pair, used: str, old: Signature, new: Signature, member: str) -> None:
        before, after = old.flavour, new.flavour
        above = self.syntax.parent(node)
        if before is Flavour.SYNC and after is Flavour.ASYNC:
            if not isinstance(above, ast.Await) and not is_awaited_elsewhere(self.syntax, node):
                message = (
                    f"`{used}(…)` is not awaited; the new `{pair.new_name}{'.' + member if member else ''}` is async"
                )
                self.say(node, Code.BECAME_ASYNC, pair, message, used, member)
        elif before is Flavour.ASYNC and after is Flavour.SYNC and new.plain and isinstance(above, ast.Await):
            message = f"`await {used}(…)`: the new `{pair.new_name}{'.' + member if member else ''}` is not async"
            self.say(node, Code.BECAME_SYNC, pair, message, used, member)
        elif isinstance(above, ast.withitem):
            self._with(node, pair, used, before, after, member)

    def _with(self, node: ast.Call, pair: Pair, used: str, before: Flavour, after: Flavour, member: str) -> None:
        """`with f()` and `async with f()`, where `f` is a context manager of the other kind now."""
        kinds = (Flavour.CONTEXT, Flavour.ASYNC_CONTEXT)
        if before is after or before not in kinds or after not in kinds:
            return
        awaited = isinstance(self.syntax.parent(self.syntax.parent(node)), ast.AsyncWith)
        if awaited is (before is Flavour.ASYNC_CONTEXT):
            code = Code.BECAME_ASYNC if after is Flavour.ASYNC_CONTEXT else Code.BECAME_SYNC
            self.say(
                node,
                code,
                pair,
                f"`{used}(…)` is an {after.value} now".replace("an context", "a context"),
                used,
                member,
            )

    def say(self, node: ast.AST, code: Code, pair: Pair, message: str, used: str, member: str = "") -> None:
        start = self.place(node)
        text = self.syntax.text
        self.found.append(
            Incompatible(self.facts.path, text.line(start), text.column(start), code, used, message, pair.key, member)
        )

    def place(self, node: ast.AST) -> int:
        """Where a use is shown: an attribute at its own name, a string at its opening quote."""
        if isinstance(node, ast.Attribute):
            end = self.syntax.text.offset(node.end_lineno or 1, node.end_col_offset or 0)
            return end - len(node.attr.encode())
        return self.syntax.text.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]


def _is_exception(definition: Definition) -> bool:
    names = (base.removeprefix("builtins.") for base in definition.bases if base.startswith("builtins."))
    found = (getattr(builtins, name, None) for name in names)
    return any(isinstance(base, type) and issubclass(base, BaseException) for base in found)
