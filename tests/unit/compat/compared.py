"""Repositories of a few sources, compared in memory; comments in a user's source say which findings it is to have."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.namespace import Namespace, read_namespace
from repoint.analysis.namespaces import Namespaces
from repoint.analysis.query import Query
from repoint.compat import files as compat_files
from repoint.compat.definitions import Definitions
from repoint.compat.modules import Modules
from repoint.compat.moves import conclude, prepare
from repoint.compat.values import Definition
from repoint.manifest.moves import MoveTable, prefixes
from repoint.model import Comparison, Failed, Finding, SourceFile
from repoint.names import Symbol, module_of

OLD, NEW = Symbol("pkg.old", "Old"), Symbol("pkg.new", "New")
_EXPECTED = re.compile(r"#: ([\w-]+(?:, [\w-]+)*)")


@dataclass
class Sources:
    """A tree of sources by path."""

    files: Mapping[str, str]
    namespaces: Namespaces = field(init=False)
    by_module: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.by_module = {module_of(path): path for path in self.files}
        modules = frozenset(head for module in self.by_module for head in prefixes(module))
        self.namespaces = Namespaces(modules, self._namespace)

    def data(self, path: str) -> bytes:
        return self.files[path].encode()

    def source(self, path: str) -> SourceFile:
        return SourceFile(path, "100644", "", self.data(path))

    def _namespace(self, module: str) -> Namespace | Failed | None:
        if module not in self.by_module:
            return Namespace("", module, (), (), None, False) if module in self.namespaces.modules else None
        return read_namespace(self.source(self.by_module[module]), module)

    def facts(self, moves: Mapping[Symbol, Symbol]) -> list[FileFacts]:
        table = MoveTable(dict(moves))
        names = frozenset(name for pair in moves.items() for symbol in pair for name in symbol)
        query = Query(table, frozenset(), names)
        found = [analyse(self.source(path), module_of(path), query) for path in sorted(self.files)]
        return [item for item in found if isinstance(item, FileFacts)]


def text(source: str) -> str:
    return textwrap.dedent(source).lstrip("\n")


def compare(
    files: Mapping[str, str], moves: Mapping[Symbol, Symbol] | None = None
) -> tuple[tuple[Comparison, ...], tuple[Finding, ...]]:
    """The comparison over sources; one move from `pkg.old:Old` to `pkg.new:New` if none is given."""
    tree = Sources(files)
    moves = moves or {OLD: NEW}
    prepared = prepare(moves, tree, tree.facts(moves))
    return conclude(prepared, [compat_files.check(job, tree.data(job.facts.path)) for job in prepared.jobs])


def definition(source: str, name: str = "New", **others: str) -> Definition | None:
    """The definition of `name` in the module `pkg.new`, which has `source`."""
    files = {"pkg/new.py": text(source), **{f"pkg/{module}.py": text(other) for module, other in others.items()}}
    tree = Sources(files)
    modules = Modules(
        tree.namespaces, lambda module: tree.data(tree.by_module[module]) if module in tree.by_module else None
    )
    return Definitions(modules).get(Symbol("pkg.new", name))


def check(old: str, new: str, user: str, path: str = "app.py", **others: str) -> tuple[Comparison, tuple[Finding, ...]]:
    """Compare, and hold the findings against the `#: code` comments of `user`."""
    user = text(user)
    if "import" not in user:
        user = f"from pkg.old import Old\n{user}"
    files = {"pkg/old.py": text(old), "pkg/new.py": text(new), path: user}
    files |= {f"pkg/{module}.py": text(other) for module, other in others.items()}
    table, findings = compare(files)
    told = sorted((item.line, item.code) for item in findings if item.path == path)
    wanted = [
        (number, code)
        for number, line in enumerate(user.splitlines(), 1)
        for found in _EXPECTED.findall(line)
        for code in found.split(", ")
    ]
    assert told == sorted(wanted), "\n".join(map(str, findings))
    return table[0], findings
