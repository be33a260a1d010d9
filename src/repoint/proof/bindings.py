"""Whether every use means after what it meant before: a trace in, faults and pairs of import paths out."""

from __future__ import annotations

import ast
from collections import defaultdict

from repoint.model import Finding
from repoint.proof.meanings import BUILTINS, Binding, Meanings
from repoint.proof.model import Pair
from repoint.proof.scopes import Kind, Side
from repoint.proof.trace import END, Alias, Reference, Slot, Trace, Use, fault

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Comparison:
    """The verdict on one file: `faults`, `pairs` and `lost`."""

    def __init__(self, path: str, module: str, trace: Trace) -> None:
        self.path = path
        self.module = module
        self.trace = trace
        self.before = Meanings(Side.BEFORE, trace)
        self.after = Meanings(Side.AFTER, trace)
        self.faults: dict[Finding, None] = {}
        self.pairs: dict[Pair, None] = {}
        self._origins: dict[Binding, set[Binding]] = defaultdict(set)
        self._used: set[Binding] = set()

    def run(self) -> None:
        for use in self.trace.uses:
            self._use(use)
        for old in self.before.bindings.values():
            self._attribute(old)
        for new in self.after.bindings.values():
            self._places(new)
        self._stars()

    @property
    def lost(self) -> tuple[str, ...]:
        """Names that the module's top level no longer binds; `*` for a star import that is gone."""
        gone = self.before.bindings.keys() - self.after.bindings.keys()
        stars = ["*"] if len(self.after.stars) < len(self.before.stars) else []
        return tuple(sorted({*stars, *(name for scope, name in gone if scope.kind is Kind.MODULE)}))

    def _attribute(self, old: Binding) -> None:
        """What a module or class imports is read from outside, too, as its attribute."""
        scope, name = old.scope, Reference(old.name)
        new = self.after.bindings.get((scope, old.name))
        use = Use(scope, END, (old.aliases or old.sites)[0].line, name, name, deferred=True)
        if scope.kind not in (Kind.MODULE, Kind.CLASS):
            return
        if new is not None and (old.aliases or new.aliases):
            self._same(old, new, use)
        elif new is None and old.aliases and scope.kind is Kind.CLASS:
            self._fault(use, f"`{name}` was {old}, and the class has it no more")

    # one use

    def _use(self, use: Use) -> None:
        old, new = self.before.resolve(use), self.after.resolve(use)
        if old is not None:
            self._used.add(old)
        if old is not None and new is not None:
            self._origins[new].add(old)
            self._same(old, new, use)
        elif old is not None:
            self._unbound_now(old, use)
        elif new is not None:
            self._bound_now(new, use)
        elif use.before != use.after:
            self._fault(use, f"`{use.before}` became `{use.after}`, and no import binds either")

    def _unbound_now(self, old: Binding, use: Use) -> None:
        name = use.after.name
        if name in BUILTINS and not old.sites:
            for alias in old.relevant(_path(use.before)).values():
                self._pair(use, _joined(alias, use.before), ".".join(("builtins", name, *use.after.attributes)))
        elif len(self.after.stars) == 1 and not old.sites:
            for alias in old.relevant(_path(use.before)).values():
                self._pair(use, _joined(alias, use.before), f"{self.after.stars[0].path}.{use.after}")
        else:
            self._fault(use, f"`{use.before}` was {old}, and `{name}` is bound by nothing")

    def _bound_now(self, new: Binding, use: Use) -> None:
        name = use.before.name
        if len(self.before.stars) == 1 and name not in BUILTINS and not new.sites:
            for alias in new.relevant(_path(use.after)).values():
                self._pair(use, f"{self.before.stars[0].path}.{use.before}", _joined(alias, use.after))
            return
        was = "the builtin" if name in BUILTINS else "bound by nothing"
        self._fault(use, f"`{use.before}` was {was}, and `{use.after}` is {new}")

    def _same(self, old: Binding, new: Binding, use: Use) -> None:
        """Both versions bind the use: by one variable, by imports of one object, or by the home's own definition."""
        if self.before.in_order(old, use) is not False and self.after.in_order(new, use) is False:
            self._fault(use, f"`{use.after}` is used above what binds it: {new}")
        elif old.numbers == new.numbers and bool(old.aliases) == bool(new.aliases):
            if old.aliases:
                self._imports(old, new, use)
            elif old.scope is not new.scope or use.before != use.after:
                self._fault(use, f"`{use.before}` was {old} and became `{use.after}`, though no import binds it")
        elif not old.sites and not new.aliases and new.scope.kind is Kind.MODULE and self.module:
            if self._runs_too_early(new, use):
                self._fault(use, f"`{use.after}` may be used before it is defined: {new}")
            for alias in old.relevant(_path(use.before)).values():  # a home that imported itself
                self._pair(use, _joined(alias, use.before), f"{self.module}.{use.after}")
        else:
            self._fault(use, f"`{use.before}` was {old}, and `{use.after}` is {new}")

    def _runs_too_early(self, new: Binding, use: Use) -> bool:
        """Whether code that runs at once, above what the use needs, names the definition that the use stands in."""
        at, defined = use.key[0] // 2, min(site.key[0] // 2 for site in new.sites)
        top = self.trace.top
        holder = top[at] if at < len(top) else None
        if use.deferred or not isinstance(holder, _DEFINITIONS):
            return False
        running = (part for node in top[at + 1 : defined] for part in _run_at_once(node))
        return any(isinstance(node, ast.Name) and node.id == holder.name for part in running for node in ast.walk(part))

    # imports

    def _imports(self, old: Binding, new: Binding, use: Use) -> None:
        """Every import before must have one after in its place, or in one that is surely passed before it."""
        was, now = old.relevant(_path(use.before)), new.relevant(_path(use.after))
        met: set[Slot] = set()
        for slot, alias in was.items():
            serving = [
                one for one, into in now.items() if one.governs(slot) or (self._stood(into) and one.precedes(use.key))
            ]
            other = slot if slot in now else max(serving, key=lambda one: one.key, default=None)
            if other is None:
                self._fault(
                    use, f"the import of {alias.path} (line {alias.line}) left its place, and `{use.after}` is {new}"
                )
                continue
            met.add(other)
            if len(self.before.stars) == len(self.after.stars) and self._stars_above(alias, now[other]):
                self._fault(use, f"the import of {alias.path} is on the other side of a star import, which may bind it")
            self._pair(use, _joined(alias, use.before), _joined(now[other], use.after))
        for slot in now.keys() - met:
            self._pair(use, _joined(next(iter(was.values())), use.before), _joined(now[slot], use.after))
        self._loaded(list(was.values()), list(now.values()), use)

    def _stars_above(self, old: Alias, new: Alias) -> bool:
        """Whether another number of star imports stands above an import than above what takes its place."""
        counts = [
            sum(star.line < alias.line and star.scope is alias.scope for star in side.stars)
            for side, alias in ((self.before, old), (self.after, new))
        ]
        return counts[0] != counts[1]

    def _loaded(self, was: list[Alias], now: list[Alias], use: Use) -> None:
        """`import a.b` also loads `b`: as much of a chain of attributes must be loaded after as was before."""
        slack = any(alias.of_name for alias in was)  # what it names may be the module's own or a module
        rest = min(_unloaded(alias, use.before) for alias in was)
        if min(_unloaded(alias, use.after) for alias in now) > rest + slack:
            self._fault(use, f"nothing loads as much of `{use.after}` as was loaded of `{use.before}`")

    def _places(self, new: Binding) -> None:
        """An import that is new stands where one stood whose uses it serves: not out of its `try`, `if` or function."""
        known = self._origins.get(new) or set(self.before.bindings.values())
        origins = known | {
            old
            for old in self.before.bindings.values()
            if old not in self._used or (old.scope, old.name) == (new.scope, new.name)
        }
        vacated = {alias.slot for old in origins for alias in old.aliases}
        vacated |= {star.slot for star in self.before.stars} - {star.slot for star in self.after.stars}
        line = min((alias.line for old in origins for alias in old.aliases), default=1)
        for alias in new.aliases:
            if alias.slot not in vacated and not self._stood(alias):
                message = f"the import of {alias.path} as `{alias.name}` stands where no import of it stood"
                self.faults[fault(self.path, line, f"binding check: {message}")] = None

    def _stood(self, alias: Alias) -> bool:
        """Whether an import after was there before, as it is."""
        meant = (alias.name, alias.path, alias.scope)
        return any((one.name, one.path, one.scope) == meant for one in self.before.by_slot.get(alias.slot, ()))

    def _stars(self) -> None:
        """`from a import *` may become `from b import *`, in its place."""
        was, now = self.before.stars, self.after.stars
        if [alias.slot for alias in was] == [alias.slot for alias in now]:
            for old, new in zip(was, now, strict=True):
                if old.path != new.path:
                    self.pairs[Pair(old.line, "*", old.path, new.path)] = None
        elif len(now) > len(was):
            message = "binding check: `from … import *` stands where none stood"
            self.faults[fault(self.path, was[0].line if was else 1, message)] = None

    def _pair(self, use: Use, before: str, after: str) -> None:
        if before != after:
            self.pairs[Pair(use.line, str(use.before), before, after, use.key == END)] = None

    def _fault(self, use: Use, message: str) -> None:
        self.faults[fault(self.path, use.line, f"binding check: {message}")] = None


def _run_at_once(node: ast.stmt) -> list[ast.expr] | list[ast.stmt]:
    return node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else [node]


def _joined(alias: Alias, reference: Reference) -> str:
    return ".".join((alias.path, *reference.attributes))


def _path(reference: Reference) -> tuple[str, ...]:
    return (reference.name, *reference.attributes)


def _unloaded(alias: Alias, reference: Reference) -> int:
    """How many of the attributes no import statement loads or names."""
    if alias.path == alias.loads:
        return len(reference.attributes)
    path, loaded = _path(reference), alias.loads.split(".")
    common = 0
    while common < min(len(path), len(loaded)) and path[common] == loaded[common]:
        common += 1
    return len(path) - common
