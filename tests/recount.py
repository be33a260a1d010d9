"""Counts imports of governed symbols a second time, over `ast` alone: a folder and a manifest in, counts out.

Shares no code with `repoint`. `python -m tests.recount FOLDER MANIFEST [AUDIT.json]` prints one row for each symbol,
and exits 1 where an audit in JSON (made of the same files) says otherwise.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

Row = Counter[str]


class Recount:
    """All files of a folder, read once; asked for one manifest."""

    def __init__(self, folder: Path, manifest: dict) -> None:
        self.trees: dict[str, tuple[str, bool, ast.Module]] = {}
        self.lines: dict[str, list[str]] = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            if parts[0] == ".git" or not path.is_file():
                continue
            package = parts[-1] == "__init__"
            names = parts[:-1] if package else parts
            module = ".".join(names) if all(name.isidentifier() for name in names) else ""
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = path.read_bytes()
                    tree = ast.parse(data)
            except (SyntaxError, ValueError, RecursionError):
                continue
            self.trees[path.relative_to(folder).as_posix()] = (module, package, tree)
            self.lines[path.relative_to(folder).as_posix()] = data.decode("latin-1").splitlines()
        self.modules = {module: path for path, (module, _, _) in self.trees.items() if module}
        self.packages = {head for module in self.modules for head in _heads(module)}
        self.moves = {item["old"]: item["new"] for item in manifest.get("move", []) if ":" in item["old"]}
        self.whole = {item["old"]: item["new"] for item in manifest.get("move", []) if ":" not in item["old"]}
        self.stubs = {item["module"]: set(item.get("keep", [])) for item in manifest.get("stub", [])}
        self.symbols = {*self.moves.values(), *(item["symbol"] for item in manifest.get("canonical", []))}
        self.homes = {symbol.partition(":")[0] for symbol in self.symbols} | set(self.whole.values())
        self.old = {old.partition(":")[0] for old in self.moves} | self.whole.keys() | self.stubs.keys()
        self.top: dict[str, dict[str, tuple[str, str] | None]] = {}

    def rows(self) -> dict[str, Row]:
        """How each symbol is imported, by kinds."""
        rows: dict[str, Row] = defaultdict(Counter)
        for module, name, local, here, kept in self._imported():
            kind, symbol = self._kind(module, name, local, here)
            if kind:
                rows[symbol]["kept" if kept and kind == "deprecated" else kind] += 1
        return rows

    def _imported(self) -> Iterator[tuple[str, str, str, str, bool]]:
        """Each imported name: its module, its name, what it is called, who imports it, and whether it is kept."""
        for path, (here, package, tree) in self.trees.items():
            bound: dict[str, str] = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    bound |= {alias.asname or alias.name: alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    module = _absolute(node, here, package)
                    for alias in node.names:
                        local, target = alias.asname or alias.name, f"{module}.{alias.name}"
                        if target in self.packages:
                            bound[local] = target
                        elif alias.name != "*":
                            kept = "repoint: keep" in self.lines[path][node.lineno - 1]
                            yield module, alias.name, local, here, kept
            for module, name in sorted(self._read(tree, bound)):
                yield module, name, name, here, False

    def _read(self, tree: ast.Module, bound: dict[str, str]) -> set[tuple[str, str]]:
        """Names that are read through modules, the `bound` ones, each once."""
        wanted = self.homes | self.old
        names = {symbol.partition(":")[2] for symbol in (*self.symbols, *self.moves)}
        read = set()
        for node in ast.walk(tree) if bound else ():
            if isinstance(node, ast.Attribute) and (node.attr in names or not wanted.isdisjoint(bound.values())):
                module = bound.get(ast.unparse(node.value), "")
                if module in wanted or (module in self.packages and node.attr in names):
                    read.add((module, node.attr))
        return read

    def _kind(self, module: str, name: str, local: str, here: str) -> tuple[str, str]:
        """The kind of an import and the symbol that it counts for; both empty where it leads to nothing governed."""
        symbol = f"{module}:{name}"
        new = self.moves.get(symbol) or (f"{self.whole[module]}:{name}" if module in self.whole else "")
        if new:
            return "deprecated", new
        redirects = self.whole.get(here) == module or (symbol in self.symbols and self._redirects(here, name, local))
        if redirects and self._end(module, name):
            return "", ""  # what makes an old path lead to the symbol
        if module in self.stubs:
            return ("kept" if name in self.stubs[module] else self._missing(module, name)), symbol
        if symbol in self.symbols:
            return ("canonical" if local == name else "alias"), symbol
        if module in self.homes:
            end = self._end(module, name)
            if end == symbol:
                return "canonical", symbol
            if not end:
                return ("" if name.startswith("__") else "unresolvable"), symbol
            return ("reexport" if end in self.symbols else ""), end
        if name not in {item.partition(":")[2] for item in (*self.symbols, *self.moves)}:
            return self._renamed(module, name)
        if module not in self.packages:
            return ("unresolvable" if module.partition(".")[0] in self.packages else ""), self._named(name)
        end = self._end(module, name)
        end = self.moves.get(end, end)
        return ("reexport" if end in self.symbols else ""), end

    def _redirects(self, here: str, name: str, local: str) -> bool:
        return here in self.whole or f"{here}:{local}" in self.moves or (here in self.old and local != name)

    def _renamed(self, module: str, name: str) -> tuple[str, str]:
        """A name that a module gives to something governed."""
        end = self._end(module, name) if module in self.modules else ""
        end = self.moves.get(end, end)
        return ("reexport", end) if end in self.symbols else ("", "")

    def _missing(self, module: str, name: str) -> str:
        return "deprecated" if self._end(module, name) else "unresolvable"

    def _named(self, name: str) -> str:
        """The symbol that a spelling stands for."""
        for symbol in sorted(self.symbols):
            if symbol.endswith(f":{name}"):
                return symbol
        return next((new for old, new in sorted(self.moves.items()) if old.endswith(f":{name}")), "")

    def _end(self, module: str, name: str, seen: tuple[str, ...] = ()) -> str:
        """Where a name is defined; empty where it is not."""
        if module not in self.modules or module in seen:
            return ""
        if module not in self.top:
            self.top[module] = _bindings(*self.trees[self.modules[module]])
        bound = self.top[module]
        if name not in bound:
            if f"{module}.{name}" in self.packages:
                return f"{module}.{name}:"
            starred = (origin[0] for local, origin in bound.items() if local.startswith("*") and origin)
            return next((end for star in starred if (end := self._end(star, name, (*seen, module)))), "")
        origin = bound[name]
        if origin is None:
            return f"{module}:{name}"
        return self._end(*origin, (*seen, module)) or f"{origin[0]}:{origin[1]}"


def _bindings(module: str, package: bool, tree: ast.Module) -> dict[str, tuple[str, str] | None]:
    """What a module's own statements bind: None for a definition, else what is imported; the last one counts."""
    found: dict[str, tuple[str, str] | None] = {}
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = None
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                local = f"*{len(found)}" if alias.name == "*" else alias.asname or alias.name
                found.setdefault(local, (_absolute(node, module, package), alias.name))
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: (alias.name, "") for alias in node.names}
        else:
            names = (item for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store))
            found |= {name.id: None for name in names if not hasattr(node, "body") and name.id not in found}
            for block in ("body", "orelse", "finalbody"):
                todo[:0] = getattr(node, block, [])
            for handler in getattr(node, "handlers", []):
                todo += handler.body
    return found


def _absolute(node: ast.ImportFrom, here: str, package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = here.split(".") if package else here.split(".")[:-1]
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _heads(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]


KINDS = ("canonical", "deprecated", "alias", "reexport", "unresolvable", "kept")


def main(arguments: list[str]) -> int:
    """Print the counts, and compare them with an audit where one is named."""
    manifest = tomllib.loads(Path(arguments[1]).read_text(encoding="utf-8"))
    rows = Recount(Path(arguments[0]), manifest).rows()
    for symbol, row in sorted(rows.items()):
        print(f"{symbol}  {'  '.join(f'{kind} {row[kind]}' for kind in KINDS if row[kind])}")
    if len(arguments) < 3:
        return 0
    audit = json.loads(Path(arguments[2]).read_text(encoding="utf-8"))
    told = {item["symbol"]: Counter({kind: item[kind] for kind in KINDS}) for item in audit["symbols"]}
    found = differences(rows, told)
    for symbol in found:
        print(f"differs: {symbol}: recount {dict(+rows.get(symbol, Row()))}, audit {dict(+told.get(symbol, Row()))}")
    print(f"{len(rows)} symbols, {len(found)} differ")
    return 1 if found else 0


def differences(rows: Mapping[str, Row], told: Mapping[str, Row]) -> list[str]:
    """The symbols of which the two counts differ; imports of modules as such are not recounted."""
    symbols = sorted(symbol for symbol in rows.keys() | told.keys() if ":" in symbol)
    return [symbol for symbol in symbols if +rows.get(symbol, Row()) != +told.get(symbol, Row())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
