"""Two names of one file that become one object: the places where that changes what the code does (DESIGN §4.12)."""

from __future__ import annotations

from collections import defaultdict

from repoint.analysis.facts import Reference, Role
from repoint.model import Severity
from repoint.names import Symbol, last, parent
from repoint.transforms.context import Context
from repoint.transforms.strings import imported_path

_TELLING = (Role.EXCEPT, Role.ISINSTANCE, Role.BRANCH, Role.BASE)
_ROLES = {
    Role.COMPARE: "a comparison",
    Role.KEY: "two keys",
    Role.EXCEPT: "two `except` clauses",
    Role.BRANCH: "two branches, of which the first takes all",
    Role.BASE: "two bases",
}


def report(context: Context) -> None:
    """Say where distinct definitions that a comparison, a dict, a `try` or a class tells apart become one."""
    groups: dict[tuple[Role, int], list[tuple[Reference, Symbol, Symbol]]] = defaultdict(list)
    for reference in context.facts.references:
        if reference.role in _ROLES:
            found = _symbols(context, reference)
            if found is not None:
                groups[reference.role, reference.group].append((reference, *found))
    for (role, _), members in groups.items():
        _report_group(context, role, members)


def told_apart(context: Context) -> dict[Symbol, int]:
    """Old symbols that this file tells apart by `except`, `isinstance` or a base, with the first line of each.

    Only those that become another object count: while users of both are about, such a test may fail.
    """
    found: dict[Symbol, int] = {}
    for reference in context.facts.references:
        symbols = _symbols(context, reference) if reference.role in _TELLING else None
        if symbols is not None and symbols[0] != symbols[1] and not context.world.same_object(*symbols):
            found.setdefault(symbols[0], context.text.line(reference.start))
    return found


def _symbols(context: Context, reference: Reference) -> tuple[Symbol, Symbol] | None:
    """The symbol that a reference stands for before the migration, and after it."""
    head = imported_path(context, reference)
    if not head:
        return None
    dotted = ".".join([head, *(attribute.name for attribute in reference.chain)])
    if "." not in dotted:
        return None
    old = Symbol(parent(dotted), last(dotted))
    return old, context.world.moves.symbol(*old) or old


def _report_group(context: Context, role: Role, members: list[tuple[Reference, Symbol, Symbol]]) -> None:
    seen: dict[Symbol, Symbol] = {}
    for reference, old, new in members:
        other = seen.setdefault(new, old)
        if other == old or context.world.same_object(old, other):
            continue
        severity = Severity.ERROR if role is Role.BASE else Severity.WARNING
        offset = _class_start(context, reference) if role is Role.BASE else reference.start
        context.say(
            "collapse",
            severity,
            offset,
            f"{other.dotted} and {old.dotted} become one object, {new.dotted}, in {_ROLES[role]}",
            "take one of them out" if role is Role.BASE else "check what this line is to do then",
        )
        return


def _class_start(context: Context, reference: Reference) -> int:
    """The offset of the `class` keyword before a base."""
    return max(context.text.utf8.rfind(b"class", 0, reference.start), 0)
