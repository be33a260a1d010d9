"""Whether a variable may take a new name: the variable and the name in, the obstacle out, or None where it is safe."""

from __future__ import annotations

from repoint.analysis.annotation_walk import MAYBE_TYPE
from repoint.analysis.facts import MODULE, UNBOUND, Hazard, Reference, RefKind
from repoint.names import Symbol
from repoint.transforms.context import Context, Place, Variable

Targets = dict[Place, Symbol]


def clash(context: Context, variable: Variable, new: str, target: Symbol, targets: Targets) -> str | None:
    """Why `variable` cannot be called `new` without changing what some name means.

    `target` is what the variable will stand for, `targets` what every moved import will stand for: where `new`
    already stands for the same object, there is no clash.
    """
    rebound = bound_otherwise(context, variable) is not None
    joined = _stands_for(context, Variable(variable.scope, new), target, targets) and not rebound
    if context.binds(variable.scope, new) and not joined:
        return f"`{new}` is already bound in this scope"
    for reference in context.uses(variable):
        captor = captured(context, reference, variable.scope, new)
        same = captor is not None and _imported_before(context, captor, new, target, targets, reference)
        if captor is not None and (rebound or not same):
            return f"line {context.text.line(reference.start)} would read another `{new}`"
    return (
        _captures(context, variable, new, target, targets)
        or _starred_over(context, variable, new, target)
        or _mangled(context, variable, new)
    )


def bound_otherwise(context: Context, variable: Variable) -> Reference | None:
    """The first place that binds or deletes `variable` by anything but an import."""
    rebinding = (RefKind.STORE, RefKind.DELETE, RefKind.DEFINITION)
    return next((use for use in context.uses(variable) if use.kind in rebinding), None)


def _starred_over(context: Context, variable: Variable, new: str, target: Symbol) -> str | None:
    """A later star import that binds `new` to something else, or may: of a module outside the tree nobody knows."""
    if variable.scope != MODULE:
        return None
    first = min((context.facts.imports[place.statement].start for place in context.import_places(variable)), default=0)
    namespaces = context.world.namespaces
    for statement in context.facts.imports:
        if not statement.is_star or statement.start < first or statement.target == target.module:
            continue
        outside = namespaces.get(statement.target) is None
        if outside or namespaces.exports(statement.target, new):
            verb = "may bring" if outside else "brings"
            return f"line {statement.line} {verb} in another `{new}` from {statement.target or 'a package'} by `*`"
    return None


def captured(context: Context, reference: Reference, holder: int, new: str) -> int | None:
    """The scope between a use and the variable's own that binds `new` and would capture it."""
    for scope in context.parents(reference.scope):
        if scope == holder:
            return None
        if context.binds(scope, new) and (scope == reference.scope or not context.is_class(scope)):
            return scope
    return None


def _captures(context: Context, variable: Variable, new: str, target: Symbol, targets: Targets) -> str | None:
    """Uses of `new` that now reach past the variable's scope, and would find the renamed variable instead."""
    for reference in context.by_name.get(new, ()):
        if reference.kind is not RefKind.LOAD or not context.is_within(reference.scope, variable.scope):
            continue
        outside = reference.binds == UNBOUND or (
            reference.binds != variable.scope and context.is_within(variable.scope, reference.binds)
        )
        if not outside or (context.is_class(variable.scope) and reference.scope != variable.scope):
            continue
        same = reference.binds != UNBOUND and _stands_for(context, Variable(reference.binds, new), target, targets)
        if not (same and _follows_imports(context, variable, reference)):
            what = "a builtin or a star import" if reference.binds == UNBOUND else "another binding"
            return f"line {context.text.line(reference.start)} reads `{new}`, {what}"
    return None


def _stands_for(context: Context, variable: Variable, target: Symbol, targets: Targets) -> bool:
    """Whether every binding of `variable` is an import of `target`, as it will be after the migration."""
    places = context.import_places(variable)
    bindings = [item for item in context.references.get(variable, ()) if item.kind is not RefKind.LOAD]
    if not places or len(places) != len(bindings):
        return False
    return all(_symbol(context, place, targets) == target for place in places)


def _symbol(context: Context, place: Place, targets: Targets) -> Symbol | None:
    statement = context.facts.imports[place.statement]
    if place in targets:
        return targets[place]
    return Symbol(statement.target, statement.names[place.position].name) if statement.is_from else None


def _imported_before(
    context: Context, scope: int, new: str, target: Symbol, targets: Targets, reference: Reference
) -> bool:
    """Whether `scope` surely imports `target` as `new` before `reference` is read."""
    variable = Variable(scope, new)
    return _stands_for(context, variable, target, targets) and _follows_imports(context, variable, reference)


def _follows_imports(context: Context, variable: Variable, reference: Reference) -> bool:
    statements = [context.facts.imports[place.statement] for place in context.import_places(variable)]
    return any(item.top_of_function and item.end <= reference.start for item in statements)


def _mangled(context: Context, variable: Variable, new: str) -> str | None:
    """Names with two leading underscores mean something else inside classes (language reference, §6.2.1)."""
    private = [name for name in (variable.name, new) if name.startswith("__") and not name.endswith("__")]
    if not private:
        return None
    inside = any(
        any(context.is_class(scope) for scope in context.parents(reference.scope))
        for reference in context.uses(variable)
    )
    return f"`{private[0]}` is a private name inside classes" if inside else None


def hazard(context: Context, variable: Variable) -> str | None:
    """Why renaming `variable` would change what the code does, though no name clashes."""
    for reference in context.references.get(variable, ()):
        line = context.text.line(reference.start)
        if reference.kind is RefKind.PARAMETER:
            return f"line {line} has it as a parameter"
        if reference.kind is RefKind.DEFINITION:
            return f"line {line} defines it, and a definition keeps its name"
        if not reference.exact:
            return f"line {line} spells it in a way that cannot be rewritten"
        if reference.ambiguous:
            return f"line {line} may read another binding of it"
    for reference in context.by_name.get(variable.name, ()):
        if reference.ambiguous and context.is_class(reference.binds) and variable.scope == MODULE:
            return f"line {context.text.line(reference.start)} may read it past a class body's own"
    for item in context.facts.hazards:
        if _concerns(context, item, variable):
            return f"line {item.line} has {item.what}"
    return _put_together(context, variable)


def _put_together(context: Context, variable: Variable) -> str | None:
    """An `__all__` that is not spelled out may list any name (but hardly a package that `import a.b` binds)."""
    if not context.facts.exports or variable.scope != MODULE:
        return None
    imports = [(context.facts.imports[place.statement], place.position) for place in context.import_places(variable)]
    if all(not item.is_from and item.names[position].asname is None for item, position in imports):
        return None
    namespaces = context.world.namespaces
    for line, module in context.facts.exports:
        if namespaces.get(module) is None or namespaces.exports(module, variable.name):
            return f"line {line} puts `__all__` together"
    return None


def _concerns(context: Context, item: Hazard, variable: Variable) -> bool:
    if item.names and variable.name not in item.names:
        return False
    if item.what.startswith(("`exec", "`eval", "`=`", MAYBE_TYPE)):
        return context.sees(item.scope, variable.name) == variable.scope
    return item.scope == variable.scope


def surface(context: Context, variable: Variable) -> str | None:
    """Why others may reach `variable` by its name; None where nobody does."""
    facts = context.facts
    if not context.in_surface_scope(variable.scope):
        return None
    if variable.scope != MODULE:
        return "a class attribute"
    if context.is_surface_file or context.world.is_old(facts.module):
        return "the surface of this file"
    if variable.name in facts.exported:
        return "listed in __all__"
    if variable.name in facts.fixture_names:
        return "the name of a pytest fixture"
    if facts.module and Symbol(facts.module, variable.name) in context.world.surfaces:
        return "reached from another file"
    for place in context.import_places(variable):
        alias = facts.imports[place.statement].names[place.position]
        if alias.asname is not None and alias.asname == alias.name:
            return "a redundant alias"
        if alias.noqa:
            return "kept by noqa: F401"
    return None
