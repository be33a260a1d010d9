"""Which files are worth parsing: bytes in, yes or no out. May say yes too often, never no to a file that matters."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice

from repoint.analysis.query import Query
from repoint.analysis.words import offsets
from repoint.names import Symbol, last, parent

_BEHIND = re.compile(rb"([A-Za-z_][\w]*)?[ \t\r\n\\]*\.[ \t\r\n\\]*\Z")
_IMPORT_LINE = re.compile(rb"[ \t\f]*(?:from\b|import\b|.*;[ \t]*(?:from|import)\b|.*:[ \t]*(?:from|import)\b)")
_AS = re.compile(rb"[ \t]+as\b")
_COMPUTED = (b".{", b'."', b".'")  # a name that is put together at run time follows
_NAMED_BELOW = re.compile(  # patch.object(pkg, "module")
    rb"(?:object|attr|spy)\s*\(\s*(?:\w+\s*=\s*)?((?:\w+\.)*)(\w+)\s*,\s*(?:\w+\s*=\s*)?[\"']\Z"
)
_FROM = re.compile(rb"\bfrom[ \t\\\r\n]*([.\w]+)[ \t\\\r\n]*\Z")
_STAR = re.compile(rb"import[ \t]*\*")
_RELATIVE = re.compile(rb"from[ \t]*\.+[ \t]*import\b")


class Prefilter:
    """Tells by the text alone whether a file may name something that `query` asks about.

    `packages` are modules that are packages, whose names relative imports reach without naming the module;
    `canonical` are symbols whose aliases are asked about.
    """

    def __init__(self, query: Query, packages: frozenset[str], canonical: frozenset[Symbol]) -> None:
        modules = query.moves.touched_modules | query.whole
        self._parents: dict[bytes, set[bytes]] = defaultdict(set)
        self._needs: dict[bytes, set[bytes] | None] = {}
        for module in sorted(modules):
            word = last(module).encode()
            self._parents[word].add(last(parent(module)).encode())
            self._require(query, module, word)
        self._relative = frozenset(old.name.encode() for old in query.moves.symbols if old.module in packages)
        self._told = [quote + name.encode() + quote for name in sorted(query.told_names) for quote in (b"'", b'"')]
        self._canonical = [symbol.name.encode() for symbol in sorted(canonical)]

    def _require(self, query: Query, module: str, word: bytes) -> None:
        """Modules of which only symbols move matter where such a symbol is named, or everything is imported."""
        if module in query.whole or module in query.moves.modules:
            self._needs[word] = None
        elif self._needs.get(word, set()) is not None:
            names = {old.name.encode() for old in query.moves.symbols if old.module == module}
            self._needs[word] = (self._needs.get(word) or set()) | names

    def wants(self, data: bytes) -> bool:
        """Whether the file with these bytes is to be parsed."""
        return (
            self.first_mention(data) is not None
            or self._aliases(data)
            or self._tells(data)
            or self._imports_from_package(data)
        )

    def first_mention(self, data: bytes) -> int | None:
        """The offset of a mention of an old path, the first of its module's."""
        star = b"import *" in data or _STAR.search(data) is not None
        found: list[int] = []
        for word, needs in self._needs.items():
            named = needs is None or star or any(name in data for name in needs)
            if not named and not any(word + end in data for end in _COMPUTED):
                continue
            found += islice((at for at in offsets(data, word) if self._counts(data, word, at)), 1)
        return min(found, default=None)

    def _aliases(self, data: bytes) -> bool:
        return any(_AS.match(data, at + len(name)) for name in self._canonical for at in offsets(data, name))

    def _tells(self, data: bytes) -> bool:
        told = any(name in data for name in self._told)
        return told and (b"__name__" in data or b"__qualname__" in data or b"attr(" in data)

    def _imports_from_package(self, data: bytes) -> bool:
        return any(name in data for name in self._relative) and _RELATIVE.search(data) is not None

    def _counts(self, data: bytes, word: bytes, start: int) -> bool:
        """Whether a word stands where a module's name would."""
        line = data[max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1 : start]
        if line.lstrip().startswith(b"#"):
            return False  # a line of comment, or of text that nobody would take for an import path
        before = data[max(0, start - 120) : start]
        behind = _BEHIND.search(before)
        if behind is not None:
            return behind[1] in (None, b"from") or behind[1] in self._parents[word]
        if data[start - 1 : start] in (b"'", b'"') and self._named_below(data, word, before):
            return True
        if b"" in self._parents[word] and data[start - 1 : start] in (b"'", b'"'):
            return True
        if _IMPORT_LINE.match(line) is None and not _in_brackets(data, start):
            return False
        module = _imported_from(data, start)
        return module.strip(b".") == b"" or module.rpartition(b".")[2] in self._parents[word]

    def _named_below(self, data: bytes, word: bytes, before: bytes) -> bool:
        """Whether a module is named as an attribute of its package, or of what may be another name for that."""
        found = _NAMED_BELOW.search(before) if self._needs[word] is None else None
        if found is None:
            return False
        return found[2] in self._parents[word] or (not found[1] and b" as " + found[2] in data)


def _imported_from(data: bytes, start: int) -> bytes:
    """The module of the from-import whose names the offset stands among; empty for other places."""
    at = data.rfind(b"import", max(0, start - 8_000), start)
    found = _FROM.search(data, max(0, at - 400), at) if at >= 0 else None
    return found[1] if found is not None else b""


def _in_brackets(data: bytes, start: int) -> bool:
    """Whether the offset stands between the brackets (or on the continued line) of an import."""
    at = data.rfind(b"import", max(0, start - 8_000), start)
    if at < 0:
        return False
    between = data[at + 6 : start].lstrip()
    return (between[:1] == b"(" and b")" not in between) or (
        between[:1] != b"(" and b"\n" in between and not _broken(between)
    )


def _broken(between: bytes) -> bool:
    """Whether a line ends without a continuation."""
    return any(not line.rstrip().endswith(b"\\") for line in between.split(b"\n")[:-1])
