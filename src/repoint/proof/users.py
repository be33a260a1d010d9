"""Who still uses what is gone: lost names and modules in, a finding for each use in the tree as it will be out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from repoint.model import Finding, Frozen
from repoint.names import is_at_or_under, last, parent
from repoint.proof.pairs import fault
from repoint.proof.parsed import spells
from repoint.proof.reads import Reads, reads
from repoint.proof.resolve import Origin, Tree
from repoint.proof.source import package_of, parse

Search = Callable[[frozenset[str]], list[str]]
_NO_WORD = bytes(c if chr(c).isalnum() or c == ord("_") or c > 127 else ord(" ") for c in range(256))
_STAR = re.compile(rb"import[ \t]*\*")


class Watched(Frozen, frozen=True):
    """What of a module may be missed: `names` that it bound, or (`whole`) whatever anybody reaches in it."""

    names: frozenset[str]
    whole: bool


class Sifted(NamedTuple):
    """A file that may use what is gone: the modules it may reach of which something went, and all that it reads."""

    path: str
    here: dict[str, Watched]
    reads: Reads


class Sieve(Frozen, frozen=True):
    """What went, made ready for many files: `lost` by module, the modules by their last part, and telling words.

    A user has at least one of `words`, unless it imports a star, or lies in a package that is lost as a whole.
    """

    lost: dict[str, Watched]
    lasts: dict[bytes, list[str]]
    words: frozenset[bytes]


Sifting = Callable[[list[str], Sieve], Iterable[Sifted]]


def sieve(lost: Mapping[str, Watched]) -> Sieve:
    """The sieve for what was lost."""
    lasts: dict[bytes, list[str]] = {}
    for module in lost:
        lasts.setdefault(last(module).encode(), []).append(module)
    words = {last(module) for module, item in lost.items() if item.whole}
    words |= {name for item in lost.values() if not item.whole for name in item.names}
    return Sieve(dict(lost), lasts, frozenset(word.encode() for word in words))


def sift(path: str, module: str, data: bytes, sieve: Sieve) -> Sifted | None:
    """What the file at `path`, with these bytes, reads, where it may reach what is lost. Safe in any process."""
    here = _plausible(path, module, data, sieve)
    tree = parse(data) if here else None
    if tree is None:
        return None
    return Sifted(path, here, reads(tree, package_of(module, path)))


def _plausible(path: str, module: str, data: bytes, sieve: Sieve) -> dict[str, Watched]:
    """The modules of `lost` that the file may reach, by the words in it."""
    lost = sieve.lost
    around = [package for package in _packages(module) if package in lost]
    star = _STAR.search(data) is not None
    if not (star or around or any(spells(data, word) for word in sieve.words)):
        return {}
    words = _words(data)
    named = [*(name for word in words & sieve.lasts.keys() for name in sieve.lasts[word]), *around]
    found = {}
    for name in named:
        item = lost[name]
        told = item.whole or star or any(word.encode() in words for word in item.names)
        if told and name != module and _spells(data, words, name, module):
            found[name] = item
    return found


def _packages(module: str) -> Iterator[str]:
    """The packages that a module lies in, whose names it may take by dots alone."""
    while module := parent(module):
        yield module


def _words(data: bytes) -> frozenset[bytes]:
    return frozenset(data.translate(_NO_WORD).split())


class Users:
    """Finds who still uses what was lost, in the tree after the migration."""

    def __init__(self, before: Tree, after: Tree, search: Search, sifting: Sifting | None = None) -> None:
        self.before = before
        self.after = after
        self.search = search
        self._sifting = sifting or self._sift
        self._begun: Iterable[Sifted] = ()

    def begin(self, lost: Mapping[str, Watched]) -> None:
        """Begin to sift the files that may use what is gone."""
        found = {path for path in self.search(self._words(lost)) if path.endswith((".py", ".pyi"))} if lost else set()
        self._begun = self._sifting(sorted(found), sieve(lost))

    def _sift(self, paths: list[str], sieve: Sieve) -> Iterator[Sifted]:
        """Sift in this process, file by file."""
        for path in paths:
            try:
                found = sift(path, self.after.module_at(path), self.after.read(path), sieve)
            except LookupError:
                continue
            if found is not None:
                yield found

    def findings(self, lost: Mapping[str, Watched]) -> Iterator[Finding]:
        """The uses, after `begin`. A module that passes on what is lost loses it, too: round by round."""
        done: set[tuple[str, str]] = set()
        while lost:
            done |= {(module, name) for module, item in lost.items() for name in item.names}
            further: dict[str, set[str]] = {}
            for path, here, found in self._begun:
                yield from self._missed(path, found, here)
                for module, name in self._passed_on(path, found, here):
                    if (module, name) not in done:
                        further.setdefault(module, set()).add(name)
            lost = {module: Watched(frozenset(names), False) for module, names in further.items()}
            self.begin(lost)

    def _words(self, lost: Mapping[str, Watched]) -> frozenset[str]:
        """What every user's text holds: the module's name, unless a package's own modules reach it by dots alone."""
        words: set[str] = set()
        for module, item in lost.items():
            if item.whole:
                words.add(last(module))
            if not item.whole or self.before.is_package(module):
                words |= {*item.names, "import *"}
        return frozenset(words)

    def _missed(self, path: str, found: Reads, lost: Mapping[str, Watched]) -> Iterator[Finding]:
        told: set[str] = set()
        names = frozenset(name for item in lost.values() for name in item.names)
        whole = [module for module, item in lost.items() if item.whole]
        loads = {item for item in found.loads if self._is_no_module(item.path)}
        places = {*found.paths, *loads, *found.stars, *self._starred(found, lost)}
        for line, read in sorted(places):
            concerned = not names.isdisjoint(read.split(".")) or any(is_at_or_under(read, top) for top in whole)
            if not concerned or any(is_at_or_under(read, head) for head in told):
                continue
            if not (self._gone(read) or (line, read) in loads):
                continue
            told.add(read)
            origins = " or ".join(sorted(str(origin) for origin in self.before.origins(read)))
            what = f"{read} ({origins} before) is used here, and is gone after the migration"
            yield fault(path, line, what, "rewrite this use, or keep the name where it is")

    def _gone(self, read: str) -> bool:
        return self.before.resolves(read) and not self.after.resolves(read)

    def _is_no_module(self, path: str) -> bool:
        """Whether a path that was a module is another name of its package now, which cannot be imported from."""
        if path not in self.before.modules or path in self.after.modules:
            return False
        return all(isinstance(meaning, Origin) for meaning in self.after.origins(path))

    def _starred(self, found: Reads, lost: Mapping[str, Watched]) -> Iterator[tuple[int, str]]:
        """Names that nothing in the file binds, and that a star import of a module that lost them gave."""
        for _, module in found.stars:
            if module in lost:
                for name, line in found.free.items():
                    listed = lost[module].whole or name in lost[module].names
                    if listed and self.before.exports(module, name):
                        yield line, f"{module}.{name}"

    def _passed_on(self, path: str, found: Reads, lost: Mapping[str, Watched]) -> Iterator[tuple[str, str]]:
        """Names that the file's module had by a star import of a module that lost them, and its names for such modules.

        `import pkg.old as m` in `facade`: whoever reads `facade.m.gone` misses it, too.
        """
        module = self.after.module_at(path)
        tops = {name for name, item in lost.items() if item.whole}
        tops |= {f"{name}.{part}" for name, item in lost.items() if not item.whole for part in item.names}
        space = self.before.namespace(module) if module and any(read in tops for _, read in found.paths) else None
        for name, bindings in space.bindings.items() if space is not None else ():
            targets = (item.target for item in bindings if item.target is not None)
            if any(".".join((target.module, *target.names)) in tops for target in targets):
                yield module, name
        for _, target in found.stars:
            for name in lost[target].names if module and target in lost else ():
                here = f"{module}.{name}"
                if self.before.exports(target, name) and self.before.resolves(here) and not self.after.resolves(here):
                    yield module, name


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
