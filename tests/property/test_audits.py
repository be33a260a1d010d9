"""Whatever is edited: audits that go by what was seen before say what an audit from nothing says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from repoint.auditing.changed import sides
from repoint.auditing.history import HistoryRequest, history
from repoint.sources.snapshot import open_snapshot
from tests.audit_branch import Branch, Content, Files
from tests.audit_tools import migration_of
from tests.property.test_rewrites import PROFILE

MIGRATION = migration_of("""
[[move]]
old = "pkg.old:Old"
new = "pkg.new:New"
[[move]]
old = "pkg.far"
new = "pkg.near"
[[stub]]
module = "pkg.old"
keep = ["helper"]
[[canonical]]
symbol = "pkg.new:New"
aliases = "forbid"
construct = "forbid"
[[pattern]]
id = "no-print"
message = "prints"
match = "print($$$)"
[scope]
roots = [".", "src"]
""")
LINES = (
    "from pkg.old import Old\n",
    "from pkg.old import Old as Engine\n",
    "from pkg.old import helper, gone\n",
    "from pkg.new import New\n",
    "from pkg.new import New as Engine\n",
    "from pkg.new import *\n",
    "from pkg import old, new\nold.Old(), new.New()\n",
    "import pkg.new\nimport pkg.old\npkg.old.Old(), pkg.new.New()\n",
    "from hub import New\nNew()\n",
    "from hub import Engine\nEngine()\n",
    "from hub import Engine as Motor\n",
    "from hub import *\n",
    "from app import Motor, Engine\nMotor()\n",
    "from pkg.far import thing\n",
    "from pkg.far.deep import thing\n",
    "from pkg.near import thing, missing\n",
    "class New: ...\n",
    "class Old: ...\n",
    "def thing(): ...\ndef helper(): ...\n",
    "New = 1\n",
    "print(1)\n",
    "x = (\n",
    "patch('pkg.old.Old')\nimport sys\nsys.modules['pkg.far']\n",
)
PATHS = (
    "pkg/__init__.py",
    "pkg/old.py",
    "pkg/old.pyi",
    "pkg/new.py",
    "pkg/new/__init__.py",
    "pkg/far.py",
    "pkg/far/__init__.py",
    "pkg/far/deep.py",
    "pkg/near.py",
    "hub.py",
    "hub/__init__.py",
    "src/hub.py",
    "app.py",
    "lib/a.py",
    "lib/caf\\351.py",
    "notes.txt",
)


def contents() -> st.SearchStrategy[Content | None]:
    texts = st.lists(st.sampled_from(LINES), min_size=0, max_size=3).map(lambda lines: ("100644", "".join(lines)))
    others = st.sampled_from([None, ("120000", "app.py"), ("160000", "1" * 40), ("100755", "")])
    return st.one_of(texts, texts, texts, others)


FIRST = {
    "pkg/__init__.py": ("100644", ""),
    "pkg/old.py": ("100644", "class Old: ...\ndef helper(): ...\n"),
    "pkg/new.py": ("100644", "class New: ...\n"),
    "hub.py": ("100644", "from pkg.new import New\nfrom pkg.new import New as Engine\n"),
    "app.py": ("100644", "from hub import Engine as Motor\nfrom pkg.old import Old\n"),
}


@st.composite
def trees(draw: st.DrawFn) -> list[Files]:
    """The files of some commits, each by a few changes of the one before; no file is a folder as well."""
    state: Files = dict(FIRST)
    found = []
    for _ in range(draw(st.integers(2, 4))):
        for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
            content = draw(contents())
            for other in [item for item in state if item.startswith(f"{path}/") or path.startswith(f"{item}/")]:
                del state[other]
            state.pop(path, None)
            if content is not None:
                state[path] = content
        found.append(dict(state))
    return found


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    yield Branch(tmp_path_factory.mktemp("branch"), MIGRATION)


def tell(states: list[Files]) -> None:
    for at, state in enumerate(states):
        note(f"--- commit {at}\n" + "\n".join(f"{path} {mode}: {text!r}" for path, (mode, text) in state.items()))


@settings(PROFILE, max_examples=14)
@given(states=trees())
def test_a_history_has_the_figures_of_each_commits_audit(branch: Branch, states: list[Files]) -> None:
    tell(states)
    commits = branch.commits(states)
    found = history(MIGRATION, HistoryRequest(branch.root, commits[-1], jobs=1, cached=False), lambda *_: None)
    assert [point.commit for point in found.points] == commits
    for point in found.points:
        assert point.figures == branch.audit(point.commit).figures


@settings(PROFILE, max_examples=6)
@given(states=trees())
def test_an_audit_that_goes_by_the_last_one_is_the_same(branch: Branch, states: list[Files]) -> None:
    tell(states)
    for commit in branch.commits(states):
        plain = branch.audit(commit)
        assert branch.audit(commit, cached=True) == plain
        assert branch.audit(commit, cached=True) == plain


@settings(PROFILE, max_examples=14)
@given(states=trees())
def test_a_look_at_what_changed_sees_what_the_whole_says_of_it(branch: Branch, states: list[Files]) -> None:
    tell(states)
    first, *_, last = branch.commits(states)
    before, after = sides(MIGRATION, open_snapshot(branch.root, last), first, lambda *_: None, jobs=1)
    _, changed = open_snapshot(branch.root, last).at(first)
    for side, commit in ((before, first), (after, last)):
        whole = branch.audit(commit)
        assert side.occurrences == tuple(item for item in whole.occurrences if item.path in changed)
