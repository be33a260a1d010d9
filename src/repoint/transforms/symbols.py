"""From-imports of moved symbols: which names move, what they are called then, and which uses follow them."""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct, field

from repoint.analysis.facts import MODULE, ImportStatement, Reference, RefKind
from repoint.manifest.schema import Uses
from repoint.model import Severity
from repoint.names import Symbol
from repoint.transforms import homes
from repoint.transforms.context import Context, Place, Variable
from repoint.transforms.naming import Targets, bound_otherwise, clash, hazard, surface
from repoint.transforms.outcomes import FromImport, ModuleImport, New, Outcome

RULE = "move"
CANONICAL = "canonical"
REBOUND = "rebound"


class Decisions(Struct):
    """The fate of every imported name, and the variables that take a new name.

    `respelled` holds the starts of uses that are written anew as a whole, so that no rename touches them;
    `late` the old symbols that are read through a module inside a function.
    """

    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    renames: dict[Variable, str] = field(default_factory=dict)
    respelled: set[int] = field(default_factory=set)
    late: set[Symbol] = field(default_factory=set)


def decide(context: Context, targets: Targets, decisions: Decisions) -> None:
    """Add to `decisions` what becomes of the imports in `targets`."""
    groups: dict[Variable, list[Place]] = defaultdict(list)
    for place in targets:
        statement = context.facts.imports[place.statement]
        groups[context.variable(statement, place.position)].append(place)
    deciders = [_Decider(context, variable, places, targets, decisions) for variable, places in groups.items()]
    joining: dict[str | None, list[Variable]] = defaultdict(list)
    for decider in deciders:
        joining[decider.wanted()].append(decider.variable)
    for decider in deciders:
        decider.decide(joining[decider.wanted()])


def moving(context: Context) -> Targets:
    """The imported names that go to a new home (or lose a forbidden alias), and their new symbols."""
    found: Targets = {}
    for statement in context.facts.imports:
        if not statement.is_from or statement.is_star or not statement.target:
            continue
        for position, alias in enumerate(statement.names):
            old = Symbol(statement.target, alias.name)
            new = context.world.moves.symbol(*old)
            if new is None and old in context.world.forbidden_aliases and alias.asname not in (None, alias.name):
                new = old
            if new is None or is_module(context, old):
                continue
            if statement.kept:
                context.say("kept", Severity.INFO, alias.start, f"{old.dotted} stays: the line says `repoint: keep`")
                continue
            found[Place(statement.index, position)] = new
    return found


def is_module(context: Context, symbol: Symbol) -> bool:
    """Whether `from module import name` gives a module rather than a name that the module binds."""
    world = context.world
    path = symbol.dotted
    if symbol in world.moves.symbols:
        return False
    if path in world.moves.modules or path in world.moves.touched_modules:
        return True
    return path in world.namespaces.modules and world.namespaces.origin_of_binding(*symbol) == "module"


class _Decider(Struct):
    """Decides for one variable, all imports of it together."""

    context: Context
    variable: Variable
    places: list[Place]
    targets: Targets
    decisions: Decisions

    def decide(self, joining: list[Variable]) -> None:
        """Record what becomes of it; `joining` are the variables that are to take the same name, this one included."""
        self._check_home()
        own = [place for place in self.places if self.targets[place].module == self.context.facts.module]
        if own and self._is_home(own[0]):
            self._drop_own(own)
            return
        new = self.wanted()
        builtin = all(self.targets[place].module == "builtins" for place in self.places)
        if new is None or new == self.variable.name:
            self._write(None, builtin and self._may_drop(new))
            return
        obstacle = self._obstacle(new, builtin) or self._rivalry(joining)
        if obstacle is not None:
            self._report(new, *obstacle)
            self._write(None, False)
            return
        self.decisions.renames[self.variable] = new
        self._write(new, builtin)

    def _check_home(self) -> None:
        """An import that resolves now must resolve afterwards."""
        for place in self.places:
            statement, name, _ = self._alias(place)
            old, new = Symbol(statement.target, name), self.targets[place]
            if old != new and self.context.world.would_break(old, new):
                self.context.say(
                    "home-missing",
                    Severity.ERROR,
                    statement.start,
                    f"{old} exists, but {new} does not, so that this import would fail",
                    "correct the move, or bring the definition to its new home first",
                )

    def _is_home(self, place: Place) -> bool:
        """An import that would come from the very module it stands in (not a mere alias being undone)."""
        statement = self.context.facts.imports[place.statement]
        return statement.target != self.context.facts.module

    def _alias(self, place: Place) -> tuple[ImportStatement, str, str | None]:
        statement = self.context.facts.imports[place.statement]
        alias = statement.names[place.position]
        return statement, alias.name, alias.asname

    def wanted(self) -> str | None:
        """The one new name that all these imports call for; None where the local name stays."""
        wanted: set[str | None] = set()
        for place in self.places:
            _, name, asname = self._alias(place)
            target = self.targets[place]
            forbidden = target in self.context.world.forbidden_aliases
            if asname is not None and asname != name and not forbidden:
                wanted.add(None if asname != target.name else asname)
            elif self.context.world.policy.uses is Uses.ALIAS and not forbidden:
                wanted.add(None)
            else:
                wanted.add(target.name)
        return wanted.pop() if len(wanted) == 1 else None

    def _may_drop(self, new: str | None) -> bool:
        """A builtin needs no import where it is used by its own name and nobody else takes it from here."""
        return new is not None and surface(self.context, self.variable) is None

    def _obstacle(self, new: str, builtin: bool) -> tuple[str, Severity] | None:
        """What stands against the new name; an empty reason for a surface, which is nothing to report."""
        reason = surface(self.context, self.variable)
        if reason is not None:
            return self._surface_obstacle(reason)
        reason = hazard(self.context, self.variable) or self._mixed()
        if reason is not None:
            undone = self.targets[self.places[0]] in self.context.world.forbidden_aliases and self._is_aliased()
            return reason, Severity.WARNING if undone else Severity.INFO
        if builtin:
            reason = self._builtin_clash(new)
        else:
            reason = clash(self.context, self.variable, new, self.targets[self.places[0]], self.targets)
        return None if reason is None else (reason, Severity.WARNING)

    def _rivalry(self, joining: list[Variable]) -> tuple[str, Severity] | None:
        """Two variables cannot become one where one of them is bound otherwise than by an import, too.

        Two of one name are no rivals: the inner one hides the outer one now, and does so by the new name as well.
        """
        for other in joining:
            if other.name == self.variable.name:
                continue
            near = self.context.is_within(other.scope, self.variable.scope) or self.context.is_within(
                self.variable.scope, other.scope
            )
            if not near:
                continue
            for variable in (self.variable, other):
                if (bound := bound_otherwise(self.context, variable)) is not None:
                    line = self.context.text.line(bound.start)
                    return f"`{other.name}` is to take that name, too, and line {line} binds one of them anew", (
                        Severity.WARNING
                    )
        return None

    def _surface_obstacle(self, reason: str) -> tuple[str, Severity]:
        """A surface keeps its name; only an alias that the manifest forbids is worth a word."""
        redirect = self.context.world.is_old(self.context.facts.module)
        return (f"it is {reason}" if self._is_aliased() and not redirect else ""), Severity.WARNING

    def _is_aliased(self) -> bool:
        """Whether an import gives the symbol a name of its own by `as`."""
        return any(self._alias(place)[2] not in (None, self._alias(place)[1]) for place in self.places)

    def _mixed(self) -> str | None:
        """Other bindings of the variable that cannot take part in a rename."""
        for place in self.context.import_places(self.variable):
            statement, name, asname = self._alias(place)
            if place not in self.targets and not statement.is_from and asname is None and "." in name:
                return f"line {statement.line} binds it as a package"
        return None

    def _builtin_clash(self, new: str) -> str | None:
        if len(self.context.import_places(self.variable)) > len(self.places):
            return "another import binds it, too"
        for reference in self.context.uses(self.variable):
            if reference.kind is not RefKind.LOAD:
                return f"line {self.context.text.line(reference.start)} binds it, too"
            scope = self.context.sees(reference.scope, new)
            if scope >= 0:
                return f"`{new}` is bound by the file itself"
        return None

    def _report(self, new: str, reason: str, severity: Severity) -> None:
        if not reason:
            return
        statement, _, _ = self._alias(self.places[0])
        target = self.targets[self.places[0]]
        if severity is Severity.INFO:
            message, mend = f"`{self.variable.name}` keeps its name by `as`: {reason}", ""
            code = "local-name-kept"
        elif target in self.context.world.forbidden_aliases and reason.startswith("it is "):
            message = f"the alias `{self.variable.name}` of {target} stays: {reason}"
            code, mend = "alias-kept", "move its importers to the canonical name, then run again"
        else:
            message = f"`{self.variable.name}` cannot become `{new}`, so it stays by `as`: {reason}"
            code, mend = "name-clash", f"rename the other `{new}`, or accept the alias"
        self.context.say(code, severity, statement.start, message, mend)

    def _write(self, new: str | None, dropped: bool) -> None:
        """Record the outcome of every import of the variable; `new` None keeps the local name."""
        local = new or self.variable.name
        for place in self.places:
            _, name, asname = self._alias(place)
            target = self.targets[place]
            statement = self.context.facts.imports[place.statement]
            if Symbol(statement.target, name) == target and new is None:
                continue
            rule = CANONICAL if Symbol(statement.target, name) == target else RULE
            redundant = asname is not None and asname == name == target.name
            shown = local if redundant or target.name != local else None
            news: tuple[New, ...] = (FromImport(target.module, target.name, shown),)
            self.decisions.outcomes[place] = Outcome(False, () if dropped else news, rule)
        if new is not None:
            self._rebind_others(new)

    def _rebind_others(self, new: str) -> None:
        """A second import that binds the same variable keeps what it imports, and binds the new name."""
        for place in self.context.import_places(self.variable):
            if place in self.targets:
                continue
            statement, name, _ = self._alias(place)
            asname = None if name == new else new
            other: New = FromImport(statement.target, name, asname) if statement.is_from else ModuleImport(name, asname)
            self.decisions.outcomes[place] = Outcome(False, (other,), REBOUND)

    def _drop_own(self, own: list[Place]) -> None:
        """The home imports its own symbol under the old path: the import goes, or the plan is refused."""
        target = self.targets[own[0]]
        statement, _, _ = self._alias(own[0])
        reason = homes.obstacle(self.context, self.variable, target.name, len(own) == len(self.places))
        reason = reason or self._own_capture(target.name) or hazard(self.context, self.variable)
        if reason is not None:
            self.context.say(
                "home-imports-itself",
                Severity.ERROR,
                statement.start,
                f"{self.context.facts.module} would import {target.name} from itself: {reason}",
                "take this import out by hand, or move the definition first",
            )
            return
        for place in own:
            self.decisions.outcomes[place] = Outcome(False, (), RULE)
        if target.name != self.variable.name:
            self.decisions.renames[self.variable] = target.name

    def _own_capture(self, new: str) -> str | None:
        for reference in self.context.uses(self.variable):
            if self._captured_above(reference, new):
                return f"line {self.context.text.line(reference.start)} would read another `{new}`"
        return None

    def _captured_above(self, reference: Reference, new: str) -> bool:
        """Whether a scope below the module binds `new`, the import that is to go aside."""
        for scope in self.context.parents(reference.scope):
            own = (scope, new) == self.variable
            visible = scope == reference.scope or not self.context.is_class(scope)
            if scope != MODULE and self.context.binds(scope, new) and visible and not own:
                return True
        return False
