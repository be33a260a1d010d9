"""Checks: new imports resolve; and whoever still reaches a lost name, a stub or a deleted module finds it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from repoint.model import Finding, Frozen
from repoint.names import is_at_or_under, last, parent
from repoint.proof.model import Examined
from repoint.proof.pairs import Pairs, fault
from repoint.proof.reads import Reads, reads
from repoint.proof.resolve import Tree, Unknown
from repoint.proof.source import package_of

Search = Callable[[frozenset[str]], list[str]]
_NO_WORD = bytes(c if chr(c).isalnum() or c == ord("_") or c > 127 else ord(" ") for c in range(256))
_STAR = re.compile(rb"import[ \t]*\*")


def _spells(data: bytes, words: frozenset[bytes], module: str, user: str) -> bool:
    """Whether `data`, the text of `user`, may name `module`: only relative imports leave out what both lie in."""
    parts, theirs = module.split("."), user.split(".")
    shared = 0
    while shared < min(len(parts), len(theirs)) and parts[shared] == theirs[shared]:
        shared += 1
    own = [part.encode() for part in parts[shared:]]
    if not words.issuperset(own):
        return False
    if len(own) < 2:
        return True
    above, name = map(re.escape, own[-2:])  # `above.name`, `from above import name`, `import above as x; x.name`
    return re.search(rb"\b%s(?:\.%s\b|[\s\\]+(?:import|as)\b)" % (above, name), data) is not None


class Watched(Frozen, frozen=True):
    """What of a module may be missed: `names` that it bound, or (`whole`) whatever anybody reaches in it."""

    names: frozenset[str]
    whole: bool


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


class Users:
    """Finds who still uses what was lost, in the tree after the migration."""

    def __init__(self, before: Tree, after: Tree, search: Search) -> None:
        self.before = before
        self.after = after
        self.search = search
        self._reads: dict[str, Reads | None] = {}

    def findings(self, lost: Mapping[str, Watched]) -> Iterator[Finding]:
        """The uses. A module that takes a lost name by a star import loses it, too: so it goes round by round."""
        done: set[tuple[str, str]] = set()
        while lost:
            done |= {(module, name) for module, item in lost.items() for name in item.names}
            further: dict[str, set[str]] = {}
            lasts: dict[bytes, list[str]] = {}
            for name in lost:
                lasts.setdefault(last(name).encode(), []).append(name)
            hits = {path for path in self.search(self._words(lost)) if path.endswith((".py", ".pyi"))}
            for path in sorted(hits):
                here = self._plausible(path, lost, lasts)
                found = self._of(path) if here else None
                if found is None:
                    continue
                yield from self._missed(path, found, here)
                for module, name in self._passed_on(path, found, here):
                    if (module, name) not in done:
                        further.setdefault(module, set()).add(name)
            lost = {module: Watched(frozenset(names), False) for module, names in further.items()}

    def _words(self, lost: Mapping[str, Watched]) -> frozenset[str]:
        """What every user's text holds: the module's name, unless a package's own modules reach it by dots alone."""
        words: set[str] = set()
        for module, item in lost.items():
            if item.whole:
                words.add(last(module))
            if not item.whole or self.before.is_package(module):
                words |= {*item.names, "import *"}
        return frozenset(words)

    def _plausible(
        self, path: str, lost: Mapping[str, Watched], lasts: Mapping[bytes, list[str]]
    ) -> dict[str, Watched]:
        """The modules of `lost` that the file may reach, by the words in it."""
        try:
            data = self.after.read(path)
        except LookupError:
            return {}
        module = self.after.module_at(path)
        words = frozenset(data.translate(_NO_WORD).split())
        found = {}
        named = self._named(words, module, lost, lasts)
        starred = bool(named) and _STAR.search(data) is not None
        for name in named:
            item = lost[name]
            told = item.whole or starred or any(word.encode() in words for word in item.names)
            if told and name != module and _spells(data, words, name, module):
                found[name] = item
        return found

    def _named(
        self, words: frozenset[bytes], module: str, lost: Mapping[str, Watched], lasts: Mapping[bytes, list[str]]
    ) -> list[str]:
        """The modules of `lost` that are named by their last part, and the packages that `module` lies in."""
        found = [name for word in words & lasts.keys() for name in lasts[word]]
        while module := parent(module):
            found += [module] if module in lost else []
        return found

    def _of(self, path: str) -> Reads | None:
        if path not in self._reads:
            tree = self.after.parsed(path)
            package = package_of(self.after.module_at(path), path)
            self._reads[path] = None if tree is None else reads(tree, package)
        return self._reads[path]

    def _missed(self, path: str, found: Reads, lost: Mapping[str, Watched]) -> Iterator[Finding]:
        told: set[str] = set()
        names = frozenset(name for item in lost.values() for name in item.names)
        whole = [module for module, item in lost.items() if item.whole]
        places = [*found.paths, *found.stars, *self._starred(found, lost)]
        for line, read in sorted(places):
            concerned = not names.isdisjoint(read.split(".")) or any(is_at_or_under(read, top) for top in whole)
            if not concerned or any(is_at_or_under(read, head) for head in told) or not self._gone(read):
                continue
            told.add(read)
            origins = " or ".join(sorted(str(origin) for origin in self.before.origins(read)))
            what = f"{read} ({origins} before) is used here, and is gone after the migration"
            yield fault(path, line, what, "rewrite this use, or keep the name where it is")

    def _gone(self, read: str) -> bool:
        return self.before.resolves(read) and not self.after.resolves(read)

    def _starred(self, found: Reads, lost: Mapping[str, Watched]) -> Iterator[tuple[int, str]]:
        """Names that nothing in the file binds, and that a star import of a module that lost them gave."""
        for _, module in found.stars:
            if module in lost:
                for name, line in found.free.items():
                    listed = lost[module].whole or name in lost[module].names
                    if listed and self.before.exports(module, name):
                        yield line, f"{module}.{name}"

    def _passed_on(self, path: str, found: Reads, lost: Mapping[str, Watched]) -> Iterator[tuple[str, str]]:
        """Names that the file's module had by a star import of a module that lost them."""
        module = self.after.module_at(path)
        for _, target in found.stars:
            for name in lost[target].names if module and target in lost else ():
                here = f"{module}.{name}"
                if self.before.exports(target, name) and self.before.resolves(here) and not self.after.resolves(here):
                    yield module, name
