"""What all files say together: reads in, a table of definitions, of who imports what, and of what passes names on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

from repoint.names import Symbol, is_package_file, parent
from repoint.proposing.facts import Definition, FileRead, Import
from repoint.proposing.paths import is_test, is_vendored

Use = tuple[str, Import]


class Index:
    """`by_module` has the file of every module, `uses` the imports of every name, by path, their own module's aside."""

    def __init__(self, reads: Iterable[FileRead], modules: frozenset[str]) -> None:
        self.modules = modules
        self.by_module: dict[str, FileRead] = {}
        self.uses: dict[Symbol, list[Use]] = defaultdict(list)
        self.aliases: dict[str, Counter[Symbol]] = defaultdict(Counter)
        self._tops: set[str] = set()
        self._asked: set[str] = set()
        ordered = sorted(reads, key=lambda read: (read.path.endswith(".pyi"), read.path))
        for read in ordered:
            if read.module:
                self.by_module.setdefault(read.module, read)
        for read in ordered:
            for item in () if read.path.endswith(".pyi") else read.imports:
                if item.module in modules:
                    self._tops.add(item.module.partition(".")[0])
                if item.module != read.module and item.name != "*":
                    self._use(read.path, item)

    def _use(self, path: str, item: Import) -> None:
        symbol = Symbol(item.module, item.name)
        self.uses[symbol].append((path, item))
        if item.name and item.local != item.name:
            self.aliases[item.local][symbol] += 1

    def imports(self, symbol: Symbol) -> int:
        """How often a name is imported from a module, by other files."""
        return len(self.uses.get(symbol, ()))

    def is_ours(self, module: str) -> bool:
        """Whether a path belongs to the repository: something of its top-level package is imported, and is there."""
        return module.partition(".")[0] in self._tops

    def is_home(self, read: FileRead) -> bool:
        """Whether what a file defines may be what others are to import."""
        return not (read.generated or is_test(read.path) or is_vendored(read.path) or read.path.endswith(".pyi"))

    @cached_property
    def definitions(self) -> dict[str, tuple[tuple[Symbol, Definition], ...]]:
        """By name, the definitions that count: not those in tests, in `.pyi`, or in place of a failed import."""
        found: dict[str, list[tuple[Symbol, Definition]]] = defaultdict(list)
        for module, read in sorted(self.by_module.items()):
            if self.is_home(read):
                imported = {item.local for item in read.imports if item.top}
                for item in read.definitions:
                    if not item.fallback and item.name not in imported:
                        found[item.name].append((Symbol(module, item.name), item))
        return {name: tuple(dict(items).items()) for name, items in found.items()}

    def definition(self, symbol: Symbol) -> Definition | None:
        """The class or function that a module defines itself under this name."""
        read = self.by_module.get(symbol.module)
        if read is None or any(item.top and item.local == symbol.name for item in read.imports):
            return None
        return next((item for item in read.definitions if item.name == symbol.name), None)

    def binds(self, symbol: Symbol) -> bool:
        """Whether `from module import name` can succeed; true where that cannot be told."""
        read = self.by_module.get(symbol.module)
        if f"{symbol.module}.{symbol.name}" in self.modules:
            return True
        if read is None:
            return False
        own = {item.name for item in read.definitions} | {item.local for item in read.imports if item.top}
        return read.open or symbol.name in own or symbol.name in read.bound

    def origin(self, symbol: Symbol) -> Symbol | None:
        """Where the class or function is defined that a name leads to, through imports and aliases; None if unclear."""
        seen: set[Symbol] = set()
        at: Symbol | None = symbol
        while at is not None and at not in seen:
            seen.add(at)
            if self.definition(at) is not None:
                return at
            at = self._next(at)
        return None

    def _next(self, symbol: Symbol) -> Symbol | None:
        read = self.by_module.get(symbol.module)
        if read is None:
            return None
        if symbol.name in read.rebound:
            return None
        aliased = next((other for local, other in read.aliases if local == symbol.name), None)
        return self.local(read, aliased or symbol.name, itself=aliased is not None)

    def local(self, read: FileRead, spelled: str, *, itself: bool = True) -> Symbol | None:
        """What a dotted name in a module's top level leads to: an import of it, or (`itself`) its own definition."""
        head, _, rest = spelled.partition(".")
        imported = [item for item in read.imports if item.top and item.local == head]
        if imported and (head in read.rebound or not self._agree(read.module, imported)):
            return None
        for item in imported:
            if item.name:
                whole = f"{item.module}.{item.name}"
                return self._split(f"{whole}.{rest}") if rest else Symbol(item.module, item.name)
            return self._split(spelled if item.module.partition(".")[0] == head else f"{item.module}.{rest}")
        return Symbol(read.module, head) if itself and not rest and self._defines(read, head) else None

    def _agree(self, module: str, imported: list[Import]) -> bool:
        """Whether all the imports of one name lead to one definition."""
        targets = {Symbol(item.module, item.name) for item in imported if item.name}
        if len(targets) < 2:
            return True
        if module in self._asked:  # they lead back here
            return False
        self._asked.add(module)
        origins = {self.origin(target) for target in targets}
        self._asked.discard(module)
        return len(origins) == 1 and None not in origins

    def _split(self, dotted: str) -> Symbol | None:
        module, _, name = dotted.rpartition(".")
        return Symbol(module, name) if module in self.modules else None

    def _defines(self, read: FileRead, name: str) -> bool:
        return any(item.name == name for item in read.definitions)

    def is_package(self, module: str) -> bool:
        read = self.by_module.get(module)
        return read is not None and is_package_file(read.path)


def modules_of(modules: Iterable[str]) -> frozenset[str]:
    """The modules, and the packages above them, whether or not those have a file."""
    found: set[str] = set()
    for module in modules:
        while module and module not in found:
            found.add(module)
            module = parent(module)
    return frozenset(found)
