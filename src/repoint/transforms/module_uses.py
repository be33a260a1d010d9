"""Imports that bind modules, and the dotted uses of each: a file's facts in, bindings with their sorted uses out.

Every use is read as a dotted path from the module that its variable stands for.
"""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from repoint.analysis.facts import ImportStatement, Reference, RefKind, Role, StringFact, StringUse
from repoint.model import Frozen, Severity
from repoint.names import Symbol, is_at_or_under, last, parent, rebase
from repoint.transforms.context import Context, Place, Variable
from repoint.transforms.symbols import is_module


class Use(Frozen, frozen=True):
    """A dotted use, whose head `old` becomes `module` and, below it, `name` (empty for the module itself).

    `direct` tells that `old` is the imported module or a name right in it. `told` is a string that gives the
    last part (`patch.object(m, "Name")`), if that is how it is named.
    """

    reference: Reference
    old: str
    module: str
    name: str
    direct: bool
    told: StringFact | None = None


class Binding(Struct):
    """One import of a module: the module its variable stands for (`stands`), and the one that it loads (`loads`)."""

    place: Place
    statement: ImportStatement
    variable: Variable
    stands: str
    loads: str
    moved: list[Use] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        """Whether it is `import a.b`, whose variable is named by the path's own first part."""
        return not self.statement.is_from and self.statement.names[self.place.position].asname is None

    @property
    def has_symbols(self) -> bool:
        """Whether names below the module move, and not the module as such alone."""
        return any(use.name for use in self.moved)


def bindings_of(context: Context) -> list[Binding]:
    found: list[Binding] = []
    for statement in context.facts.imports:
        for position, alias in enumerate(statement.names):
            place = Place(statement.index, position)
            if not statement.is_from:
                if not context.world.query.wants_module(alias.name if alias.asname else alias.name.partition(".")[0]):
                    continue
                stands = alias.name if alias.asname else alias.name.partition(".")[0]
                loads = alias.name
            elif statement.target and is_module(context, Symbol(statement.target, alias.name)):
                stands = loads = f"{statement.target}.{alias.name}"
                if not context.world.query.wants_module(loads):
                    continue
            else:
                continue
            found.append(Binding(place, statement, context.variable(statement, position), stands, loads))
    return found


def sort_uses(context: Context, variable: Variable, bindings: list[Binding]) -> list[tuple[str, Reference]]:
    """Give every use of the variable to the import that loads the longest part of its path.

    Returned are the paths of uses that no single import loads: `a.x` beside `import a.b.c`.
    """
    loose: list[tuple[str, Reference]] = []
    for reference in context.uses(variable):
        if reference.kind not in (RefKind.LOAD, RefKind.DECLARATION) and not reference.chain:
            continue
        if not reference.chain and reference.role is Role.TEST and not bindings[0].is_plain:
            continue  # `if module:` asks only whether the import worked
        paths = _paths(context, bindings[0].stands, reference)
        if len(paths) > 1 and _go_apart(context, paths):
            _say_apart(context, reference, paths)
            paths = [(path, None) for path, _ in paths]
            reference = replace(reference, exact=False)
        for path, told in paths:
            owner = _owner(bindings, path) or _loader(context, bindings, path)
            if owner is None:
                loose.append((path, reference))
                continue
            use = _moved(context, owner, reference, path, told) if reference.exact else None
            for binding in (item for item in bindings if item.loads == owner.loads):
                if use is not None:
                    binding.moved.append(use)
                elif reference.kind is not RefKind.DECLARATION:
                    binding.unmoved.append(path)
    return loose


def _paths(context: Context, stands: str, reference: Reference) -> list[tuple[str, StringFact | None]]:
    """The dotted paths that a reference reads: its own chain, and what a patching call names below it."""
    path = ".".join([stands, *(attribute.name for attribute in reference.chain)])
    names = [
        fact
        for fact in context.facts.strings
        if fact.use is StringUse.ATTRIBUTE_NAME and fact.owner is not None and fact.owner[0] == reference.start
    ]
    return [(f"{path}.{fact.value}", fact) for fact in names] or [(path, None)]


def _go_apart(context: Context, paths: list[tuple[str, StringFact | None]]) -> bool:
    """Whether several names that one call patches in a module do not go to one new module."""
    ends = set()
    for path, _ in paths:
        moved = context.world.moves.path(path)
        ends.add(parent(rebase(path, *moved)) if moved else parent(path))
    return len(ends) > 1


def _say_apart(context: Context, reference: Reference, paths: list[tuple[str, StringFact | None]]) -> None:
    context.say(
        "module-kept",
        Severity.WARNING,
        reference.start,
        f"{parent(paths[0][0])} stays: the names that are patched in it go to several modules",
        "patch each module by a call of its own",
    )


def _moved(context: Context, owner: Binding, reference: Reference, path: str, told: StringFact | None) -> Use | None:
    moves = context.world.moves
    found = moves.path(path)
    if found is None:
        there = moves.module(owner.loads)  # a use at the new place already, below the module that moves there
        return Use(reference, there, there, "", True, told) if there and is_at_or_under(path, there) else None
    old, new = found
    if told is not None and old not in moves.dotted_symbols and _is_module(context, path, old):
        # what is patched is a module, as an attribute of its package
        home = rebase(path, old, new)
        if parent(home):
            return Use(reference, path, parent(home), last(home), False, told)
        message = f"{path} is patched in its package, and {home} is in none"
        context.say("module-kept", Severity.WARNING, reference.start, message, "patch what the code under test reads")
        return None
    if old in moves.dotted_symbols:
        return Use(reference, old, parent(new), last(new), is_at_or_under(owner.loads, parent(old)), told)
    direct = is_at_or_under(owner.loads, old)
    head = owner.loads if direct and is_at_or_under(path, owner.loads) else _module_head(context, path, old)
    return Use(reference, head, rebase(head, old, new), "", direct, told)


def _is_module(context: Context, path: str, old: str) -> bool:
    return path == old or path in context.world.namespaces.modules


def _module_head(context: Context, path: str, old: str) -> str:
    """The longest head of `path` below the moved `old` that is itself a module."""
    head = old
    for part in path[len(old) + 1 :].split(".") if path != old else []:
        if f"{head}.{part}" not in context.world.namespaces.modules:
            break
        head = f"{head}.{part}"
    return head


def _owner(bindings: list[Binding], path: str) -> Binding | None:
    owners = [item for item in bindings if is_at_or_under(path, item.loads)]
    return max(owners, key=lambda item: len(item.loads), default=None)


def _loader(context: Context, bindings: list[Binding], path: str) -> Binding | None:
    """The import that loads a moved package on the way to a module below it: `a.x` by `import a.b`."""
    found = context.world.moves.path(path)
    if found is None:
        return None
    loaded = parent(found[0]) if found[0] in context.world.moves.dotted_symbols else found[0]
    return next((item for item in bindings if is_at_or_under(item.loads, loaded)), None)
