"""The conformance cases with stubs are good migrations: the proof has nothing to say; it has when a home is mutated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repoint.manifest import Migration as Manifest
from repoint.manifest import decode
from repoint.model import Finding
from repoint.proof.model import Examined
from repoint.proof.pairs import Moves
from repoint.proof.repository import prove_repository
from tests.conformance.run import Case, load
from tests.unit.proof.trees import tree

CASES = [load(path) for path in sorted(Path(__file__).parents[2].glob("conformance/cases/stub-*.case"))]
HOMES = ("engines/user_engine.py", "engines/factory.py")
GOOD = [case for case in CASES if not case.expect.get("plan_exit")]


def prove(case: Case, after: dict[str, bytes]) -> tuple[Finding, ...]:
    manifest: Manifest = decode(case.manifest.encode(), case.name)
    before = tree(case.before)
    stubs = frozenset(stub.module for stub in manifest.manifest.stub)
    examined = []
    for path in sorted(case.after):
        module = before.module_at(path)
        old, new = before.namespace(module), tree(after).namespace(module)
        if old is not None and new is not None and module not in stubs:
            examined.append(Examined(path, (), (), (), tuple(sorted(old.bindings.keys() - new.bindings.keys()))))

    def search(words: frozenset[str]) -> list[str]:
        pattern = re.compile("|".join(rf"\b{re.escape(word)}" for word in words).encode())
        return [path for path, data in after.items() if path.endswith(".py") and pattern.search(data)]

    symbols = {old.dotted: new.dotted for old, new in manifest.moves.symbols.items()}
    moves = Moves(symbols, manifest.moves.modules)
    verdicts = prove_repository(examined, before, tree(after), moves, stubs, search)
    return tuple(fault for verdict in verdicts for fault in verdict.faults)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_stub_cases_are_proved(case: Case) -> None:
    assert prove(case, case.result) == ()


@pytest.mark.parametrize("name", ["stub-redirect", "stub-warn", "stub-lazy", "stub-first", "stub-home-by-chain"])
def test_a_home_that_loses_its_names_is_missed(name: str) -> None:
    case = next(case for case in GOOD if case.name == name)
    stubs = {path for path, data in case.after.items() if b"Deprecated: import from" in data}
    emptied = {**case.result, **{path: b"" for path in HOMES if path in case.result}}
    assert stubs
    assert stubs <= {finding.path for finding in prove(case, emptied)}
