"""Small repositories as the proof sees them: texts by path in, trees and findings out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from repoint.model import Finding
from repoint.names import module_of
from repoint.proof.model import Examined, NewImport, Pair
from repoint.proof.pairs import Moves
from repoint.proof.repository import prove_repository
from repoint.proof.resolve import Tree


def tree(files: Mapping[str, str | bytes]) -> Tree:
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    by_module: dict[str, str] = {}
    for path in sorted(data, key=lambda path: (path.endswith(".pyi"), path)):
        by_module.setdefault(module_of(path), path)
    by_module.pop("", None)
    return Tree(by_module, data.__getitem__)


@dataclass
class Migration:
    """A repository, what becomes of it (None: deleted), and what the examination of its files would say."""

    before: dict[str, str]
    changes: dict[str, str | None] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    stubs: frozenset[str] = frozenset()
    pairs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    imports: dict[str, list[NewImport]] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    accepted: frozenset[frozenset[str]] = frozenset()
    searched: list[frozenset[str]] = field(default_factory=list)

    @property
    def after(self) -> dict[str, str]:
        return {path: text for path, text in {**self.before, **self.changes}.items() if text is not None}

    def findings(self) -> tuple[Finding, ...]:
        paths = sorted({*self.pairs, *self.imports, *self.lost})
        verdicts = prove_repository(
            [self._examined(path) for path in paths],
            tree(self.before),
            tree(self.after),
            Moves(self.symbols, self.modules),
            self.stubs,
            self._search,
            self.accepted,
        )
        return tuple(sorted({fault for verdict in verdicts for fault in verdict.faults}))

    def told(self) -> list[str]:
        """The findings as `path:line message`, which all must be errors of this proof."""
        findings = self.findings()
        assert {(finding.code, finding.severity.value) for finding in findings} <= {("not-proved", "error")}
        return [f"{finding.path}:{finding.line} {finding.message}" for finding in findings]

    def _examined(self, path: str) -> Examined:
        pairs = tuple(Pair(1, old.rpartition(".")[2], old, new) for old, new in self.pairs.get(path, []))
        return Examined(path, (), pairs, tuple(self.imports.get(path, [])), tuple(self.lost.get(path, [])))

    def _search(self, words: frozenset[str]) -> list[str]:
        self.searched.append(words)
        pattern = re.compile("|".join(rf"\b{re.escape(word)}" + r"\b" * word.isidentifier() for word in words))
        return sorted(path for path, text in {**self.before, **self.after}.items() if pattern.search(text))
