"""Two versions of a repository in, what the proof takes of each changed file out; whoever changed it.

There are no edits to go by, as there are for a plan: imports and names are compared as the syntax trees have them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from repoint.analysis.parse import Unparsable, check
from repoint.analysis.tree import ModuleTree
from repoint.model import Finding, Frozen, Severity
from repoint.proof.model import Examined, NewImport
from repoint.proof.resolve import Tree
from repoint.proof.source import package_of, steps, target_of
from repoint.sources.snapshot import REGULAR


class Versions(Frozen, frozen=True):
    """Both versions, and the paths of Python files that are not alike in them."""

    before: ModuleTree
    after: ModuleTree
    changed: tuple[str, ...]


def versions(before: ModuleTree, after: ModuleTree) -> Versions:
    """The Python files in scope that were changed, added or deleted."""
    changed = {
        path
        for path in before.python.keys() | after.python.keys()
        if before.snapshot.entries.get(path) != after.snapshot.entries.get(path)
    }
    return Versions(before, after, tuple(sorted(changed)))


def proof_tree(tree: ModuleTree) -> Tree:
    """A version as the proof reads it."""
    return Tree(tree.by_module, tree.data)


def unparsable(both: Versions) -> Iterator[Finding]:
    """Changed files that are no Python; no more than a warning where they were none before."""
    for path in both.changed:
        if (error := _fault(both.after, path)) is None:
            continue
        was = path in both.before.python and _fault(both.before, path) is not None
        severity = Severity.WARNING if was else Severity.ERROR
        message = f"does not parse{', as before' if was else ''}: {error.reason}"
        yield Finding(path, error.line, 1, "unparsable", severity, message, "mend its syntax")


def _fault(tree: ModuleTree, path: str) -> Unparsable | None:
    if not _is_file(tree, path):
        return None
    try:
        check(tree.data(path))
    except Unparsable as error:
        return error
    return None


def _is_file(tree: ModuleTree, path: str) -> bool:
    return path in tree.python and tree.snapshot.entries[path].mode in REGULAR


def deleted(both: Versions) -> frozenset[str]:
    """Modules that had a file and have none any longer."""
    return frozenset(both.before.by_module.keys() - both.after.by_module.keys())


def examined(both: Versions, before: Tree, after: Tree, stubs: frozenset[str]) -> list[Examined]:
    """New imports and lost names of each changed file that is there, stubs aside."""
    found = []
    for path in both.changed:
        module = both.after.python.get(path, "")
        tree = after.parsed(path) if _is_file(both.after, path) else None
        if tree is None or module in stubs:
            continue
        package = package_of(module, path)
        was = before.parsed(path) if _is_file(both.before, path) else None
        known = set() if was is None else {(item[1], item[2], item[3]) for item in _imports(was, package)}
        lost = _lost(module, before, after) if both.after.by_module.get(module) == path else ()
        found.append(Examined(path, (), (), _new(_imports(tree, package), known), lost))
    return found


_Import = tuple[int, str, str, bool]


def _imports(tree: ast.Module, package: str) -> Iterator[_Import]:
    """Line, module, name (empty for `import module`) of every import, and whether it runs with the module's import."""
    running = {id(step.node) for step in steps(tree.body, classes=True) if not step.aside}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name, "", id(node) in running) for alias in names)
            case ast.ImportFrom(names=names):
                target = target_of(node, package)
                yield from ((node.lineno, target, alias.name, id(node) in running) for alias in names)


def _new(imports: Iterable[_Import], known: set[tuple[str, str, bool]]) -> tuple[NewImport, ...]:
    groups: dict[tuple[int, str, bool, bool], list[str]] = defaultdict(list)
    for line, module, name, running in imports:
        if (module, name, running) not in known:
            groups[line, module, running, bool(name)].append(name)
    return tuple(
        NewImport(line, module, tuple(names) if named else (), running)
        for (line, module, running, named), names in sorted(groups.items())
    )


def _lost(module: str, before: Tree, after: Tree) -> tuple[str, ...]:
    """Names that were to be had of the module, and are not any longer."""
    names = (f"{module}.{name}" for name in sorted(_names(module, before, frozenset())))
    return tuple(path[len(module) + 1 :] for path in names if before.resolves(path) and not after.resolves(path))


def _names(module: str, tree: Tree, asked: frozenset[str]) -> set[str]:
    """What a module binds, by star imports as well."""
    space = tree.namespace(module) if module in tree.modules else None
    if space is None or module in asked:
        return set()
    found = {name for name in space.bindings if space.run_time(name)} | set(space.lazy)
    for star in space.stars:
        inner = _names(star.module, tree, asked | {module})
        found |= {name for name in inner if tree.exports(star.module, name) is not False}
    return found
