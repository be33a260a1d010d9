"""Variables that stand for more than the module they import: such a variable is left alone, and that is said."""

from __future__ import annotations

import re

from repoint.analysis.facts import ImportStatement, Reference, RefKind
from repoint.model import Severity
from repoint.transforms.context import Context
from repoint.transforms.module_uses import Binding
from repoint.transforms.naming import hazard

_NONE = re.compile(rb"\s*=\s*None\b")
_DEFINERS = (RefKind.DEFINITION, RefKind.PARAMETER)
_BINDERS = (*_DEFINERS, RefKind.STORE, RefKind.DELETE)


def is_rebound(context: Context, binding: Binding) -> bool:
    """A variable that stands for more than the module, or is told as text: nothing is changed, and said so."""
    plain = binding.is_plain
    uses = context.uses(binding.variable)
    binders = [use for use in uses if use.kind in (_BINDERS if plain else _DEFINERS)]
    if binding.has_symbols:
        several = len({use.module for use in binding.moved}) > 1
        stores = [use for use in uses if use.kind is RefKind.STORE]
        binders += [use for use in stores if several or not _is_none(context, use)]
    places = context.import_places(binding.variable)
    imports = [context.facts.imports[place.statement] for place in places]
    foreign = [item for item in imports if not plain and item is not binding.statement]
    elsewhere = binding.variable.scope != binding.statement.scope and (plain or binding.has_symbols)
    if elsewhere:
        reason = f"`{binding.variable.name}` is declared to be another scope's"
    elif binders:
        reason = f"line {context.text.line(binders[0].start)} binds it again"
    elif foreign and not all(_stands_for(item, binding) for item in foreign):
        reason = f"line {foreign[0].line} binds it again"
    else:
        reason = (hazard(context, binding.variable) or "") if plain else ""
    if reason:
        context.say(
            "module-kept",
            Severity.WARNING,
            binding.statement.start,
            f"the import of {binding.loads} stays, and its uses with it: {reason}",
            "import the new path by hand",
        )
    return bool(reason)


def _is_none(context: Context, use: Reference) -> bool:
    """Whether a store gives the variable None, as the guard of an optional import does."""
    return _NONE.match(context.text.utf8, use.end) is not None


def _stands_for(statement: ImportStatement, binding: Binding) -> bool:
    """Whether another import of the same variable binds the same module."""
    paths = {f"{statement.target}.{alias.name}" if statement.is_from else alias.name for alias in statement.names}
    return binding.loads in paths
