"""Which bindings of importing modules others reach: all facts in, the bindings that keep their names out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from repoint.analysis.computed import is_about, may_name, words
from repoint.analysis.facts import FileFacts, StringUse, import_bindings
from repoint.analysis.words import has_any, identifiers, offsets
from repoint.names import Symbol

_BEFORE = re.compile(rb"(\w+)[.:]\Z")
_COMPUTED = re.compile(rb"(?:[}\"']|%s)[.:]\Z")  # a path put together ends in the name
_OPEN_ENDS = (b".{", b'."', b".'", b".%")
_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?", re.MULTILINE)


def reached(
    candidates: frozenset[Symbol], files: Iterable[FileFacts], known: frozenset[str] = frozenset()
) -> frozenset[Symbol]:
    """Those of `candidates` that some other file imports, reads as an attribute, or tells in a string of its own.

    `known` are the tree's modules: a path that is none of them may be a module reached through another one.
    What only known calls name (`patch("app.service.Thing")`) is not among them: those strings can follow.
    """
    search = _Search(candidates, known)
    return frozenset(symbol for facts in files for symbol in search.in_file(facts))


class _Search:
    def __init__(self, candidates: frozenset[Symbol], known: frozenset[str]) -> None:
        self._known = known
        self._names: dict[str, set[str]] = defaultdict(set)
        for symbol in candidates:
            self._names[symbol.module].add(symbol.name)
        self._suffixes: dict[str, list[str]] = defaultdict(list)
        for module in self._names:
            self._suffixes[module.rpartition(".")[2]].append(module)
        self._by_name: dict[str, list[Symbol]] = defaultdict(list)
        for symbol in candidates:
            self._by_name[symbol.name].append(symbol)
        self._dotted = {symbol.dotted: symbol for symbol in candidates}

    def in_file(self, facts: FileFacts) -> Iterator[Symbol]:
        """Every candidate that `facts` reach, in its own module excepted."""
        paths = self._paths(facts)
        for statement in facts.imports:
            if not statement.is_from:
                continue
            for module in self._meant(statement.target):
                if module == facts.module:
                    continue
                names = self._names[module] if statement.is_star else {alias.name for alias in statement.names}
                yield from (Symbol(module, name) for name in names & self._names[module])
        for reference in facts.references:
            for path in paths.get((reference.binds, reference.name), ()):
                yield from self._read(path, [attribute.name for attribute in reference.chain])
        yield from self._told(facts, paths)

    def _paths(self, facts: FileFacts) -> dict[tuple[int, str], list[str]]:
        """What import-bound variables stand for, dotted."""
        found: dict[tuple[int, str], list[str]] = defaultdict(list)
        for variable, path, _ in import_bindings(facts):
            found[variable].append(path)
        return found

    def _read(self, path: str, attributes: list[str]) -> Iterator[Symbol]:
        for attribute in attributes:
            for module in self._meant(path):
                if attribute in self._names[module]:
                    yield Symbol(module, attribute)
            path = f"{path}.{attribute}"

    def _meant(self, module: str) -> list[str]:
        """The modules that an import path may mean: itself, or one of the same last part.

        That is one that the path is the tail of (another import root), or one reached through a third module.
        """
        found = [module] if module in self._names else []
        for other in self._suffixes.get(module.rpartition(".")[2], ()):
            if other != module and (other.endswith(f".{module}") or module not in self._known):
                found.append(other)
        return found

    def _told(self, facts: FileFacts, paths: dict[tuple[int, str], list[str]]) -> Iterator[Symbol]:
        """Strings that name a binding, but that no rule rewrites; and `getattr(module, "Name")`."""
        starts = {item.start: item for item in facts.references}
        for fact in facts.strings:
            if fact.use in (StringUse.DYNAMIC_PATH, StringUse.DYNAMIC_ATTRIBUTE):
                owner = starts.get(fact.owner[0]) if fact.owner else None
                heads = paths.get((owner.binds, owner.name), ()) if owner and fact.owner else ()
                for text in (
                    [".".join([head, *fact.owner[1], fact.value]) for head in heads] if fact.owner else [fact.value]
                ):
                    yield from self._put_together(facts, text, fact.use is StringUse.DYNAMIC_ATTRIBUTE)
            if fact.use in (StringUse.PLAIN, StringUse.TOLD_NAME) or not fact.exact or fact.kept:
                symbol = self._dotted.get(fact.value.replace(":", "."))
                if symbol is not None:
                    yield symbol
                yield from (
                    self._dotted[path] for part in fact.parts if (path := f"{fact.value}.{part.name}") in self._dotted
                )
            stays = fact.use is StringUse.TOLD_NAME or not fact.exact or fact.kept
            if stays and fact.owner is not None:
                owner = starts.get(fact.owner[0])
                for path in paths.get((owner.binds, owner.name), ()) if owner else ():
                    yield from self._read(".".join([path, *fact.owner[1]]), [fact.value])

    def _put_together(self, facts: FileFacts, text: str, attribute: bool) -> Iterator[Symbol]:
        """Candidates that a path put together at run time may name."""
        for word in words(text):
            near = list(self._by_name.get(word, ()))
            for module in self._suffixes.get(word, ()) if attribute else ():
                near += [Symbol(module, name) for name in sorted(self._names[module])]
            for symbol in near:
                if may_name(text, symbol, attribute=attribute) and is_about(text, facts, symbol.module):
                    yield symbol


def mentions(data: bytes, by_name: dict[bytes, set[bytes]]) -> bool:
    """Whether a file's text has the name of a binding (or a star import) and the last part of its module's name.

    `by_name` gives, for each binding's name, the last parts of the modules that have one.
    """
    star, words = b"import *" in data, identifiers(data)
    asked = {name: modules & words for name, modules in by_name.items() if star or name in words}
    if not any(asked.values()):
        return False
    imports = b"\n".join(_IMPORTED.findall(data))
    for name, modules in asked.items():
        if has_any(imports, modules) or any(module + end in data for module in modules for end in _OPEN_ENDS):
            return True
        for at in offsets(data, name):
            before = _BEFORE.search(data, max(0, at - 80), at)
            if before is not None and before[1] in modules:
                return True
            if modules and b".multiple" in data:
                return True
            if modules and _COMPUTED.search(data, max(0, at - 4), at):
                return True
    return False
