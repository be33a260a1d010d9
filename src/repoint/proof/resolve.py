"""What a dotted path stands for in a tree of modules: followed along every re-export to where it is made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cached_property

from repoint.model import Frozen
from repoint.names import parent
from repoint.proof.namespaces import Binding, Namespace, Star, Target, read
from repoint.proof.source import package_of, parse

_TOO_LONG = 32  # names read one after the other: an alias that leads through itself grows without end
OF_EVERY_MODULE = frozenset({"__name__", "__doc__", "__file__", "__dict__", "__path__", "__package__", "__spec__"})


class Origin(Frozen, frozen=True, order=True):
    """Where something is made: `name` in `module`, dotted for an attribute of it; no name for the module itself."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


class Missing(Frozen, frozen=True, order=True):
    """A path into the tree with nothing at its end: importing it fails."""

    path: str

    def __str__(self) -> str:
        return f"{self.path} (which does not exist)"


class Unknown(Frozen, frozen=True, order=True):
    """A path that leads out of the tree, or to a module that makes names up as it runs."""

    path: str

    def __str__(self) -> str:
        return self.path


Meaning = Origin | Missing | Unknown
Turn = Callable[[str], str | None]


class Tree:
    """All modules of one state of the repository. What is read is kept: a tree never changes.

    `by_module` gives the path of each module, `read` the bytes at a path (LookupError where there is no such file).
    A folder without an `__init__` is a package, too.
    """

    def __init__(self, by_module: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self.by_module = by_module
        self.read = read
        self._trees: dict[str, ast.Module | None] = {}
        self._spaces: dict[str, Namespace | None] = {}
        self._origins: dict[str, frozenset[Meaning]] = {}

    @cached_property
    def modules(self) -> frozenset[str]:
        """Every module and every folder on the way to one."""
        found = set(self.by_module)
        for module in self.by_module:
            while (module := parent(module)) and module not in found:
                found.add(module)
        return frozenset(found)

    @cached_property
    def by_path(self) -> dict[str, str]:
        return {path: module for module, path in self.by_module.items()}

    def module_at(self, path: str) -> str:
        """The module of a file, that of its stub file (`.pyi`) included; empty where it has none."""
        return self.by_path.get(path) or self.by_path.get(path.removesuffix("i"), "")

    def is_package(self, module: str) -> bool:
        """Whether submodules may stand below `module`."""
        return module in self.modules and package_of(module, self.by_module.get(module, "__init__.py")) == module

    def parsed(self, path: str) -> ast.Module | None:
        """The syntax tree of a file; None where there is none, or no Python in it."""
        if path not in self._trees:
            try:
                data = self.read(path)
            except LookupError:
                self._trees[path] = None
            else:
                self._trees[path] = parse(data)
        return self._trees[path]

    def namespace(self, module: str) -> Namespace | None:
        """What `module` binds; None where that cannot be read. A mere folder binds nothing."""
        if module not in self._spaces:
            path = self.by_module.get(module)
            tree = None if path is None else self.parsed(path)
            if path is None or tree is None:
                self._spaces[module] = Namespace() if path is None else None
            else:
                self._spaces[module] = read(tree, self.read(path), module, package_of(module, path))
        return self._spaces[module]

    def exports(self, module: str, name: str, _asked: frozenset[str] = frozenset()) -> bool | None:
        """Whether `from module import *` brings `name`; None where that cannot be told."""
        space = self.namespace(module) if module in self.modules else None
        if space is None or module in _asked:
            return False if module in _asked else None
        if space.exported is not None:
            return True if name in space.exported else None if space.open else False
        if name.startswith("_"):
            return False
        if name in space.bindings:
            return True
        asked = _asked | {module}
        answers = {self.exports(star.module, name, asked) for star in space.stars}
        answers |= {None} if space.dynamic else set()
        return True if True in answers else None if None in answers else False

    def resolves(self, path: str) -> bool:
        """Whether anything stands at `path`, as far as this tree can tell."""
        return any(not isinstance(meaning, Missing) for meaning in self.origins(path))

    def origins(self, path: str) -> frozenset[Meaning]:
        """What `path` may stand for: several where conditions decide."""
        if path not in self._origins:
            self._origins[path] = self.walk(path)[0]
        return self._origins[path]

    def walk(
        self, path: str, turn: Turn = lambda _: None, *, first: bool = False
    ) -> tuple[frozenset[Meaning], frozenset[str]]:
        """What `path` may stand for; and, for each stop on the way that `turn` sends elsewhere, that other path.

        With `first`, what an `except` binds in the place of what was tried does not count.
        """
        found: set[Meaning] = set()
        turned: set[str] = set()
        seen: set[Target] = set()
        todo = [self._start(path)]
        while todo:
            stop = todo.pop()
            if stop in seen:
                continue
            seen.add(stop)
            if (elsewhere := turn(".".join((stop.module, *stop.names)))) is not None:
                turned.add(elsewhere)
                continue
            for item in self._next(stop, first):
                if isinstance(item, Target):
                    todo.append(item)
                else:
                    found.add(item)
        return frozenset(found or ((Missing(path),) if not turned else ())), frozenset(turned)

    def _start(self, path: str) -> Target:
        """The longest head of `path` that is a module, and the names to read from it."""
        head = parent(path)
        while head and head not in self.modules:
            head = parent(head)
        return Target(head, tuple(path[len(head) + 1 :].split("."))) if head else Target(path, ())

    def _next(self, stop: Target, first: bool) -> list[Target | Meaning]:
        module, names = stop
        whole = ".".join((module, *names))
        if module not in self.modules:
            return [self._absent(module, whole)]
        if not names:
            return [Origin(module, "")]
        if len(names) > _TOO_LONG:
            return [Unknown(whole)]
        space = self.namespace(module)
        if space is None:
            return [Unknown(whole)]
        name, rest = names[0], names[1:]
        if found := self._bound(module, space, name, first):
            here = Origin(module, ".".join(names))
            itself = Target(module, (name,))  # `from . import name` in an `__init__`
            below = Target(f"{module}.{name}", ())
            ends = [below if item == itself and below.module in self.modules else item for item in found]
            return [Target(item.module, item.names + rest) if item is not None else here for item in ends]
        if f"{module}.{name}" in self.modules:
            return [Target(f"{module}.{name}", rest)]
        if name in OF_EVERY_MODULE:
            return [Origin(module, ".".join(names))]
        return [Unknown(whole) if space.dynamic else Missing(whole)]

    def _bound(self, module: str, space: Namespace, name: str, first: bool) -> list[Target | None]:
        """Where the bindings of `name` that may be the last ones lead to; None for those made here."""
        events: list[Binding | Star] = [item for item in space.bindings.get(name, ()) if not item.aside]
        if not events and space.lazy:
            return [space.lazy[name]] if name in space.lazy else []
        events = events or list(space.bindings.get(name, ()))
        if first:
            events = [item for item in events if isinstance(item, Binding) and not item.fallback] or events
        given = {star: self.exports(star.module, name) for star in space.stars} if space.stars else {}
        events += [star for star, gives in given.items() if gives is not False]
        found: list[Target | None] = []
        for event in sorted(events, key=lambda item: item.order):
            if event.certain and not (isinstance(event, Star) and given[event] is None):
                found.clear()
            found.append(Target(event.module, (name,)) if isinstance(event, Star) else event.target)
        return found

    def _absent(self, module: str, whole: str) -> Meaning:
        """What a path into a module that is no file of the tree stands for."""
        head = parent(module)
        while head and head not in self.modules:
            head = parent(head)
        if not module or head:
            space = self.namespace(head) if head else None
            return Unknown(whole) if head and (space is None or space.dynamic) else Missing(whole)
        return Unknown(whole)
