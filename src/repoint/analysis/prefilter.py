"""Which files are worth parsing: bytes in, yes or no out. May say yes too often, never no to a file that matters."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import islice

from repoint.analysis.query import Query
from repoint.analysis.words import Spelled, offsets
from repoint.names import Symbol, last, parent

_BEHIND = re.compile(rb"([A-Za-z_][\w]*)?[ \t\r\n\\]*\.[ \t\r\n\\]*\Z")
_NEXT = re.compile(rb"\.([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
_IMPORTED_PATH = re.compile(rb"[ \t]*(?:from|import)[ \t]+((?:[A-Za-z_]\w*\.)*)")  # from the root, up to its last part
_GAP = b" \t\r\n\\"
_AS = re.compile(rb"(?:[ \t\f]|\\\r?\n)+as\b")
_WIDE = (b"\tas", b"\fas", b"as\t", b"as\f", b"  as ", b"as\\", b"\\\n", b"\\\r")  # `as` behind more than one blank
_COMPUTED = (b".{", b'."', b".'")  # a name that is put together at run time follows
_FROM = re.compile(rb"(?:^|[;:\r\n])[ \t\f]*\Z")  # what stands before a `from`
_MODULE = re.compile(rb"[.\w \t\\\r\n]+")
_SPACE = re.compile(rb"[\s\\]+")
_NAMED_BELOW = re.compile(  # patch.object(pkg, "module")
    rb"(?:object|attr|spy)\s*\(\s*(?:\w+\s*=\s*)?((?:\w+\.)*)(\w+)\s*,\s*(?:\w+\s*=\s*)?[\"']\Z"
)
_STAR = re.compile(rb"import[ \t]*\*")
_RELATIVE = re.compile(rb"from[ \t]*\.+[ \t]*import\b")
_COMMENT = re.compile(rb"#[^\r\n]*")
_IMPORTS = re.compile(rb"\b(?:from|import)\b")


class Prefilter:
    """Tells by the text alone whether a file may name something that `query` asks about.

    `packages` are modules that are packages, whose names relative imports reach without naming the module;
    `canonical` are symbols whose aliases are asked about.
    """

    def __init__(self, query: Query, packages: frozenset[str], canonical: frozenset[Symbol]) -> None:
        modules = query.moves.touched_modules | query.whole
        self._modules = frozenset(module.encode() for module in modules)
        self._parents: dict[bytes, set[bytes]] = defaultdict(set)
        self._needs: dict[bytes, frozenset[bytes] | None] = {}
        names: dict[str, set[bytes]] = defaultdict(set)
        for old in query.moves.symbols:
            names[old.module].add(old.name.encode())
        for module in sorted(modules):
            word = last(module).encode()
            self._parents[word].add(last(parent(module)).encode())
            self._require(query, module, word, names[module])
        self._all_parents = frozenset(set[bytes]().union(*self._parents.values()) - {b""})
        self._relative = frozenset(old.name.encode() for old in query.moves.symbols if old.module in packages)
        self._told = [quote + name.encode() + quote for name in sorted(query.told_names) for quote in (b"'", b'"')]
        self._canonical = [symbol.name.encode() for symbol in sorted(canonical)]

    def _require(self, query: Query, module: str, word: bytes, names: set[bytes]) -> None:
        """Modules of which only symbols move matter where such a symbol is named, or everything is imported."""
        if module in query.whole or module in query.moves.modules:
            self._needs[word] = None
        elif (needs := self._needs.get(word, frozenset())) is not None:
            self._needs[word] = needs | names

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
        spelled = Spelled(data)
        text = _Places(data, spelled, self._modules, self._all_parents)
        found: list[int] = []
        for word in spelled.which(self._needs):
            needs = self._needs[word]
            named = needs is None or star or any(spelled.which(needs))
            if not named and not any(word + end in data for end in _COMPUTED):
                continue
            places = (at for at in offsets(data, word) if needs is None or not _leads_on(data, at + len(word), needs))
            found += islice((at for at in places if text.counts(at, word, self._parents[word], whole=needs is None)), 1)
        return min(found, default=None)

    def _aliases(self, data: bytes) -> bool:
        return any(_AS.match(data, at + len(name)) for name in self._canonical for at in offsets(data, name))

    def _tells(self, data: bytes) -> bool:
        asked = b"__name__" in data or b"__qualname__" in data or b"attr(" in data
        return asked and any(name in data for name in self._told)

    def _imports_from_package(self, data: bytes) -> bool:
        return any(Spelled(data).which(self._relative)) and _RELATIVE.search(data) is not None


class _Places:
    """The places of words in one file's text: which of them may name a module."""

    def __init__(self, data: bytes, spelled: Spelled, modules: frozenset[bytes], parents: frozenset[bytes]) -> None:
        self._data = data
        self._spelled = spelled
        self._modules = modules
        self._parents = parents

    @cached_property
    def _renamed_parents(self) -> bool:
        """Whether a package that holds an old module may be known by another name, as by `import a.b as c`."""
        data = self._data
        wide = any(mark in data for mark in _WIDE)
        return any(
            _AS.match(data, at + len(parent))
            for parent in self._spelled.which(self._parents)
            if wide or parent + b" as" in data
            for at in offsets(data, parent)
        )

    def counts(self, start: int, word: bytes, parents: set[bytes], *, whole: bool) -> bool:
        """Whether `word` stands where the name of a module would whose package's last part is one of `parents`.

        `whole`: the module moves as such, and may be named as an attribute of its package.
        """
        data = self._data
        line = data[max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1 : start]
        if line.lstrip().startswith(b"#"):
            return False  # a line of comment, or of text that nobody would take for an import path
        if (path := _IMPORTED_PATH.fullmatch(line)) is not None:
            return path[1] + word in self._modules
        dotted = data[max(0, start - 120) : start].rstrip(_GAP).endswith(b".")
        behind = _BEHIND.search(data, max(0, start - 120), start) if dotted else None
        if behind is not None:
            return behind[1] in (None, b"from") or behind[1] in parents or self._renamed_parents
        quoted = data[start - 1 : start] in (b"'", b'"')
        if quoted and whole and self._named_below(start, parents):
            return True
        if b"" in parents and (quoted or _IMPORTS.search(line) or not line.strip()):
            return True
        module = self._imported_from(start)
        return module is not None and (module.strip(b".") == b"" or module.rpartition(b".")[2] in parents)

    def _imported_from(self, start: int) -> bytes | None:
        """The module of the from-import among whose names the offset stands; None for other places."""
        data, at, first = self._data, start, max(0, start - 8_000)
        while (at := data.rfind(b"import", first, at)) >= 0:
            begin = data.rfind(b"from", max(0, at - 400), at)
            module = data[begin + len(b"from") : at]
            if begin >= 0 and _MODULE.fullmatch(module) and _FROM.search(data, max(0, begin - 80), begin):
                break
        else:
            return None
        module = _SPACE.sub(b"", module)
        between = _COMMENT.sub(b"", data[at + len(b"import") : start]).lstrip(b" \t\f\\\r\n")
        if between[:1] == b"(":
            return None if b")" in between else module
        return None if _ends_line(between) else module

    def _named_below(self, start: int, parents: set[bytes]) -> bool:
        """Whether a module is named as an attribute of its package, or of what may be another name for that."""
        found = _NAMED_BELOW.search(self._data, max(0, start - 120), start)
        if found is None:
            return False
        return found[2] in parents or (not found[1] and b" as " + found[2] in self._data)


def _leads_on(data: bytes, end: int, names: frozenset[bytes]) -> bool:
    """Whether the word that ends there is followed by a dot and a name that is none of `names`: another module."""
    found = _NEXT.match(data, end)
    return found is not None and found[1] not in names


def _ends_line(between: bytes) -> bool:
    """Whether a line ends without a continuation."""
    lines = between.splitlines(keepends=True)
    return any(line.endswith((b"\n", b"\r")) and not line.rstrip().endswith(b"\\") for line in lines)
