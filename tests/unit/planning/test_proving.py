"""The proof as a stage of planning: a planted fault refuses the plan, and the check that saw it says so."""

from __future__ import annotations

import pytest

from repoint.analysis.facts import FileFacts
from repoint.analysis.parse import Unparsable
from repoint.model import Plan, Severity
from repoint.planning import proving
from repoint.proof.model import Examined, Subject
from repoint.transforms import rewrite
from repoint.transforms.world import World
from tests.transform_tools import RENAMED, found, plan_of

FILES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\n",
    "pkg/new.py": "class New: ...\n",
    "app.py": "from pkg.old import Old\n\n\ndef f(New):\n    return Old, New\n",
}


def failed(made: Plan) -> dict[str, int]:
    return {check.name: check.failed for check in made.proof if check.failed}


def test_a_good_plan_says_what_was_looked_at() -> None:
    made = plan_of(FILES)
    assert made.applicable and failed(made) == {}
    assert {check.name: check.looked_at for check in made.proof}["parses"] == 1


@pytest.mark.parametrize(
    ("facade", "user"),
    [
        ("import pkg.old as m\n", "import facade\nfacade.m.lost()\n"),
        ("import pkg.old as m\n", "from facade import m\nm.lost()\n"),
        ("from pkg import old as m\n", "from facade import m \\\n    as x\nx.lost()\n"),
        ("import pkg.old as m\n", "import hop\nhop.m.lost()\n"),
        ("m = None\n", "import importlib\nimportlib.import_module('pkg.old').lost()\n"),
        ("m = None\n", "from importlib import import_module\nm = import_module('pkg.old')\nm.lost()\n"),
    ],
)
def test_a_dropped_name_is_missed_through_modules_that_pass_its_module_on(facade: str, user: str) -> None:
    files = {**FILES, "pkg/old.py": FILES["pkg/old.py"] + "def lost(): ...\n", "hop.py": "from facade import m\n"}
    stub = '[[stub]]\nmodule = "pkg.old"\ndrop = ["lost"]\n'
    made = plan_of({**files, "facade.py": facade, "user.py": user}, RENAMED + stub)
    assert not made.applicable
    assert {path for path, _ in found(made, "not-proved")} == {"user.py"}
    fine = plan_of({**files, "facade.py": facade, "user.py": user.replace("lost", "Old")}, RENAMED + stub)
    assert fine.applicable


def test_a_capture_refuses_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repoint.transforms.symbols.clash", lambda *_: None)
    made = plan_of(FILES)
    assert not made.applicable
    assert found(made, "not-proved") == [("app.py", 5)]
    assert list(failed(made)) == ["same but for the moves, name by name"]


def test_a_rewrite_that_is_not_done_at_once_refuses_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving.Prefilter, "wants", lambda self, data: True)
    real = rewrite.rewrite
    kept: dict[str, rewrite.Rewritten] = {}

    def restless(facts: FileFacts, data: bytes, world: World) -> rewrite.Rewritten:
        done = real(facts, data, world)
        return kept.setdefault(facts.path, done)

    monkeypatch.setattr(rewrite, "rewrite", restless)
    made = plan_of({**FILES, "app.py": "from pkg.old import Old\nOld()\n"})
    assert list(failed(made)) == ["nothing left to move"]
    (told,) = [item for item in made.findings if item.code == "not-proved"]
    assert "`pkg.old` on line 1 would change once more" in told.message


def test_an_examination_that_nests_too_deeply_refuses_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(subject: Subject) -> Examined:
        raise RecursionError

    monkeypatch.setattr(proving, "examine", too_deep)
    made = plan_of({**FILES, "app.py": "from pkg.old import Old\n"})
    assert not made.applicable
    assert "nested too deeply" in next(item.message for item in made.findings if item.code == "not-proved")


def test_a_stub_that_does_not_parse_refuses_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repoint.planning.proving.check", _refuse)
    made = plan_of(FILES, f'{RENAMED}[[stub]]\nmodule = "pkg.old"\n')
    assert not made.applicable and failed(made)["parses"] == 1


def _refuse(data: bytes) -> None:
    raise Unparsable(1, "planted")


def test_a_new_cycle_refuses_the_plan_unless_it_is_accepted() -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/old.py": "class Old: ...\n",
        "pkg/new.py": "import app\nclass New: ...\n",
        "app.py": "from pkg.old import Old\nOld\n",
    }
    made = plan_of(files)
    assert not made.applicable and list(failed(made)) == ["no new cycle of imports"]
    (told,) = [item for item in made.findings if item.code == "not-proved"]
    assert told.severity is Severity.ERROR and "app → pkg.new → app" in told.message
    assert plan_of(files, f'{RENAMED}[proof]\ncycles = [["app", "pkg.new"]]\n').applicable
