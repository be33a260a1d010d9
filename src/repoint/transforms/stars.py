"""Star imports of old modules: told, or (under `star = "expand"`) written out as the names that are really used."""

from __future__ import annotations

from repoint.analysis.facts import UNBOUND, ImportStatement, RefKind
from repoint.model import Severity
from repoint.names import Symbol
from repoint.transforms.context import Context, Place
from repoint.transforms.outcomes import FromImport, Outcome
from repoint.transforms.symbols import RULE, Decisions


def decide(context: Context, decisions: Decisions) -> None:
    """Add the fate of star imports of old modules to `decisions`; what cannot be told is a finding."""
    for statement in context.facts.imports:
        world = context.world
        if not statement.is_star or not (world.is_old(statement.target) or world.moves.module(statement.target)):
            continue
        if statement.kept:
            context.say("kept", Severity.INFO, statement.start, f"{statement.target} stays: `repoint: keep`")
            continue
        names = _used(context, statement)
        if names and not context.is_surface_file:
            found = [_import(context, statement.target, name) for name in names]
            news = tuple(sorted(found, key=lambda new: new.module != statement.target))  # what stays comes first
            decisions.outcomes[Place(statement.index, 0)] = Outcome(False, news, RULE)
            continue
        context.say(
            "star-import",
            Severity.WARNING,
            statement.start,
            f"`from {statement.target} import *` is left alone: the names it binds are not told",
            "import by name what this file uses",
        )


def _used(context: Context, statement: ImportStatement) -> list[str]:
    """Names that come by this import alone and are read here, or taken from here by others; sorted."""
    exported = context.world.query.starred.get(statement.target, frozenset())
    module = context.facts.module
    read = {
        reference.name
        for reference in context.facts.references
        if reference.binds == UNBOUND and reference.kind is RefKind.LOAD
    }
    return sorted(name for name in exported if name in read or Symbol(module, name) in context.world.surfaces)


def _import(context: Context, module: str, name: str) -> FromImport:
    new = context.world.moves.symbol(module, name) or Symbol(module, name)
    return FromImport(new.module, new.name, None if new.name == name else name)
