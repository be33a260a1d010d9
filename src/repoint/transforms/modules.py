"""Imports that bind modules (`import a.b`, `import a.b as m`, `from a import b`): which paths and uses move.

A use that moves goes to one new module; an import whose uses all move to one module changes in its place, any other
stays and is joined by new ones.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct

from repoint.analysis.facts import Reference, RefKind, When
from repoint.analysis.words import has_any
from repoint.manifest.schema import Uses
from repoint.model import Severity
from repoint.names import Symbol, is_at_or_under, last, parent
from repoint.transforms.context import Context, Variable
from repoint.transforms.dotted import common_module, cut, respelled
from repoint.transforms.module_uses import Binding, Use, bindings_of, sort_uses
from repoint.transforms.naming import captured, clash, hazard, surface
from repoint.transforms.outcomes import FromImport, ModuleImport, New, Outcome, Replacement
from repoint.transforms.rebound import is_rebound
from repoint.transforms.symbols import RULE, Decisions


def decide(context: Context, decisions: Decisions) -> list[Replacement]:
    """Add the fate of module imports to `decisions`; the rewritten dotted uses are returned."""
    replacements: list[Replacement] = []
    by_variable: dict[Variable, list[Binding]] = defaultdict(list)
    for binding in bindings_of(context):
        by_variable[binding.variable].append(binding)
    for variable, bindings in by_variable.items():
        unloaded = sort_uses(context, variable, bindings)
        replacements += _respell_unloaded(context, bindings, unloaded, decisions)
        loose = [path for path, reference in unloaded if reference.start not in decisions.respelled]
        for binding in bindings:
            if not binding.moved and context.world.moves.module(binding.loads) is None:
                continue
            if binding.statement.kept:
                context.say(
                    "kept",
                    Severity.INFO,
                    binding.statement.names[binding.place.position].start,
                    f"{binding.loads} stays: the line says `repoint: keep`",
                )
                continue
            if is_rebound(context, binding):
                continue
            replacements += _Decider(context, binding, loose, decisions).decide()
    return replacements


def _respell_unloaded(
    context: Context, bindings: list[Binding], loose: list[tuple[str, Reference]], decisions: Decisions
) -> list[Replacement]:
    """Moved paths that are read through an import which does not load them: some other import did.

    Where one of the variable's imports loads the new module, the path is written anew; else it stays, with a word.
    """
    found: list[Replacement] = []
    for path, reference in loose:
        moved = context.world.moves.path(path)
        if moved is None or reference.kind is not RefKind.LOAD:
            continue
        old, new = moved
        module = parent(new) if old in context.world.moves.dotted_symbols else new
        if reference.exact and any(item.is_plain and is_at_or_under(item.loads, module) for item in bindings):
            parts = [(reference.name, reference.start, reference.end)]
            parts += [(item.name, item.start, item.end) for item in reference.chain]
            decisions.respelled.add(reference.start)
            found += respelled(parts[: old.count(".") + 1], new.split("."))
            continue
        context.say(
            "module-kept",
            Severity.WARNING,
            reference.start,
            f"{path} stays: no import of this file loads {old} itself",
            f"import the new path here, and read {new}",
        )
    return found


class _Decider(Struct):
    """Decides for one import of a module."""

    context: Context
    binding: Binding
    loose: list[str]
    decisions: Decisions

    def decide(self) -> list[Replacement]:
        binding = self.binding
        self._check_homes()
        whole = self.context.world.moves.module(binding.loads)
        modules = list(dict.fromkeys(use.module for use in binding.moved))
        if any(module == self.context.facts.module for module in modules) or whole == self.context.facts.module:
            self._own_module()
            return []
        if whole is not None:
            modules = [whole, *(module for module in modules if module != whole)]
        stays = whole is None and (bool(binding.unmoved) or not all(use.direct for use in binding.moved))
        if binding.is_plain and (reason := self._relied_on()):
            stays = True
            self.context.say(
                "module-kept",
                Severity.WARNING,
                binding.statement.start,
                f"the import of {binding.loads} stays: {reason}",
                "take it out when nothing reads the old module that way any longer",
            )
            modules = list(dict.fromkeys(use.module for use in binding.moved))
        if binding.statement.is_from:
            return self._from_package(modules, stays)
        return self._plain(modules, stays)

    def _relied_on(self) -> str:
        """Why others may need the import to load the old module; empty where they do not."""
        facts, loads = self.context.facts, self.binding.loads
        if facts.is_init and loads != facts.module and is_at_or_under(loads, facts.module):
            return f"importers of {facts.module} may read `{last(loads)}` as its attribute"
        others = (*self.loose, *self.binding.unmoved)
        passed = [path for path in others if path != loads and is_at_or_under(loads, path)]
        return f"`{passed[0]}` is passed on, and `{last(loads)}` may be read from it" if passed else ""

    def _check_homes(self) -> None:
        """A use that resolves now must resolve afterwards."""
        whole = self.context.world.moves.module(self.binding.loads)
        if whole is not None and self.context.world.module_would_break(self.binding.loads, whole):
            self.context.say(
                "home-missing",
                Severity.ERROR,
                self.binding.statement.start,
                f"{self.binding.loads} exists, but {whole} does not, so that its imports would fail",
                "correct the move, or bring the module to its new home first",
            )
        for use in self.binding.moved:
            old, new = Symbol(parent(use.old), last(use.old)), Symbol(use.module, use.name)
            if use.name and use.told is None and self.context.world.would_break(old, new):
                self.context.say(
                    "home-missing",
                    Severity.ERROR,
                    use.reference.start,
                    f"{old} exists, but {new} does not, so that this use would fail",
                    "correct the move, or bring the definition to its new home first",
                )

    def _own_module(self) -> None:
        self.context.say(
            "home-imports-itself",
            Severity.ERROR,
            self.binding.statement.start,
            f"{self.context.facts.module} would import itself in place of {self.binding.loads}",
            "use the module's own names here, and take this import out",
        )

    def _plain(self, modules: list[str], stays: bool) -> list[Replacement]:
        """`import a.b` and `import a.b as m`."""
        asname = self.binding.statement.names[self.binding.place.position].asname
        news: list[New] = []
        spellings: dict[str, str] = {}
        for position, module in enumerate(modules):
            if asname is not None and position == 0 and not stays:
                news.append(ModuleImport(module, asname))
                continue
            alias = self._safe_alias(module)
            spellings[module] = alias or module
            if alias is not None or not any(other != module and is_at_or_under(other, module) for other in modules):
                news.append(ModuleImport(module, alias))
        kept = self._still_needed(modules) if asname is None and not stays else None
        if kept is not None:
            news.insert(0, ModuleImport(kept))
        self.decisions.outcomes[self.binding.place] = Outcome(stays, tuple(news), RULE)
        return self._rewrite_all(spellings)

    def _safe_alias(self, module: str) -> str | None:
        """None where `import module` can be used in full at every use; else the name to import it as."""
        root = module.partition(".")[0]
        scope = self.binding.variable.scope
        taken = self.context.binds(scope, root) and not self._binds_package(scope, root)
        for use in self.binding.moved:
            if use.module == module and captured(self.context, use.reference, scope, root) is not None:
                taken = True
        return _joined(module) if taken else None

    def _binds_package(self, scope: int, root: str) -> bool:
        """Whether every binding of `root` in `scope` is an import of that package."""
        variable = Variable(scope, root)
        bindings = [item for item in self.context.references.get(variable, ()) if item.kind is not RefKind.LOAD]
        places = self.context.import_places(variable)
        return len(places) == len(bindings) and all(
            not self.context.facts.imports[place.statement].is_from
            and self.context.facts.imports[place.statement].names[place.position].asname is None
            for place in places
        )

    def _still_needed(self, modules: list[str]) -> str | None:
        """The narrowest import that keeps other uses of the same package working; None where none is needed."""
        kept = self._other_loads()
        needed = ""
        for path in [*self.loose, *self.binding.unmoved]:
            head = common_module(path, self.binding.loads, self.context.world.namespaces.modules)
            if any(is_at_or_under(other, head) for other in (*modules, *kept)):
                continue
            needed = max(needed, head, key=len)
        return needed or None

    def _other_loads(self) -> list[str]:
        """What the variable's other imports load, as they will be."""
        loads = []
        for place in self.context.import_places(self.binding.variable):
            alias = self.context.facts.imports[place.statement].names[place.position]
            if place != self.binding.place:
                loads.append(self.context.world.moves.module(alias.name) or alias.name)
        return loads

    def _from_package(self, modules: list[str], stays: bool) -> list[Replacement]:
        """`from a import b`, with or without `as`."""
        alias = self.binding.statement.names[self.binding.place.position]
        if not modules:
            return []
        news: list[New] = []
        spellings: dict[str, str] = {}
        for position, module in enumerate(modules):
            if position == 0 and not stays:
                local = self._local_name(module, alias.asname)
                if local != self.binding.variable.name:
                    self.decisions.renames[self.binding.variable] = local
            else:
                local = spellings[module] = self._joining_name(module)
            asname = None if local == last(module) else local
            news.append(_import_of(module, asname))
        self.decisions.outcomes[self.binding.place] = Outcome(stays, tuple(news), RULE)
        return self._rewrite_all(spellings)

    def _local_name(self, module: str, asname: str | None) -> str:
        """What the moved import is called: its own new name where that is safe, else the name it had."""
        variable, new = self.binding.variable, last(module)
        old = variable.name
        if new == old or (asname is not None and asname != last(self.binding.loads)):
            return old
        if self.context.world.policy.uses is Uses.ALIAS:
            return old
        if surface(self.context, variable) is not None:
            return old
        statement = self.binding.statement
        reason = hazard(self.context, variable)
        if reason is not None:
            self.context.say(
                "local-name-kept", Severity.INFO, statement.start, f"`{old}` keeps its name by `as`: {reason}"
            )
            return old
        targets = {self.binding.place: Symbol(parent(module), new)}
        reason = clash(self.context, variable, new, targets[self.binding.place], targets)
        if reason is not None:
            self.context.say(
                "name-clash",
                Severity.WARNING,
                statement.start,
                f"`{old}` cannot become `{new}`, so it stays by `as`: {reason}",
                f"rename the other `{new}`, or accept the alias",
            )
            return old
        return new

    def _joining_name(self, module: str) -> str:
        """The local name of a module that is imported beside the old one."""
        variable, new = self.binding.variable, last(module)
        target = Symbol(parent(module), new)
        moved = Variable(variable.scope, variable.name)
        unseen = new not in self.context.world.query.names and has_any(self.context.text.utf8, [new.encode()])
        return _joined(module) if unseen or clash(self.context, moved, new, target, {}) else new

    def _rewrite_all(self, spellings: dict[str, str]) -> list[Replacement]:
        return [item for use in self.binding.moved for item in self._rewrite(use, spellings.get(use.module))]

    def _rewrite(self, use: Use, spelling: str | None) -> list[Replacement]:
        """The edits of one use. Without a `spelling` its variable goes on standing for the new module."""
        reference, told = use.reference, use.told is not None and bool(use.name)
        parts = [(reference.name, reference.start, reference.end)]
        parts += [(item.name, item.start, item.end) for item in reference.chain]
        below = use.old[len(self.binding.stands) :].count(".") - told
        old = parts[: 1 + below]
        new = [use.name] if use.name and not told else []
        found: list[Replacement] = []
        if reference.when is not When.IMPORT:
            read = use.old if use.name else ".".join([use.old, *(name for name, _, _ in parts[1 + below : 2 + below])])
            self.decisions.late.add(Symbol(parent(read), last(read)))
        if use.told is not None and told and use.told.value != use.name:
            found.append(Replacement(use.told.start, use.told.end, use.name))
        if spelling is None:
            return found + (respelled(old[1:], new) if new else cut(old))
        self.decisions.respelled.add(reference.start)
        return found + respelled(old, [*spelling.split("."), *new])


def _joined(module: str) -> str:
    """A name for `module` that is not the first part of its path."""
    return module.replace(".", "_") if "." in module else f"{module}_"


def _import_of(module: str, asname: str | None) -> New:
    if "." not in module:
        return ModuleImport(module, asname)
    return FromImport(parent(module), last(module), asname)
