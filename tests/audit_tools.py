"""Audits for tests: sources and a manifest in, the audit of a commit that holds them out, all in one process."""

from __future__ import annotations

from repoint.auditing.audit import audit_snapshot
from repoint.manifest.decode import Migration, decode
from repoint.measures import Audit, Occurrence, SymbolFigures
from repoint.sources.snapshot import open_snapshot
from tests.transform_tools import RENAMED, Sources, committed

HOMES: Sources = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\n",
    "pkg/new.py": "class New: ...\n",
}


def migration_of(text: str) -> Migration:
    """The migration of a manifest's text, which may leave out its name."""
    named = text if "name =" in text.partition("[")[0] else f'name = "case"\n{text}'
    return decode(named.encode(), "migration.toml")


def audited(files: Sources, manifest: str = RENAMED, *, homes: Sources = HOMES, canonical: bool = False) -> Audit:
    """The audit of a commit of `homes` and `files`; `canonical`: with the places of canonical imports."""
    snapshot = open_snapshot(*committed({**homes, **files}))
    return audit_snapshot(migration_of(manifest), snapshot, lambda *_: None, jobs=1, canonical=canonical)


def imports_in(text: str | bytes, manifest: str = RENAMED, path: str = "app.py", *, homes: Sources = HOMES) -> Audit:
    """The audit of a commit of `homes` and one file."""
    return audited({path: text}, manifest, homes=homes)


def places(audit: Audit, code: str = "") -> list[str]:
    """`path:line:column code` of the occurrences with a code, or of all that are about imports."""
    asked = [item for item in audit.occurrences if item.code == code or (not code and item.code.endswith("-import"))]
    return [f"{item.path}:{item.line}:{item.column} {item.code}" for item in asked]


def only(audit: Audit, code: str) -> Occurrence:
    """The one occurrence with this code."""
    found = [item for item in audit.occurrences if item.code == code]
    assert len(found) == 1, "\n".join(map(str, audit.occurrences))
    return found[0]


def row(audit: Audit, symbol: str) -> SymbolFigures:
    """The row of a symbol."""
    return next(item for item in audit.symbols if item.symbol == symbol)
