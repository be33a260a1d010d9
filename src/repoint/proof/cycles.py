"""Check: no import that the migration adds closes a cycle of modules that load each other while they are imported.

An edge of the graph is an import that runs when its module is imported: at top level, in its conditions and classes;
not in functions, and not for type checkers alone. A package's `__init__` counts where the import has to run it; the
packages that a module itself lies in are running by then, so they count only where a name is taken from one. Imports
that are built at run time (`importlib`) are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from repoint.model import Finding, Frozen
from repoint.proof import loads
from repoint.proof.model import Examined
from repoint.proof.pairs import fault
from repoint.proof.resolve import Tree


class Edge(Frozen, frozen=True, order=True):
    """An import that the migration adds, at a place."""

    source: str
    target: str
    path: str
    line: int


class Graph:
    """Who loads whom, read as far as is asked for.

    A library's graph would need every edge beforehand, and the edges are what costs: so this one begins with rough
    edges, of which there are too many rather than too few, and makes those exact that a path is found by.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._rough: dict[str, frozenset[str]] = {}
        self._exact: dict[str, frozenset[str]] = {}
        self._reached: dict[str, frozenset[str]] = {}

    def exact(self, module: str) -> frozenset[str]:
        if module not in self._exact:
            self._exact[module] = loads.exact(self.tree, module)
        return self._exact[module]

    def _edges(self, module: str) -> frozenset[str]:
        if module in self._exact:
            return self._exact[module]
        if module not in self._rough:
            self._rough[module] = loads.rough(self.tree, module)
        return self._rough[module]

    def may_reach(self, start: str, goal: str) -> bool:
        """False only where importing `start` surely does not import `goal`."""
        if start not in self._reached:
            self._reached[start] = frozenset(_search(start, self._edges))
        return goal in self._reached[start]

    def path(self, start: str, goal: str) -> tuple[str, ...] | None:
        """A shortest way from `start` to `goal`; None where there is none."""
        if not self.may_reach(start, goal):
            return None
        while (way := _way(start, goal, self._edges)) is not None:
            vague = [module for module in way[:-1] if module not in self._exact]
            if not vague:
                return way
            self.exact(vague[0])
        return None


def _search(start: str, edges: Callable[[str], frozenset[str]], goal: str | None = None) -> dict[str, str]:
    """Breadth first: for each module reached, the one that it was reached from."""
    came = {start: ""}
    todo = [start]
    for module in todo:  # grows as it goes
        if module == goal:
            break
        for following in sorted(edges(module) - came.keys()):
            came[following] = module
            todo.append(following)
    return came


def _way(start: str, goal: str, edges: Callable[[str], frozenset[str]]) -> tuple[str, ...] | None:
    came = _search(start, edges, goal)
    if goal not in came:
        return None
    way = [goal]
    while way[-1] != start:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def added(examined: Iterable[Examined], stubs: frozenset[str], after: Tree) -> list[Edge]:
    """The edges of new imports that run while their module is imported, and of what the stubs import."""
    edges = set()
    for file in examined:
        source = after.by_path.get(file.path, "")
        for item in file.imports if source and source not in stubs else ():
            for target in loads.loaded(after, source, item.module, item.names) if item.import_time else ():
                edges.add(Edge(source, target, file.path, item.line))
    for stub in stubs & after.by_module.keys():
        edges |= {Edge(stub, target, after.by_module[stub], 1) for target in loads.exact(after, stub)}
    return sorted(edges)


def new_cycles(
    edges: Iterable[Edge], before: Tree, after: Tree, accepted: frozenset[frozenset[str]]
) -> Iterator[Finding]:
    """A finding for each cycle that an added edge closes between modules that were in none together before.

    A cycle is accepted where all its modules are among those of an accepted one. An import that closes several
    cycles, by loading packages on the way, is told once.
    """
    now, then = Graph(after), Graph(before)
    told: set[frozenset[str]] = set()
    places: set[tuple[str, int]] = set()
    for edge in edges:
        if (edge.path, edge.line) in places:
            continue
        way = now.path(edge.target, edge.source)
        if way is None or edge.target in then.exact(edge.source):
            continue
        ring = frozenset(way)
        if ring in told or any(ring <= known for known in accepted) or _were_together(then, edge):
            continue
        told.add(ring)
        places.add((edge.path, edge.line))
        shown = " → ".join((edge.source, *way))
        mend = "import in the function that needs it, choose another home, or accept the cycle in the manifest"
        yield fault(edge.path, edge.line, f"this import would close a cycle of imports: {shown}", mend)


def _were_together(then: Graph, edge: Edge) -> bool:
    if edge.source == edge.target:
        return edge.source in then.exact(edge.source)
    return then.path(edge.target, edge.source) is not None and then.path(edge.source, edge.target) is not None
