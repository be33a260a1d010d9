"""Strings that name import paths: the facts in, edits of the path's own part and findings for the rest out."""

from __future__ import annotations

import re

from msgspec import Struct, field

from repoint.analysis.facts import Reference, RefKind, StringFact, StringUse
from repoint.manifest.moves import prefixes
from repoint.manifest.schema import Strings
from repoint.model import Severity
from repoint.names import Symbol, last, parent
from repoint.transforms.context import Context
from repoint.transforms.outcomes import Replacement

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?")
_DOTTED = re.compile(r"[^\W\d]\w*(?:[.:][^\W\d]\w*)*")
_IN_PROSE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+(?::[^\W\d]\w*)?|[^\W\d]\w*:[^\W\d]\w*")
_PATHS = (StringUse.MODULE_PATH, StringUse.RELATIVE_PATH, StringUse.ATTRIBUTE_PATH)


class Followed(Struct):
    """What rewritten strings name: renamed `bindings` of other modules, and moved `symbols` that are patched.

    `left` counts the strings that go on naming an old path where an import path is meant.
    """

    bindings: set[Symbol] = field(default_factory=set)
    symbols: set[Symbol] = field(default_factory=set)
    left: int = 0


def rewrite(context: Context) -> tuple[list[Replacement], Followed]:
    """The edits of the file's strings, and what they follow."""
    replacements: list[Replacement] = []
    followed = Followed()
    policy = context.world.policy.strings
    for fact in context.facts.strings:
        if fact.use is StringUse.ATTRIBUTE_NAME:
            replacements += _attribute_name(context, fact, followed)
        elif fact.use is StringUse.TOLD_NAME:
            _told(context, fact)
        elif fact.use is StringUse.DYNAMIC_PATH:
            _dynamic(context, fact)
        elif policy is not Strings.OFF and (
            fact.use in _PATHS or (policy is Strings.EXACT and _is_exact(context, fact))
        ):
            made = _path(context, fact, followed)
            replacements += made
            followed.left += not made and names_old_path(context, fact)
        elif fact.use is not StringUse.ALL:
            _prose(context, fact)
    return replacements, followed


def names_old_path(context: Context, fact: StringFact) -> bool:
    """Whether a string is an import path, and an old one."""
    return fact.use in _PATHS and context.world.moves.path(fact.value.replace(":", ".")) is not None


def _path(context: Context, fact: StringFact, followed: Followed) -> list[Replacement]:
    """A whole string that is an import path, or starts with one."""
    if _PATH.fullmatch(fact.value) is None:
        return []
    found = _moved(context, fact, followed)
    if found is None:
        return []
    old, new = found
    if fact.kept:
        context.say("kept", Severity.INFO, fact.start, f"{old} stays: the line says `repoint: keep`")
        return []
    if not fact.exact:
        context.say(
            "string-not-rewritten",
            Severity.WARNING,
            fact.start,
            f"{old} is spelled in several parts or with escapes, and stays",
            f"write {new} by hand",
        )
        return []
    if fact.use is StringUse.RELATIVE_PATH:  # `import_module(".old", "pkg")`: an absolute name needs no package
        return [Replacement(fact.start, fact.end, new + fact.value[len(old) :])]
    return [Replacement(fact.start, fact.start + len(old.encode()), new)]


def _moved(context: Context, fact: StringFact, followed: Followed) -> tuple[str, str] | None:
    """The head of the string that moves, as it is spelled there, and its new spelling."""
    renamed = renamed_binding(context, fact.value)
    if renamed is not None:
        symbol, name = renamed
        followed.bindings.add(symbol)
        head = fact.value[: len(symbol.dotted)]
        return head, head[: -len(symbol.name)] + name
    dotted = fact.value.replace(":", ".")
    found = context.world.moves.path(dotted)
    if found is None:
        return None
    old, new = found
    spelled = fact.value[: len(old)]
    if fact.use is StringUse.ATTRIBUTE_PATH and not _has_target(context, fact, dotted, old, new):
        return None
    if fact.use is StringUse.ATTRIBUTE_PATH and old in context.world.moves.dotted_symbols:
        followed.symbols |= {Symbol(parent(old), last(old))} if old == dotted else set()
    elif fact.use is StringUse.ATTRIBUTE_PATH:
        heads = (head for head in prefixes(dotted) if len(head) > len(old))
        followed.symbols |= {Symbol(parent(head), last(head)) for head in heads}
    if old in context.world.moves.dotted_symbols and ":" in spelled:
        return spelled, f"{parent(new)}:{last(new)}"
    return spelled, new


def _has_target(context: Context, fact: StringFact, dotted: str, old: str, new: str) -> bool:
    """Whether the new module has what is patched; says so where it has not."""
    tail = dotted[len(old) + 1 :]
    if old in context.world.moves.dotted_symbols:
        module, name = parent(new), last(new)
    elif tail:
        module, name = new, tail
    else:
        return True
    while "." in name and f"{module}.{name.partition('.')[0]}" in context.world.namespaces.modules:
        head, _, name = name.partition(".")
        module = f"{module}.{head}"
    name = name.partition(".")[0]
    if module == "builtins":
        context.say(
            "patch-target-missing",
            Severity.WARNING,
            fact.start,
            f"{dotted} is left alone: to patch {module}.{name} would patch it for all code",
            "patch the name where the code under test reads it",
        )
        return False
    if context.world.namespaces.binds(module, name) is False:
        context.say(
            "patch-target-missing",
            Severity.WARNING,
            fact.start,
            f"{dotted} is left alone: {module} has no `{name}`",
            "patch the name where the code under test reads it",
        )
        return False
    return True


def renamed_binding(context: Context, value: str) -> tuple[Symbol, str] | None:
    """The binding of another module that `value` names, and its new name, if that binding is renamed."""
    for head in prefixes(value.replace(":", ".")):
        symbol = Symbol(parent(head), last(head))
        name = context.world.renamed.get(symbol)
        if name is not None:
            return symbol, name
    return None


def _attribute_name(context: Context, fact: StringFact, followed: Followed) -> list[Replacement]:
    """`patch.object(module, "Name")` where the module's own binding is renamed."""
    if fact.owner is None or not fact.exact or fact.kept:
        return []
    module = module_of_reference(context, fact.owner[0], fact.owner[1])
    symbol = Symbol(module, fact.value)
    name = context.world.renamed.get(symbol) if module else None
    if name is None:
        return []
    followed.bindings.add(symbol)
    return [Replacement(fact.start, fact.end, name)]


def module_of_reference(context: Context, start: int, attributes: tuple[str, ...]) -> str:
    """The dotted path that the name at `start`, with `attributes` below it, stands for; empty if none."""
    reference = next(
        (item for item in context.facts.references if item.start == start and item.kind is RefKind.LOAD), None
    )
    if reference is None:
        return ""
    head = imported_path(context, reference)
    return ".".join([head, *attributes]) if head else ""


def imported_path(context: Context, reference: Reference) -> str:
    """What a name stands for by its import, dotted; empty where it is bound otherwise."""
    for other in context.facts.references:
        if other.kind is not RefKind.IMPORT or (other.binds, other.name) != (reference.binds, reference.name):
            continue
        for statement in context.facts.imports:
            for position, alias in enumerate(statement.names):
                if alias.start == other.start:
                    if statement.is_from:
                        return f"{statement.target}.{alias.name}"
                    return alias.name if alias.asname else statement.local(position)
    return ""


def _told(context: Context, fact: StringFact) -> None:
    """A symbol's old name, asked for as text: the code will not know the new one."""
    if fact.value not in context.world.query.told_names or fact.kept:
        return
    news = {new.name for old, new in context.world.moves.symbols.items() if old.name == fact.value != new.name}
    context.say(
        "name-told-as-text",
        Severity.WARNING,
        fact.start,
        f"`{fact.value}` is told by its name as text, which becomes `{'` or `'.join(sorted(news))}`",
        "ask for the object itself, or for both names",
    )


def _dynamic(context: Context, fact: StringFact) -> None:
    """A path that is put together at run time cannot be followed."""
    for found in _DOTTED.finditer(fact.value):
        dotted = found.group().replace(":", ".")
        moved = context.world.moves.path(dotted)
        old = moved[0] if moved else dotted
        if not fact.kept and (moved is not None or context.world.is_old(dotted)):
            context.say(
                "dynamic-path",
                Severity.WARNING,
                fact.start,
                f"a path below {old} is put together here, and cannot be followed",
                f"build it from {moved[1]}" if moved else "build it from the new path",
            )
            return


def _is_exact(context: Context, fact: StringFact) -> bool:
    """Under `strings = "exact"`: any string that equals an old path."""
    dotted = fact.value.replace(":", ".", 1)
    moves = context.world.moves
    if _PATH.fullmatch(fact.value) is None:
        return False
    if dotted in moves.dotted_symbols or dotted in moves.modules:
        return ":" not in fact.value or fact.value.partition(":")[0] == parent(dotted)
    return moves.module(parent(dotted)) is not None and bool(_names_binding(context, dotted))


def _names_binding(context: Context, dotted: str) -> bool:
    return context.world.namespaces.binds(parent(dotted), last(dotted)) is True


def _prose(context: Context, fact: StringFact) -> None:
    """A path in prose, a docstring or a constant is told, not touched."""
    for found in _IN_PROSE.finditer(fact.value):
        dotted = found.group().replace(":", ".")
        moved = context.world.moves.path(dotted)
        old = moved[0] if moved else dotted if dotted in context.world.stubs else None
        if old is not None:
            offset = fact.start + len(fact.value[: found.start()].encode()) if fact.exact else fact.start
            context.say(
                "path-in-text",
                Severity.INFO,
                min(offset, len(context.text.utf8)),
                f"{old} stands in a string that is no import path, and stays",
            )
            return
