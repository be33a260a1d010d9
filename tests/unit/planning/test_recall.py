"""What is kept of a look at a file comes back as the same value, for the same question about the same blob only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from repoint.analysis.namespace import Namespace, read_namespace
from repoint.analysis.query import Query
from repoint.manifest.moves import MoveTable
from repoint.model import Failed, SourceFile
from repoint.names import Symbol, module_of
from repoint.planning.look import Passed, Seen, surveying
from repoint.planning.recall import KIND, File, Outcome, keep, question, recalled
from repoint.sources.cache import Cache
from repoint.sources.snapshot import Located, blob_id

LIBRARY = Path(subprocess.__file__).parent
FOLDERS = ("json", "importlib", "logging", "unittest", "concurrent/futures", "email/mime", "xml/etree")
MOVES = MoveTable(
    {Symbol("typing", "Any"): Symbol("kinds", "Anything"), Symbol("functools", "wraps"): Symbol("tools", "wraps")},
    {"os": "system", "importlib.abc": "importlib.bases", "unittest.mock": "mock"},
)
QUERY = Query(
    MOVES, frozenset({"re"}), frozenset({"Any", "sys", "name", "self", "logger"}), ("importlib.import_module",)
)
FILE = File("app/a.py", "b" * 40, "app.a")
OTHER = File("app/b.py", "b" * 40, "app.b")


def source(path: str, data: bytes) -> Located:
    return Located(path, "100644", blob_id(data, 40), len(data), None, data)


def seen(text: str) -> Outcome:
    data = text.encode()
    return surveying(QUERY, bool)((Located(FILE.path, "100644", FILE.blob, len(data), None, data), FILE.module))


def test_facts_of_the_standard_library_come_back_as_they_were(tmp_path: Path) -> None:
    look, outcomes = surveying(QUERY, lambda data: len(data) % 5 > 0), {}
    for file in sorted(path for folder in FOLDERS for path in (LIBRARY / folder).glob("*.py")):
        path = file.relative_to(LIBRARY).as_posix()
        located = source(path, file.read_bytes())
        outcomes[File(path, located.blob, module_of(path))] = look((located, module_of(path)))
    with Cache(tmp_path) as cache:
        keep(cache, "q", outcomes.items())
    with Cache(tmp_path) as cache:
        found = recalled(cache, "q", outcomes)
    assert found == {file.path: outcome for file, outcome in outcomes.items()}
    facts = [outcome.facts for outcome in outcomes.values() if isinstance(outcome, Seen)]
    assert len(facts) > 30
    assert Passed.UNWANTED in outcomes.values()
    for field in ("imports", "scopes", "references", "strings", "hazards", "exported"):
        assert any(getattr(item, field) for item in facts), field


def test_namespaces_of_the_standard_library_come_back_as_they_were() -> None:
    for file in sorted(path for folder in FOLDERS for path in (LIBRARY / folder).glob("*.py")):
        path = file.relative_to(LIBRARY).as_posix()
        made = read_namespace(SourceFile(path, "100644", "", file.read_bytes()), module_of(path))
        assert isinstance(made, Namespace)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Namespace) == made


def test_failures_and_files_that_were_not_read_are_looked_at_again(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        for outcome in (seen("def ("), Failed(FILE.path, 1, "the parser died of it"), Passed.UNREAD, Passed.DEADLY):
            keep(cache, "q", [(FILE, outcome)])
            assert recalled(cache, "q", [FILE]) == {}
        keep(cache, "q", [(FILE, seen("import os"))])
        assert recalled(cache, "q", [FILE]) == {FILE.path: seen("import os")}
        assert recalled(cache, "another", [FILE]) == {}


def test_another_place_of_the_same_blob_has_facts_of_its_own(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        keep(cache, "q", [(FILE, seen("import os"))])
        assert recalled(cache, "q", [OTHER, FILE._replace(module="a"), FILE._replace(blob="c" * 40)]) == {}


@pytest.mark.parametrize(
    "value", [b"", b"\xc1", msgspec.msgpack.encode(3), msgspec.msgpack.encode([{"path": "app/a.py"}, b""])]
)
def test_what_does_not_decode_is_looked_at_again(tmp_path: Path, value: bytes) -> None:
    with Cache(tmp_path) as cache:
        cache.put(KIND, "q", {FILE.key: value})
        assert recalled(cache, "q", [FILE]) == {}


def test_the_facts_of_another_file_under_its_key_are_not_taken(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        cache.put(KIND, "q", {OTHER.key: msgspec.msgpack.encode(seen("import os"))})
        assert recalled(cache, "q", [OTHER]) == {}


DIFFERING = [
    Query(MoveTable({Symbol("a", "B"): Symbol("c", "B")}, {}), frozenset(), frozenset()),
    Query(MoveTable({Symbol("a", "B"): Symbol("c", "D")}, {}), frozenset(), frozenset()),
    Query(MoveTable({}, {"a": "b"}), frozenset(), frozenset()),
    Query(MoveTable(), frozenset({"a"}), frozenset()),
    Query(MoveTable(), frozenset(), frozenset({"a"})),
    Query(MoveTable(), frozenset(), frozenset(), ("a",)),
    Query(MoveTable(), frozenset(), frozenset(), (), frozenset({Symbol("a", "B")})),
    Query(MoveTable(), frozenset(), frozenset(), (), frozenset(), {"a": frozenset({"B"})}),
    Query(MoveTable(), frozenset(), frozenset(), (), frozenset(), {"a": frozenset()}),
    Query(MoveTable(), frozenset(), frozenset(), (), frozenset(), {}, frozenset({Symbol("a", "B")})),
]


def test_every_part_of_a_question_counts() -> None:
    asked = [question(query) for query in DIFFERING] + [question(DIFFERING[0], frozenset({"a"}), frozenset())]
    asked += [question(DIFFERING[0], frozenset(), frozenset({"a"})), question(DIFFERING[0], {b"a": {b"b"}})]
    assert len(set(asked)) == len(asked)


def test_a_question_is_the_same_in_every_process() -> None:
    code = (
        "from repoint.analysis.query import Query; from repoint.manifest.moves import MoveTable\n"
        "from repoint.names import Symbol; from repoint.planning.recall import question\n"
        "many = frozenset(map(str, range(50))); symbols = frozenset(Symbol(a, a) for a in many)\n"
        "moves = MoveTable({old: old for old in symbols}, {a: a for a in many})\n"
        "query = Query(moves, many, many, ('b', 'a'), symbols, {a: many for a in many}, symbols)\n"
        "print(question(query, {a.encode(): set(many) for a in many}))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    with pytest.raises(TypeError, match="object has no stable spelling"):
        question(QUERY, object())
