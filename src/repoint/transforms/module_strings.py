"""Module paths in strings that need more than the string: what `__import__` gives, relative paths, `patch.multiple`.

A string's fact in; the edits of the string and of the names in the code that go with it out, or a finding.
"""

from __future__ import annotations

from typing import NamedTuple

from repoint.analysis.facts import Attribute, StringFact
from repoint.manifest.moves import prefixes
from repoint.manifest.schema import Relative
from repoint.model import Severity
from repoint.names import Symbol, is_at_or_under, last, parent, rebase, relative_to
from repoint.transforms.context import Context
from repoint.transforms.outcomes import Replacement


def stays(context: Context, fact: StringFact, old: str, new: str) -> bool:
    """Whether a string is left as it is, whatever it names: on request, or because it cannot be spelled anew."""
    if fact.kept:
        context.say("kept", Severity.INFO, fact.start, f"{old} stays: the line says `repoint: keep`")
    elif not fact.exact:
        left(context, fact, f"{old} is spelled in several parts or with escapes, and stays", f"write {new} by hand")
    return fact.kept or not fact.exact


def left(context: Context, fact: StringFact, message: str, mend: str) -> None:
    context.say("string-not-rewritten", Severity.WARNING, fact.start, message, mend)


def renamed_binding(context: Context, path: str) -> tuple[Symbol, str] | None:
    """The binding of another module that `path` names, and its new name, if that binding is renamed."""
    for head in prefixes(path.replace(":", ".")):
        symbol = Symbol(parent(head), last(head))
        name = context.world.renamed.get(symbol)
        if name is not None:
            return symbol, name
    return None


def root(context: Context, fact: StringFact) -> list[Replacement]:
    """`__import__("a.b")` gives `a`: the path follows where the attributes read from it lead to the moved module."""
    moved = _module(context, fact.value)
    if moved is None:
        return []
    old, new = moved
    if stays(context, fact, old, new):
        return []
    chain = _chained(fact.parts, old.split(".")[1:], new.split(".")[1:])
    if chain is None:
        left(
            context,
            fact,
            f"{old} stays: `__import__` gives the package above it, and what becomes of that is not seen here",
            f'write importlib.import_module("{new}"), which gives the module itself',
        )
        return []
    return [Replacement(fact.start, fact.start + len(old.encode()), new), *chain]


def _chained(parts: tuple[Attribute, ...], old: list[str], new: list[str]) -> list[Replacement] | None:
    """The edits that turn the attributes `old`, the first of `parts`, into `new`; None where they are not there."""
    if [part.name for part in parts[: len(old)]] != old:
        return None
    if not old and not new:
        return []
    if not parts:
        return None
    if old and new:
        return [Replacement(parts[0].start, parts[len(old) - 1].end, ".".join(new))]
    if len(parts) == len(old):
        return None  # the module itself would be what is called
    return [Replacement(parts[0].start, parts[len(old)].start, "".join(f"{name}." for name in new))]


def relative(context: Context, fact: StringFact) -> list[Replacement]:
    """`import_module(".b", "a")`."""
    if fact.package is None:
        return _relative_to_unknown(context, fact)
    moved = _module(context, fact.module)
    if moved is None:
        return []
    old, head = moved
    new = rebase(fact.module, old, head)
    if stays(context, fact, old, new):
        return []
    keeps = context.world.policy.relative is Relative.KEEP
    text = (relative_to(fact.package, new) if keeps else None) or new
    return [Replacement(fact.start, fact.end, text)]


def _relative_to_unknown(context: Context, fact: StringFact) -> list[Replacement]:
    tail = fact.value.lstrip(".")
    old = next((module for module in sorted(context.world.moves.modules) if module.endswith(f".{tail}")), None)
    if old is not None and not fact.kept:
        left(
            context,
            fact,
            f"this may be {old}, which moves: what the path is relative to is not told here",
            f"write {context.world.moves.modules[old]} if it is",
        )
    return []


def patched(context: Context, fact: StringFact, followed: set[Symbol], symbols: set[Symbol]) -> list[Replacement]:
    """`patch.multiple("m", A=…)`: the module and the names in it follow together.

    Added to `followed` are the renamed bindings that are patched, to `symbols` the moved symbols.
    """
    paths = [f"{fact.value}.{part.name}" for part in fact.parts] or [fact.value]
    news = [_new(context, path, followed, symbols) for path in paths]
    if all(new is None for new in news):
        return []
    ends = [new or path for path, new in zip(paths, news, strict=True)]
    if stays(context, fact, fact.value, parent(ends[0]) if fact.parts else ends[0]):
        return []
    if not fact.parts:
        return [Replacement(fact.start, fact.end, ends[0])]
    modules = sorted({parent(end) for end in ends})
    if len(modules) > 1:
        told = f"{fact.value} stays: what is patched in it goes to {' and '.join(modules)}"
        left(context, fact, told, "patch each module by a call of its own")
        return []
    for path, end in zip(paths, ends, strict=True):
        renamed = Symbol(parent(path), last(path)) in context.world.renamed
        if path != end and not renamed and not has(context, fact, path, parent(end), last(end)):
            return []
    found = [
        Replacement(part.start, part.end, last(end))
        for part, end in zip(fact.parts, ends, strict=True)
        if part.name != last(end)
    ]
    if modules[0] != fact.value:
        found.insert(0, Replacement(fact.start, fact.end, modules[0]))
    return found


def has(context: Context, fact: StringFact, path: str, module: str, name: str) -> bool:
    """Whether the new `module` has the `name` that is patched; says so where it has not."""
    while "." in name and f"{module}.{name.partition('.')[0]}" in context.world.namespaces.modules:
        head, _, name = name.partition(".")
        module = f"{module}.{head}"
    name = name.partition(".")[0]
    if module == "builtins":
        reason = f"to patch {module}.{name} would patch it for all code"
    elif context.world.namespaces.binds(module, name) is False:
        reason = f"{module} has no `{name}`"
    else:
        return True
    context.say(
        "patch-target-missing",
        Severity.WARNING,
        fact.start,
        f"{path} is left alone: {reason}",
        "patch the name where the code under test reads it",
    )
    return False


def _new(context: Context, path: str, followed: set[Symbol], symbols: set[Symbol]) -> str | None:
    """What a patched path becomes; None where it stays."""
    renamed = renamed_binding(context, path)
    if renamed is not None:
        symbol, name = renamed
        followed.add(symbol)
        return rebase(path, symbol.dotted, f"{symbol.module}.{name}")
    through = through_import(context, path)
    if through is not None:
        followed.add(through.binding)
        path = through.path
    moved = context.world.moves.path(path)
    if moved is None:
        return None
    if moved[0] == path and path in context.world.moves.dotted_symbols:
        symbols.add(Symbol(parent(path), last(path)))
    return rebase(path, *moved)


def _module(context: Context, path: str) -> tuple[str, str] | None:
    """The longest head of a module's path that moves as a module, and its new path."""
    moved = context.world.moves.path(path) if path else None
    return None if moved is None or moved[0] in context.world.moves.dotted_symbols else moved


class Through(NamedTuple):
    """A path that leads through a module which another one imports: `app.pkg.old.X` where `app` has `import pkg.old`.

    `head` of it is what moves: that is `old` of `path`, the same path without the detour. `binding` is the import.
    """

    head: str
    path: str
    old: str
    new: str
    binding: Symbol


def through_import(context: Context, dotted: str) -> Through | None:
    """The way that `dotted` takes through another module's import, where something moves behind that."""
    namespaces = context.world.namespaces
    for module in prefixes(parent(dotted)):
        if module not in namespaces.modules:
            continue
        name, _, tail = dotted[len(module) + 1 :].partition(".")
        bound = namespaces.get(module)
        found = {item.module for item in (bound.of(name) if bound is not None else ()) if item.origin is None}
        stands = found.pop() if len(found) == 1 else ""
        path = f"{stands}.{tail}"
        moved = context.world.moves.path(path) if stands and tail else None
        if moved is None or is_at_or_under(stands, moved[0]):
            return None  # the variable itself goes on standing for the moved module
        head = f"{module}.{name}{moved[0][len(stands) :]}"
        return Through(head, path, *moved, Symbol(module, name))
    return None
