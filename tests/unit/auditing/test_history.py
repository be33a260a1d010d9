"""`history`: each commit by what differs from the next one has the figures that an audit of it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from repoint.auditing.history import HistoryRequest, chosen, commits_of, history
from repoint.errors import UsageError
from repoint.sources.git import Git
from tests.audit_branch import Branch, Files
from tests.audit_tools import migration_of
from tests.transform_tools import RENAMED, move

BASE: Files = {
    "pkg/__init__.py": ("100644", ""),
    "pkg/old.py": ("100644", "class Old: ...\n"),
    "pkg/new.py": ("100644", "class New: ...\n"),
    "app.py": ("100644", "from hub import New, Engine\nNew(), Engine()\n"),
}
MIGRATION = migration_of(RENAMED + move("pkg.far", "pkg.near") + '[[canonical]]\nsymbol = "pkg.new:New"\n')
PASSING = "from pkg.new import New\nfrom pkg.new import New as Engine\n"
STAR = "from far import *\n"
TWICE, LAST = "from far import Last as Engine\nNew = 1\n", "from pkg.new import New as Last\n"
OWN = "class New: ...\nclass Engine: ...\n"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    yield Branch(tmp_path_factory.mktemp("branch"), MIGRATION)


def with_files(**changes: str | None) -> Files:
    """The base with other files: `hub="…"` is `hub.py`; `__` is a `/`, a leading `T_` a type file, `I_` a package."""
    found = dict(BASE)
    for key, text in changes.items():
        kind, _, name = key.rpartition("_") if key[:2] in ("T_", "I_") else ("", "", key)
        path = name.replace("__", "/")
        path = {"": f"{path}.py", "T": f"{path}.pyi", "I": f"{path}/__init__.py"}[kind]
        found.pop(path, None)
        if text is not None:
            found[path] = ("100644", text)
    return found


@pytest.mark.parametrize(
    "states",
    [
        pytest.param([with_files(hub=OWN), with_files(hub=PASSING)], id="begins to pass on"),
        pytest.param([with_files(hub=PASSING), with_files(hub=OWN)], id="ceases to pass on"),
        pytest.param([with_files(), with_files(hub=PASSING)], id="a module that comes"),
        pytest.param([with_files(hub=PASSING), with_files()], id="a module that goes"),
        pytest.param([with_files(T_hub=OWN), with_files(T_hub=OWN, hub=PASSING)], id="beside its types"),
        pytest.param([with_files(T_hub=PASSING, hub=OWN), with_files(T_hub=PASSING)], id="leaves its types"),
        pytest.param([with_files(hub=PASSING), with_files(I_hub=PASSING)], id="becomes a package"),
        pytest.param([with_files(hub=PASSING), with_files(I_hub="")], id="becomes an empty package"),
        pytest.param([with_files(hub=STAR, far=PASSING), with_files(hub=STAR, far=OWN)], id="what a star brings"),
        pytest.param([with_files(hub=PASSING, pkg__new=None), with_files(hub=PASSING)], id="a home that comes"),
        pytest.param([with_files(hub=PASSING), with_files(hub=PASSING, pkg__new="New = 1\n")], id="a class no more"),
        pytest.param([with_files(hub=PASSING, pkg__old=None), with_files(hub=PASSING)], id="an old module that comes"),
        pytest.param([with_files(hub="x = (\n"), with_files(hub=PASSING)], id="did not parse"),
        pytest.param([{**with_files(), "hub.py": ("120000", "app.py")}, with_files(hub=PASSING)], id="was a link"),
        pytest.param([{**with_files(), "hub": ("160000", "1" * 40)}, with_files(hub=PASSING)], id="was a submodule"),
        pytest.param([{**with_files(), "caf\\351.py": ("100644", OWN)}, with_files()], id="a path that is not UTF-8"),
        pytest.param([with_files(hub=PASSING), with_files(hub=PASSING), with_files(hub=PASSING)], id="nothing changes"),
        pytest.param([with_files(hub=TWICE, far=LAST), with_files(hub=TWICE, far="Last = 1\n")], id="two names on"),
    ],
)  # fmt: skip
def test_figures_are_those_of_an_audit(branch: Branch, states: list[Files]) -> None:
    for order in (states, states[::-1]):
        commits = branch.commits(order)
        found = history(MIGRATION, HistoryRequest(branch.root, commits[-1], jobs=1, cached=False), lambda *_: None)
        assert [point.commit for point in found.points] == commits
        assert [point.figures for point in found.points] == [branch.audit(commit).figures for commit in commits]


@pytest.fixture(scope="module")
def commits(branch: Branch) -> list[str]:
    return branch.commits([with_files(hub=f"x = {at}\n") for at in range(5)])


def test_commits_after_one_or_since_a_day(branch: Branch, commits: list[str]) -> None:
    git = Git(branch.root)
    assert [item.id for item in commits_of(git, commits[-1], commits[1])] == commits[2:]
    assert [item.id for item in commits_of(git, commits[-1], "2023-11-14")] == commits
    assert commits_of(git, commits[-1], "2023-11-15") == []
    assert (commits_of(git, commits[-1], None)[0].date, commits_of(git, commits[-1], None)[0].subject) == (
        "2023-11-14T22:13:20+00:00", "x",
    )  # fmt: skip


@pytest.mark.parametrize("since", ["nonsense", "deadbeef99", "2023-13-40", "--all", "-1", ""])
def test_what_is_no_commit_and_no_day_is_refused(branch: Branch, commits: list[str], since: str) -> None:
    with pytest.raises(UsageError, match="no commit"):
        commits_of(Git(branch.root), commits[-1], since)


def test_every_so_many_count_back_from_the_last(branch: Branch, commits: list[str]) -> None:
    found = commits_of(Git(branch.root), commits[-1], None)
    assert [item.id for item in chosen(found, 2)] == commits[::2]
    assert [item.id for item in chosen(found, 3)] == commits[1::3]
    assert [item.id for item in chosen(found, 99)] == commits[-1:]


def test_a_span_without_commits_is_refused(branch: Branch, commits: list[str]) -> None:
    with pytest.raises(UsageError, match="no commit since"):
        history(MIGRATION, HistoryRequest(branch.root, commits[-1], commits[-1], jobs=1), lambda *_: None)
