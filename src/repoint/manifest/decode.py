"""A manifest's bytes in, a `Migration` out; or every error of the file at once, each with its key, line and mend."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from repoint.errors import ManifestErrors, Problem
from repoint.manifest import codemods, commands, schema
from repoint.manifest.locate import Lines
from repoint.manifest.mistakes import explain
from repoint.manifest.moves import MoveCycle, MoveTable, collapse
from repoint.model import Frozen
from repoint.names import Symbol, is_dotted_name


class Migration(Frozen, frozen=True, dict=True):
    """A decoded manifest: its tables, the table of moves, and the SHA-256 digest of its bytes.

    `where` is the file's name and `text` what it holds, for those who speak of it.
    """

    manifest: schema.Manifest
    moves: MoveTable
    digest: str
    where: str = ""
    text: str = ""

    @property
    def name(self) -> str:
        return self.manifest.name

    @cached_property
    def canonical(self) -> frozenset[Symbol]:
        """Symbols that are declared to have one path."""
        return frozenset(Symbol.parse(item.symbol) for item in self.manifest.canonical)

    @cached_property
    def forbidden_aliases(self) -> frozenset[Symbol]:
        """Those of them that may not be imported under another name."""
        tables = self.manifest.canonical
        return frozenset(Symbol.parse(item.symbol) for item in tables if item.aliases is schema.Aliases.FORBID)

    @cached_property
    def forbidden_construction(self) -> frozenset[Symbol]:
        """Those of them that only the modules that symbols live in may build."""
        tables = self.manifest.canonical
        return frozenset(Symbol.parse(item.symbol) for item in tables if item.construct is schema.Construct.FORBID)

    @property
    def folder(self) -> str:
        """The folder that the file lies in."""
        return str(Path(self.where).absolute().parent)

    def place(self, table: str, index: int, key: str) -> str:
        """`path:line` of a key of the file, or of its table, or the path alone."""
        line = Lines(self.text).find(table, index, key)
        return f"{self.where}:{line}" if line else self.where

    @property
    def unowned(self) -> Migration:
        """The same for those who look at no batches, so that no CODEOWNERS file is needed."""
        batches = replace(self.manifest.batches, by=schema.GroupBy.PACKAGE)
        return replace(self, manifest=replace(self.manifest, batches=batches))


def decode(data: bytes, where: str) -> Migration:
    """Read the manifest `data`; `where` is the file's name for messages.

    Raises ManifestErrors with every problem found.
    """
    try:
        text = data.decode("utf-8")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise _single(where, f"not UTF-8: byte {error.start} cannot be decoded", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _single(where, f"not TOML: {error}", "correct the syntax there") from None
    reader = _Reader(where, Lines(text))
    manifest = reader.manifest(tables)
    moves = reader.moves(manifest)
    reader.subject(manifest)
    reader.roots(manifest)
    reader.canonical(manifest, moves)
    reader.commands(tables)
    reader.patterns(manifest)
    reader.codemods(tables)
    if reader.problems:
        raise ManifestErrors(tuple(dict.fromkeys(reader.problems)))
    return Migration(manifest, moves, hashlib.sha256(data).hexdigest(), where, text)


def _single(where: str, what: str, mend: str) -> ManifestErrors:
    return ManifestErrors((Problem(what, where, mend),))


class _Reader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, where: str, lines: Lines) -> None:
        self.where = where
        self.lines = lines
        self.problems: list[Problem] = []

    def complain(self, what: str, mend: str, table: str = "", index: int = 0, key: str = "") -> None:
        line = self.lines.find(table, index, key)
        place = f"{self.where}:{line}" if line else self.where
        self.problems.append(Problem(what, place, mend))

    def manifest(self, tables: dict[str, Any]) -> schema.Manifest:
        values: dict[str, Any] = {}
        for name, raw in tables.items():
            field = self._field(schema.Manifest, name, table="", index=0)
            if field is None:
                continue
            attribute, kind = field
            values[attribute] = self._value(raw, kind, name)
        if "name" not in tables:
            self.complain("key `name` is missing", 'add name = "..." at the top')
        if values.get("name") is None:
            values["name"] = "unnamed"
        return schema.Manifest(**{key: value for key, value in values.items() if value is not None})

    def _value(self, raw: Any, kind: Any, name: str) -> Any:
        """One top-level value: an array of tables, a table, or a plain value."""
        table = _TABLES.get(name)
        if table is None:
            return self._plain(raw, kind, name, "", 0)
        if name not in _ARRAYS:
            return self._table(raw, table, name, 0)
        if not isinstance(raw, list):
            self.complain(f"`{name}` is one table", f"write [[{name}]]", name)
            return None
        entries = (self._table(entry, table, name, index) for index, entry in enumerate(raw))
        return tuple(entry for entry in entries if entry is not None)

    def _table(self, raw: Any, kind: type[schema.Table], name: str, index: int) -> schema.Table | None:
        if not isinstance(raw, dict):
            self.complain(f"`{name}` is not a table", f"write {_header(name)}", name, index)
            return None
        values: dict[str, Any] = {}
        known = len(self.problems)
        for key, value in raw.items():
            field = self._field(kind, key, name, index)
            if field is not None:
                values[field[0]] = self._plain(value, field[1], key, name, index)
        for info in _fields(kind).values():
            if info.required and info.encode_name not in raw:
                self.complain(f"{_header(name)} lacks the key `{info.encode_name}`", "add it", name, index)
        return kind(**values) if len(self.problems) == known else None

    def _field(self, kind: type[schema.Table], key: str, table: str, index: int) -> tuple[str, Any] | None:
        fields = _fields(kind)
        if key in fields:
            return fields[key].name, fields[key].type
        near = difflib.get_close_matches(key, fields, 1, 0.4)
        mend = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(sorted(fields))}"
        self.complain(f"unknown key `{key}`" + (f" in {_header(table)}" if table else ""), mend, table, index, key)
        return None

    def _plain(self, raw: Any, kind: Any, key: str, table: str, index: int) -> Any:
        try:
            return msgspec.convert(raw, kind)
        except msgspec.ValidationError as error:
            place = f"{_header(table)} `{key}`" if table else f"`{key}`"
            what, mend = explain(str(error), raw, kind, table)
            self.complain(f"{place} = {raw!r}: {what}", mend, table, index, key)
            return None

    def moves(self, manifest: schema.Manifest) -> MoveTable:
        symbols: dict[Symbol, Symbol] = {}
        modules: dict[str, str] = {}
        seen: dict[str, str] = {}
        for index, move in enumerate(manifest.move):
            if not self._consistent(move, index):
                continue
            if seen.get(move.old, move.new) != move.new:
                homes = f"{seen[move.old]} and {move.new}"
                self.complain(f"{move.old} moves to two homes, {homes}", "keep one of them", "move", index, "old")
                continue
            if move.old in seen:
                self.complain(f"{move.old} is moved twice", "remove one of them", "move", index, "old")
            seen[move.old] = move.new
            if ":" in move.old:
                symbols[Symbol.parse(move.old)] = Symbol.parse(move.new)
            else:
                modules[move.old] = move.new
        self._unique_stubs(manifest)
        try:
            return collapse(symbols, modules)
        except MoveCycle as cycle:
            self.complain(f"moves lead in a circle: {cycle}", "take one of them out", "move")
            return MoveTable()

    def _consistent(self, move: schema.Move, index: int) -> bool:
        bad = [name for name in (move.old, move.new) if not is_dotted_name(name.replace(":", "."))]
        for name in bad:
            self.complain(f"{name} holds a Python keyword", "correct the path", "move", index)
        if (":" in move.old) != (":" in move.new):
            what = f"{move.old} → {move.new} mixes a symbol with a module"
            self.complain(what, "write both as `module:Name`, or both as modules", "move", index, "old")
            return False
        if move.old == move.new:
            self.complain(f"{move.old} moves to itself", "remove this move", "move", index, "old")
            return False
        return not bad

    def subject(self, manifest: schema.Manifest) -> None:
        """A commit's subject is one line; what follows it in a message are the trailers that `apply` reads."""
        if not manifest.batches.message.isprintable():
            what = "[batches] `message` holds a line break or another control character"
            self.complain(what, "give one line; it becomes the subject of each commit", "batches", 0, "message")

    def roots(self, manifest: schema.Manifest) -> None:
        for root in manifest.scope.roots:
            if root.startswith(("/", "\\")) or ":" in root or ".." in root.split("/"):
                what = f"[scope] root {root} does not lie in the repository"
                self.complain(what, "write it relative to the repository's top", "scope", 0, "roots")

    def commands(self, tables: dict[str, Any]) -> None:
        """As they are written, since a table with another mistake is not decoded."""
        for table, key in (("after", "run"), ("gates", "each"), ("gates", "final")):
            given = tables.get(table)
            for command in _listed(given.get(key) if isinstance(given, dict) else None):
                words = command if isinstance(command, str) else tuple(_listed(command))
                if not (isinstance(command, str | list) and all(isinstance(word, str) for word in words)):
                    continue  # told as a value of a wrong type
                if (problem := commands.problem_of(words)) is not None:
                    what, mend = problem
                    self.complain(f"[{table}] `{key}`: {command!r} {what}", mend, table, 0, key)

    def canonical(self, manifest: schema.Manifest, moves: MoveTable) -> None:
        seen: set[str] = set()
        for index, item in enumerate(manifest.canonical):
            if item.symbol in seen:
                self.complain(f"{item.symbol} has two [[canonical]] tables", "keep one", "canonical", index, "symbol")
            seen.add(item.symbol)
            if (home := moves.symbol(*Symbol.parse(item.symbol))) is not None:
                what = f"{item.symbol} is canonical, and moves to {home}"
                self.complain(what, f"write {home}", "canonical", index, "symbol")

    def patterns(self, manifest: schema.Manifest) -> None:
        """What one pattern's own table shows; whether ast-grep takes it is for the stage that uses it."""
        seen: set[str] = set()
        for index, item in enumerate(manifest.pattern):
            if item.id in seen:
                self.complain(f"{item.id} has two [[pattern]] tables", "keep one", "pattern", index, "id")
            seen.add(item.id)
            if (item.match is None) == (item.rule is None):
                both = "neither `match` nor" if item.match is None else "both `match` and"
                what = f"[[pattern]] {item.id} has {both} `rule`"
                self.complain(what, "write one of the two", "pattern", index)

    def codemods(self, tables: dict[str, Any]) -> None:
        """As they are written, since a table with another mistake is not decoded."""
        for index, key, what, mend in codemods.mistakes_in(_listed(tables.get("codemod"))):
            self.complain(what, mend, "codemod", index, key)

    def _unique_stubs(self, manifest: schema.Manifest) -> None:
        seen: set[str] = set()
        for index, stub in enumerate(manifest.stub):
            if stub.module in seen:
                self.complain(f"{stub.module} has two [[stub]] tables", "keep one", "stub", index, "module")
            seen.add(stub.module)
            for name in sorted(set(stub.keep) & set(stub.drop)):
                self.complain(f"`{name}` stands in both keep and drop", "take one out", "stub", index, "keep")


@cache
def _fields(kind: type[schema.Table]) -> dict[str, msgspec.structs.FieldInfo]:
    """The keys of a table."""
    return {info.encode_name: info for info in msgspec.structs.fields(kind)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _header(table: str) -> str:
    return f"[[{table}]]" if table in _ARRAYS else f"[{table}]"


def _tables() -> Iterator[tuple[str, type[schema.Table], bool]]:
    yield "scope", schema.Scope, False
    yield "rewrite", schema.Rewrite, False
    yield "batches", schema.Batches, False
    yield "proof", schema.Proof, False
    yield "after", schema.After, False
    yield "gates", schema.Gates, False
    yield "targets", schema.Targets, False
    yield "move", schema.Move, True
    yield "canonical", schema.Canonical, True
    yield "stub", schema.Stub, True
    yield "pattern", schema.Pattern, True
    yield "codemod", schema.Codemod, True
    yield "except", schema.Except, True


_TABLES = {name: kind for name, kind, _ in _tables()}
_ARRAYS = frozenset(name for name, _, repeated in _tables() if repeated)
