"""What names mean in one version of a file: the sites and imports of a trace in, a binding for each use out."""

from __future__ import annotations

import builtins
from collections import defaultdict
from dataclasses import dataclass, field

from repoint.proof.scopes import Kind, Scope, Side
from repoint.proof.trace import Alias, Key, Site, Slot, Trace, Use

# What every module has beside the builtins; source: the language reference, "Import-related module attributes".
_OF_EVERY_MODULE = {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__", "__dict__"}
BUILTINS = frozenset(dir(builtins)) | _OF_EVERY_MODULE


@dataclass(eq=False)
class Binding:
    """A variable: the scope that owns it, and all that binds it there."""

    scope: Scope
    name: str
    aliases: list[Alias] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)

    @property
    def numbers(self) -> frozenset[int]:
        """The binding sites that are no imports, as both sides number them."""
        return frozenset(site.number for site in self.sites)

    def bound_before(self, key: Key) -> bool:
        """Whether the text binds it anywhere above `key`."""
        keys = [alias.slot.key for alias in self.aliases]
        keys += [site.key for site in self.sites if site.what != "deleted"]
        return any(one < key for one in keys)

    def relevant(self, path: tuple[str, ...]) -> dict[Slot, Alias]:
        """The import that counts at each place; of `import a.b` and `import a.c`, the one that loads what is used."""
        loading = [a for a in self.aliases if a.path != a.loads and path[: len(_parts(a.loads))] == _parts(a.loads)]
        rooted = any(alias.path != alias.loads for alias in self.aliases)
        chosen = loading if rooted and loading else self.aliases
        return {alias.slot: alias for alias in chosen}  # the last one of a place wins, as it does when it runs

    def __str__(self) -> str:
        told = [f"the import of {path}" for path in dict.fromkeys(alias.path for alias in self.aliases)]
        told += [f"{site.what} in line {site.line}" for site in self.sites[:1]]
        return " or ".join(told)


class Meanings:
    """All bindings of the affected names in one version."""

    def __init__(self, side: Side, trace: Trace) -> None:
        self.side = side
        self.bindings: dict[tuple[Scope, str], Binding] = {}
        self.stars = trace.stars[side]
        self.by_slot: dict[Slot, list[Alias]] = defaultdict(list)
        for alias in trace.aliases[side]:
            self._own(alias.scope, alias.name).aliases.append(alias)
            self.by_slot[alias.slot].append(alias)
        for site in trace.sites[side]:
            self._own(site.scope, site.name).sites.append(site)

    def _own(self, scope: Scope, name: str) -> Binding:
        home = scope.home_of_binding(self.side, name)
        return self.bindings.setdefault((home, name), Binding(home, name))

    def resolve(self, use: Use) -> Binding | None:
        """The binding that a use reads; None where only a builtin, a star import or nothing gives it a meaning."""
        name = (use.before, use.after)[self.side].name
        if use.stored:
            return self.bindings.get((use.scope.home_of_binding(self.side, name), name))
        scope: Scope | None = use.scope
        runs_here, sees_class = not use.deferred, True
        while scope is not None:
            symbol = None
            if scope.kind in (Kind.FUNCTION, Kind.CLASS) and (sees_class or scope.kind is Kind.FUNCTION):
                symbol = scope.symbol(self.side, name)
            found = None if scope.kind is Kind.CLASS and not sees_class else self.bindings.get((scope, name))
            if found and scope.binds(self.side, name) and not self._falls_through(found, use, runs_here):
                return found
            runs_here = runs_here and scope.kind is not Kind.FUNCTION
            sees_class = sees_class and scope.kind is Kind.PARAMETERS
            falls = scope.kind is Kind.CLASS and symbol is not None and symbol.is_local()
            scope = scope.module if symbol is not None and symbol.is_global() and not falls else scope.parent
        return None

    def _falls_through(self, found: Binding, use: Use, runs_here: bool) -> bool:
        """A class body reads the module's variable until it has one of its own; a module, the builtin."""
        if not runs_here or found.bound_before(use.key):
            return False
        return found.scope.kind is Kind.CLASS or (found.scope.kind is Kind.MODULE and found.name in BUILTINS)

    def in_order(self, found: Binding, use: Use) -> bool | None:
        """Whether the text binds the name above a use that runs where it stands; None for one that runs later."""
        if use.deferred or found.scope.kind is Kind.COMPREHENSION:  # whose element is written above what binds it
            return None
        scope: Scope | None = use.scope
        while scope is not None and scope is not found.scope:
            if scope.kind is Kind.FUNCTION:
                return None
            scope = scope.parent
        return found.bound_before(use.key)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))
