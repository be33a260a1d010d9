"""Strings that name import paths: the facts in, edits of the path's own part and findings for the rest out."""

from __future__ import annotations

import re

from msgspec import Struct, field

from repoint.analysis.computed import is_about, may_name
from repoint.analysis.facts import Reference, RefKind, StringFact, StringUse
from repoint.manifest.moves import prefixes
from repoint.manifest.schema import Strings
from repoint.model import Severity
from repoint.names import Symbol, last, parent
from repoint.transforms import module_strings
from repoint.transforms.context import Context
from repoint.transforms.module_strings import has, renamed_binding, stays, through_import
from repoint.transforms.outcomes import Replacement

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?")
_DOTTED = re.compile(r"(?<![\w.:}])[^\W\d]\w*(?:[.:][^\W\d]\w*)*")
_IN_PROSE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+(?::[^\W\d]\w*)?|[^\W\d]\w*:[^\W\d]\w*")
_PATHS = (
    StringUse.MODULE_PATH,
    StringUse.ATTRIBUTE_PATH,
    StringUse.ROOT_PATH,
    StringUse.RELATIVE_PATH,
    StringUse.PATCHED_MODULE,
)


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
        elif fact.use in (StringUse.DYNAMIC_PATH, StringUse.DYNAMIC_ATTRIBUTE):
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
    path = fact.module or fact.value.replace(":", ".")
    return fact.use in _PATHS and context.world.moves.path(path) is not None


def _path(context: Context, fact: StringFact, followed: Followed) -> list[Replacement]:
    """A whole string that is an import path, or starts with one."""
    if fact.use is StringUse.RELATIVE_PATH:
        return module_strings.relative(context, fact)
    if _PATH.fullmatch(fact.value) is None:
        return []
    if fact.use is StringUse.ROOT_PATH:
        return module_strings.root(context, fact)
    if fact.use is StringUse.PATCHED_MODULE:
        return module_strings.patched(context, fact, followed.bindings, followed.symbols)
    found = _moved(context, fact, followed)
    if found is None or stays(context, fact, *found):
        return []
    old, new = found
    return [Replacement(fact.start, fact.start + len(old.encode()), new)]


def _moved(context: Context, fact: StringFact, followed: Followed) -> tuple[str, str] | None:
    """The head of the string that moves, as it is spelled there, and its new spelling."""
    through = through_import(context, fact.value) if fact.use is StringUse.ATTRIBUTE_PATH else None
    if through is not None:
        followed.bindings.add(through.binding)
        there = _has_target(context, fact, through.path, through.old, through.new)
        return (through.head, through.new) if there else None
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
    return has(context, fact, dotted, module, name)


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
                    return statement.path(position)
    return ""


def _told(context: Context, fact: StringFact) -> None:
    """A symbol's old name, asked for as text: the code will not know the new one."""
    if fact.kept:
        return
    if fact.owner is not None and _told_module(context, fact, *fact.owner):
        return
    if fact.value not in context.world.query.told_names:
        return
    news = {new.name for old, new in context.world.moves.symbols.items() if old.name == fact.value != new.name}
    context.say(
        "name-told-as-text",
        Severity.WARNING,
        fact.start,
        f"`{fact.value}` is told by its name as text, which becomes `{'` or `'.join(sorted(news))}`",
        "ask for the object itself, or for both names",
    )


def _told_module(context: Context, fact: StringFact, start: int, attributes: tuple[str, ...]) -> bool:
    """`getattr(package, "module")` of a module that moves."""
    package = module_of_reference(context, start, attributes)
    new = context.world.moves.modules.get(f"{package}.{fact.value}") if package else None
    if new is not None:
        message = f"{package}.{fact.value} is told by its name as text, and becomes {new}"
        context.say("name-told-as-text", Severity.WARNING, fact.start, message, f"import {new}")
    return new is not None


def _dynamic(context: Context, fact: StringFact) -> None:
    """A path that is put together at run time cannot be followed: what it may name keeps its name."""
    attribute, text = fact.use is StringUse.DYNAMIC_ATTRIBUTE, fact.value
    if fact.owner is not None:
        text = f"{module_of_reference(context, *fact.owner)}.{text}"
    for symbol in sorted(context.world.surfaces):
        if may_name(text, symbol, attribute=attribute) and is_about(text, context.facts, symbol.module):
            message = f"a path put together here may name {symbol.dotted}, which keeps that name by `as`"
            context.say("local-name-kept", Severity.INFO, fact.start, message)
    if fact.owner is not None and context.world.moves.path(text) is not None:
        return  # what is read from follows by its import
    for found in _DOTTED.finditer(text):
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
