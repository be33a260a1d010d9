"""A second plan reads only what changed, and is the plan that it would be without a cache."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit
from repoint.explaining.values import Answer
from repoint.explaining.why import WhyRequest, make_answer
from repoint.pipeline import PlanRequest, make_plan
from repoint.planning.plan_file import dump
from repoint.registered import Registry
from repoint.registry.make import RegistryRequest, make_registry
from repoint.sources.cache_file import FILE
from tests.conftest import MakeRepo, git
from tests.integration.migrated import BRANCH, commit, migrated, repository, run

MORE = {
    "app/c.py": "from pkg.other import New as Old\n",
    "app/alike.py": "from app.old import Old\n",  # found by the search, and then not asked about
    "app/broken.py": "from pkg.old import Old\ndef (:\n",
    "app/again.py": "from app.a import Old\n",
    "app/named.py": "import pytest\nfrom pkg import old\nmonkeypatch.setattr(old, 'Thing', 1)\n",
}

# Which of the repository's files the process opens while it looks for what is to be moved.
OPENED = """
import json, sys
from pathlib import Path
from repoint.analysis.tree import ModuleTree
from repoint.pipeline import read_manifest
from repoint.planning.survey import Survey
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import open_snapshot
from repoint.sources.workers import Workers
repo, opened = Path(sys.argv[1]), set()
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, Path)) and str(args[0]).endswith(".py"):
        path = Path(args[0])
        if path.is_relative_to(repo):
            opened.add(path.relative_to(repo).as_posix())
sys.addaudithook(hook)
migration, snapshot = read_manifest(Path(sys.argv[2])), open_snapshot(repo, None)
with open_cache(snapshot.git) as cache:
    tree = ModuleTree(snapshot, migration.manifest.scope, cache)
    Survey(migration, tree, Workers(1), lambda *_: None).run()
print(json.dumps(sorted(opened)))
"""


def opened(repo: Path) -> set[str]:
    command = [sys.executable, "-c", OPENED, str(repo), str(repo.parent / "migration.toml")]
    return set(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


def planned(repo: Path, *, cache: bool = True, jobs: int | None = 1) -> tuple[bytes, int]:
    """The plan's bytes, and how many files were analysed for it."""
    told: list[int] = []
    request = PlanRequest(repo, repo.parent / "migration.toml", jobs=jobs, cache=cache)
    made = make_plan(request, lambda what, done, of: told.append(done if what == "analysing" else 0))
    return dump(made), max(told)


def test_the_plan_is_the_same_and_only_what_changed_is_analysed(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, MORE)
    bare, looked_at = planned(repo, cache=False)
    assert not (repo / ".git" / FILE).exists()
    assert planned(repo) == (bare, looked_at)
    assert looked_at > 3
    assert planned(repo) == (bare, 1)  # what does not parse is tried again
    commit(repo, "app/b.py", "import pkg.old\nx = pkg.old.Thing\n")
    after, again = planned(repo)
    assert after == planned(repo, cache=False)[0] != bare
    assert again == 2
    git(repo, "reset", "-q", "--hard", "HEAD^")
    assert planned(repo) == (bare, 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [("app/alike.py", "from pkg.old import Old\n"), ("app/a.py", "x = 1\n"), ("pkg/new.py", "class Thing: ...\n")],
)
def test_what_a_file_was_before_is_not_taken_for_what_it_is(make_repo: MakeRepo, path: str, text: str) -> None:
    repo = repository(make_repo, MORE)
    before, _ = planned(repo)
    commit(repo, path, text)
    after = planned(repo)[0]
    assert after == planned(repo, cache=False)[0]
    ids = re.compile(rb"[0-9a-f]{40}")
    assert ids.sub(b"", after) != ids.sub(b"", before)


def test_a_file_that_is_known_not_to_matter_is_not_even_opened(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, MORE)
    first, second = opened(repo), opened(repo)
    assert {"app/a.py", "app/alike.py", "pkg/old.py"} <= first
    assert first - second >= {"app/alike.py", "pkg/old.py"}
    commit(repo, "app/alike.py", "from app.old import Old, New\n")
    assert opened(repo) == second | {"app/alike.py"}


@pytest.mark.parametrize("command", ["registry", "why"])
def test_a_second_look_reads_only_what_changed(make_repo: MakeRepo, command: str) -> None:
    repo = repository(make_repo, MORE)
    manifest = repo.parent / "migration.toml"

    def looked(*, cache: bool = True) -> tuple[Answer | Registry, int]:
        told = [0]

        def watch(what: str, done: int, _: int) -> None:
            told.append(done if what == "analysing" else 0)

        if command == "registry":
            return make_registry(RegistryRequest(repo, manifest, jobs=1, cache=cache), watch), max(told)
        return make_answer(WhyRequest(repo, "app/a.py:1", repo, manifest, jobs=1, cache=cache), watch), max(told)

    bare, count = looked(cache=False)
    assert not (repo / ".git" / FILE).exists()
    assert looked() == (bare, count)
    assert count > 3
    assert looked() == (bare, 1)  # what does not parse is tried again


def test_a_file_whose_module_is_another_has_other_facts(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, {"src/app/d.py": "from ..pkg.old import Old\n"})
    planned(repo)
    manifest = repo.parent / "migration.toml"
    manifest.write_text(manifest.read_text() + '[scope]\nroots = [".", "src"]\n')
    assert planned(repo)[0] == planned(repo, cache=False)[0]


def test_worktrees_share_what_is_known(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = repository(make_repo)
    git(repo, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    made, looked_at = planned(repo)
    assert looked_at
    assert planned(tmp_path / "linked") == (made, 0)


def test_whatever_is_in_the_file_the_plan_is_the_same(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, MORE)
    bare, _ = planned(repo)
    file, chance = repo / ".git" / FILE, random.Random(3)
    whole = file.read_bytes()
    for _ in range(12):
        broken = bytearray(whole)
        for _ in range(40):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        file.write_bytes(broken)
        assert planned(repo)[0] == bare


def test_a_lock_or_a_missing_right_is_nothing_to_speak_of(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repository(make_repo)
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    told = capsys.readouterr()
    other = sqlite3.connect(repo / ".git" / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    other.close()
    assert capsys.readouterr() == told
    (repo / ".git" / FILE).unlink()
    (repo / ".git" / FILE).mkdir()
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    assert capsys.readouterr() == told


@pytest.mark.parametrize("command", [("plan", "--out", "p.json"), ("prune", "--out", "p.json"), ("verify",)])
def test_no_cache_reads_and_writes_none(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    repo = migrated(make_repo)
    git(repo, "switch", "-q", BRANCH)
    (repo / ".git" / FILE).unlink()
    capsys.readouterr()
    assert run(repo, *command, "--no-cache", "--json") == Exit.DONE
    told = capsys.readouterr()
    assert not (repo / ".git" / FILE).exists()
    for _ in range(2):
        assert run(repo, *command, "--json") == Exit.DONE
        assert capsys.readouterr() == told
    assert (repo / ".git" / FILE).exists()


def test_apply_takes_nothing_from_it(make_repo: MakeRepo) -> None:
    repo = repository(make_repo)
    assert run(repo, "plan", "--out", "p.json", "--no-cache") == Exit.DONE
    part = ("--batch", "1", "--manifest", str(repo.parent / "migration.toml"))  # a part is proved again
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo), *part]) == Exit.DONE
    assert not (repo / ".git" / FILE).parent.exists()
