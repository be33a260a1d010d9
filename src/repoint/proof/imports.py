"""Checks: new imports resolve; and whoever still reaches a lost name, a stub or a deleted module finds it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repoint.model import Finding
from repoint.proof.model import Examined
from repoint.proof.pairs import Pairs, fault
from repoint.proof.resolve import Tree, Unknown
from repoint.proof.users import Watched


def new_imports(examined: Iterable[Examined], pairs: Pairs) -> Iterator[Finding]:
    """New imports that end nowhere after the migration, though they, or what moved there, ended somewhere before."""
    before, after = pairs.before, pairs.after
    for file in examined:
        for item in file.imports:
            for name in item.names or ("",):
                path = f"{item.module}.{name}" if name not in ("", "*") else item.module
                if _loads(after, item.module) and (path == item.module or after.resolves(path)):
                    continue
                if before.resolves(path) or any(map(before.resolves, pairs.moves.olds(path))):
                    what = f"the new import of {path} fails: nothing is there after the migration"
                    yield fault(file.path, item.line, what, "correct the move, or bring the definition to its new home")


def _loads(tree: Tree, module: str) -> bool:
    """Whether `module` is one, or may be one outside the tree; a class, say, cannot be imported from."""
    return module in tree.modules or any(isinstance(meaning, Unknown) for meaning in tree.origins(module))


def stub_homes(stubs: Iterable[str], pairs: Pairs) -> Iterator[Finding]:
    """Names that a stub takes from where nothing is, or from another home than the one that they went to."""
    before, after = pairs.before, pairs.after
    for module in sorted(stubs):
        path = after.by_module.get(module)
        space = after.namespace(module) if path is not None else None
        old = before.namespace(module)
        if path is None or old is None:
            continue
        if space is None:
            yield fault(path, 1, f"the stub {module} does not parse")
            continue
        lines = {name: bindings[0].line for name, bindings in space.bindings.items()} | dict.fromkeys(space.lazy, 1)
        for name, line in sorted(lines.items()):
            if name.startswith("__") or (name not in old.bindings and name not in (space.exported or ())):
                continue  # the module's own: `__all__`, `__getattr__`, what the stub needs for itself
            whole = f"{module}.{name}"
            if not after.resolves(whole):
                yield fault(path, line, f"the stub {module} takes `{name}` from where nothing is")
            elif before.origins(whole).isdisjoint(after.origins(whole)) and (why := pairs.difference(whole, whole)):
                yield fault(path, line, f"the stub {module} gives another `{name}` than before: {why}")


def watched(examined: Iterable[Examined], stubs: frozenset[str], pairs: Pairs) -> dict[str, Watched]:
    """The modules of which something went: changed files that lost or exchanged names, stubs and deleted modules."""
    before, after = pairs.before, pairs.after
    found: dict[str, Watched] = {}
    for file in examined:
        module = before.module_at(file.path)
        names = frozenset(file.lost) | pairs.exchanged(file)
        if module and names and module not in stubs:
            found[module] = Watched(names, False)
    for module in stubs & before.by_module.keys():
        old, new = before.namespace(module), after.namespace(module)
        names = frozenset(old.bindings) if old else frozenset()
        if module in after.by_module and new is not None:
            names = frozenset(name for name in names if not new.run_time(name))
        found[module] = Watched(names, True)
    return found
