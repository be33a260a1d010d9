"""Parts of a plan on real repositories: good ones are proved and applied, and each fault says what to take in."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from repoint.errors import Exit, NotProved, Refused
from repoint.execution.apply import Applied, ApplyOptions, apply
from repoint.model import Batch, Check, Edit, EditKind, FileChange, Plan
from repoint.pipeline import read_manifest
from repoint.planning.plan_file import read
from repoint.planning.selection import Selection, select
from repoint.proving_again import prove_part, require_proof
from repoint.sources.snapshot import open_snapshot
from tests.builders import blob_id
from tests.conftest import MakeRepo, git
from tests.integration.migrated import MANIFEST, MOVES, commit, edit, migrated, repository, run
from tests.transform_tools import move

DELETE = f'name = "case"\n{MOVES}[[stub]]\nmodule = "pkg.old"\nmode = "delete"\ndrop = ["dump"]\n'
FIRST = f'{MANIFEST}[batches]\nstubs = "first"\n'
PATCHING = "from unittest.mock import patch\n\n\ndef test():\n    with patch('pkg.old.Old'):\n        pass\n"


def planned(repo: Path) -> Plan:
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    return read(repo.parent / "p.json")


def proved(repo: Path, part: Selection, standing: tuple[Batch, ...] = ()) -> tuple[Check, ...]:
    migration, snapshot = read_manifest(repo.parent / "migration.toml"), open_snapshot(repo, part.plan.base)
    return require_proof(part, migration, snapshot, lambda *_: None, standing=standing, jobs=1)


def faults(repo: Path, part: Selection, standing: tuple[Batch, ...] = ()) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(NotProved) as caught:
        proved(repo, part, standing)
    assert caught.value.exit_code == Exit.NOT_PROVED
    return str(caught.value).splitlines()


def applied(repo: Path, part: Selection) -> Applied:
    return apply(part.plan, ApplyOptions(repo=repo), lambda *_: None)


def ids(made: Plan) -> list[str]:
    return [batch.id for batch in made.batches]


def test_the_whole_plan_is_proved_as_it_was(make_repo: MakeRepo) -> None:
    repo = repository(make_repo)
    made = planned(repo)
    again = {check.name: (check.looked_at, check.failed) for check in proved(repo, select(made))}
    assert again.pop("strings that stay reach what they name") == (0, 0)
    told = {check.name: (check.looked_at, check.failed) for check in made.proof}
    assert told.pop("nothing left to move")
    assert again == told


def test_users_may_move_without_their_stub_and_the_rest_follow(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, {"lib/c.py": "from pkg.old import Old\nOld()\n"}, DELETE)
    made = planned(repo)
    assert ids(made) == ["01-app", "02-lib", "03-delete-pkg-old"]
    first, rest = select(made, "1"), select(made, "2-")
    proved(repo, first)
    assert len(applied(repo, first).commits) == 1
    assert faults(repo, rest)  # on its own it would take the module from `app`
    proved(repo, rest, standing=made.batches[:1])
    assert len(applied(repo, rest).commits) == 2
    assert run(repo, "verify") == Exit.DONE


def test_a_skipped_user_of_what_is_deleted(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, manifest=DELETE)
    made = planned(repo)
    assert faults(repo, select(made, None, ("app/a.py",))) == [
        "app/a.py:1: pkg.old.Old (pkg.old.Old before) is used here, and is gone after the migration;"
        " take in app/a.py as well, or leave out batch 2 (02-delete-pkg-old) too",
        "app/a.py:1: pkg.old.Thing (pkg.old.Thing before) is used here, and is gone after the migration;"
        " take in app/a.py as well, or leave out batch 2 (02-delete-pkg-old) too",
    ]
    told = faults(repo, select(made, "2"))
    assert [line.partition(":")[0] for line in told] == ["app/a.py", "app/a.py", "app/b.py"]
    assert all(line.endswith("; take in batch 1 (01-app) as well") for line in told)
    assert git(repo, "branch", "--list", "repoint/*") == b""


def test_a_skipped_user_of_a_redirect_goes_on(make_repo: MakeRepo) -> None:
    repo = repository(make_repo)
    part = select(planned(repo), None, ("app/a.py",))
    proved(repo, part)
    applied(repo, part)
    assert git(repo, "show", "repoint/case:app/a.py") == git(repo, "show", "trunk:app/a.py")
    assert b"from pkg.new import" in git(repo, "show", "repoint/case:pkg/old.py")


def test_a_skipped_home_that_imports_the_old_module(make_repo: MakeRepo) -> None:
    files = {
        "pkg/old.py": "class Base: ...\nclass Old(Base): ...\n",
        "pkg/base.py": "class Base: ...\n",
        "pkg/new.py": "from pkg.old import Base\nclass New(Base): ...\n",
        "app/a.py": "from pkg.old import Old\nOld()\n",
        "app/b.py": "",
    }
    moves = move("pkg.old:Old", "pkg.new:New") + move("pkg.old:Base", "pkg.base:Base")
    repo = repository(make_repo, files, f'name = "case"\n{moves}[[stub]]\nmodule = "pkg.old"\n')
    made = planned(repo)
    assert ids(made) == ["01-app", "02-pkg", "03-redirect-pkg-old"]
    (told,) = faults(repo, select(made, None, ("2",)))
    assert told.startswith("pkg/old.py:1: this import would close a cycle of imports: pkg.old → pkg.new → pkg.old;")
    assert told.endswith("; take in batch 2 (02-pkg) as well, or leave out batch 3 (03-redirect-pkg-old) too")
    proved(repo, select(made, "1-2"))
    proved(repo, select(made, "2-3"))


def test_a_private_helper_that_only_a_skipped_module_uses(make_repo: MakeRepo) -> None:
    files = {
        "pkg/old.py": "class Old: ...\nclass Thing: ...\ndef dump(): ...\ndef _helper(): ...\n",
        "pkg/older.py": "from pkg.old import _helper\nclass Older: ...\n",
        "pkg/new.py": "class New: ...\nclass Thing: ...\nclass Newer: ...\n",
    }
    more = move("pkg.older:Older", "pkg.new:Newer") + '[[stub]]\nmodule = "pkg.older"\ndrop = ["_helper"]\n'
    repo = repository(make_repo, files, MANIFEST + more)
    made = planned(repo)
    assert ids(made) == ["01-app", "02-redirect-pkg-older", "03-redirect-pkg-old"]
    assert faults(repo, select(made, "1,3")) == [
        "pkg/older.py:1: pkg.old._helper (pkg.old._helper before) is used here, and is gone after the migration;"
        " take in batch 2 (02-redirect-pkg-older) as well, or leave out batch 3 (03-redirect-pkg-old) too"
    ]
    proved(repo, select(made, "-2"))
    proved(repo, select(made, "1"))


def test_a_skipped_import_of_what_is_deleted_and_lives_on_as_a_name(make_repo: MakeRepo) -> None:
    """`pkg.old` is an attribute of `pkg` still, but no module that could be imported from."""
    gone = DELETE.replace(MOVES, '[[move]]\nold = "pkg.old"\nnew = "pkg.new"\n')
    files = {
        "pkg/__init__.py": "from pkg import old\n",
        "pkg/old.py": "class Thing: ...\n",
        "app/a.py": "from pkg.old import Thing\nThing()\n",
        "app/b.py": "import pkg.old\n",
        "app/c.py": "from pkg import old\nold.Thing()\n",
    }
    repo = repository(make_repo, files, gone)
    made = planned(repo)
    assert [told.partition(" (")[0] for told in faults(repo, select(made, None, ("app/**",)))] == [
        "app/a.py:1: pkg.old",
        "app/b.py:1: pkg.old",
    ]


def test_a_skipped_stub_that_was_to_come_first(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, manifest=FIRST)
    made = planned(repo)
    assert ids(made) == ["01-redirect-pkg-old", "02-app"]
    told = faults(repo, select(made, "2"))
    assert told[0] == (
        "app/a.py:2: pkg.old.Old is not pkg.new.New yet where only the stubs stand;"
        " take in batch 1 (01-redirect-pkg-old) as well"
    )
    proved(repo, select(made, "1"))
    proved(repo, select(made, "2"), standing=made.batches[:1])


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (MANIFEST, "pkg.old.Old is patched here, which reaches nothing once pkg.old is a stub"),
        (DELETE, "pkg.old.Old is named by a string here, and is gone after the migration"),
    ],
)
def test_a_skipped_patch_of_what_becomes_a_stub(make_repo: MakeRepo, manifest: str, why: str) -> None:
    repo = repository(make_repo, {"tests/test_p.py": PATCHING, "app/b.py": ""}, manifest)
    made = planned(repo)
    assert faults(repo, select(made, None, ("tests/**",))) == [
        f"tests/test_p.py:5: {why}; take in batch 1 (01-tests) as well, or leave out batch 3 ({made.batches[2].id}) too"
    ]
    proved(repo, select(made, None, ("tests/**", "3")))


def test_a_string_in_a_file_of_another_encoding_has_its_line(make_repo: MakeRepo) -> None:
    text = "# coding: latin-1\n# déjà vu\nfrom unittest.mock import patch\nwith patch('pkg.old.Old'): pass\n"
    repo = repository(make_repo)
    (repo / "tests").mkdir()
    (repo / "tests/test_l.py").write_bytes(text.encode("latin-1"))
    (repo / "tests/test_b.py").write_bytes("\ufeffimport pkg\nfrom unittest.mock import patch\n".encode())
    commit(repo, "tests/__init__.py", "")
    (told,) = faults(repo, select(planned(repo), None, ("tests/**",)))
    assert told.startswith("tests/test_l.py:4: ")


def test_text_files_come_along(make_repo: MakeRepo) -> None:
    manifest = f'{MANIFEST}[rewrite]\ntext = ["*.toml"]\n'
    repo = repository(make_repo, {"setup.toml": 'run = "pkg.old:Old"\n'}, manifest)
    part = select(planned(repo), None, ("app/**",))
    assert [change.path for batch in part.plan.batches for change in batch.files] == ["setup.toml", "pkg/old.py"]
    proved(repo, part)


def test_several_workers_say_the_same(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repoint.sources.workers.WORTH_A_POOL", 1)
    monkeypatch.setattr("repoint.sources.workers.WORTH_SENDING", 1)
    many = {f"app/m{number}.py": "from pkg.old import Old\nOld()\n" for number in range(6)}
    repo = repository(make_repo, many, DELETE)
    part = select(planned(repo), None, ("app/m1.py",))
    migration, snapshot = read_manifest(repo.parent / "migration.toml"), open_snapshot(repo, part.plan.base)
    one, two = (prove_part(part, migration, snapshot, lambda *_: None, jobs=jobs) for jobs in (1, 2))
    assert one == two and [finding.path for finding in one[0]] == ["app/m1.py"]


def test_a_part_of_a_pruning(make_repo: MakeRepo) -> None:
    files = {"pkg/older.py": "from pkg.old import Old\n\n__all__ = ['Old']\n"}
    repo = migrated(make_repo, files)  # where `pkg.older` is a redirect to `pkg.old`'s home, and no stub yet
    edit(repo, "pkg/older.py", "from pkg.old import Old\n\n__all__ = ['Old']\n")
    (repo.parent / "migration.toml").write_text(f'{MANIFEST}[[stub]]\nmodule = "pkg.older"\n')
    commit(repo, "pkg/older.pyi", "from pkg.old import Old as Old\n")
    assert run(repo, "prune", "--out", "prune.json") == Exit.DONE
    made = read(repo.parent / "prune.json")
    assert [change.path for change in made.batches[0].files] == ["pkg/old.py", "pkg/older.py", "pkg/older.pyi"]
    assert made.batches[0].groups == (("pkg/older.py", "pkg/older.pyi"),)
    proved(repo, select(made, None, ("pkg/old.py",)))
    part = select(made, None, ("pkg/older.py",))
    assert part.notes == ("pkg/older.pyi is left out with pkg/older.py: they only make sense together",)
    told = faults(repo, part)
    assert [line.partition(": ")[0] for line in told] == ["pkg/older.py:1", "pkg/older.pyi:1"]
    assert all(" is used here, and is gone after the migration; take in pkg/older.py" in line for line in told)


def with_change(made: Plan, change: FileChange) -> Selection:
    """The plan with another first change, as somebody else may have written it; its last batch is left out."""
    first = replace(made.batches[0], files=(change, *made.batches[0].files[1:]))
    return Selection(made, replace(made, batches=(first,)))


def test_what_is_no_edit_of_the_migration(make_repo: MakeRepo) -> None:
    repo = repository(make_repo)
    made = planned(repo)
    real = made.batches[0].files[0]
    data = (repo / real.path).read_text()

    def written(text: str, kind: EditKind) -> FileChange:
        whole = Edit(0, len(data), data, text, kind, "stub")
        return replace(real, edits=(whole,), after=blob_id(text.encode()))

    def fault(change: FileChange) -> str:
        (told,) = faults(repo, with_change(made, change))
        return told

    assert "is replaced as a whole, and is no [[stub]]" in fault(written("import os\n", EditKind.STUB))
    assert "is replaced as a whole, and is no [[stub]]" in fault(replace(real, after=None))
    assert fault(written("import os\n", EditKind.IMPORT)).startswith("app/a.py:")
    assert "is not the file that was planned" in fault(replace(real, before="0" * 40))
    assert "is no file at the plan's base" in fault(replace(real, before=None))
    assert "is no file at the plan's base" in fault(replace(real, path="app/none.py"))
    assert "its edits do not lead to the file" in fault(replace(real, after="0" * 40))
    misfit = replace(real.edits[0], before="nothing like it")
    assert "its edits do not fit" in fault(replace(real, edits=(misfit,)))


def test_another_manifest_or_commit_is_refused(make_repo: MakeRepo) -> None:
    repo = repository(make_repo)
    part = select(planned(repo), "1")
    manifest = repo.parent / "migration.toml"
    manifest.write_text(f"{MANIFEST}\n")
    with pytest.raises(Refused, match="the manifest is not the one that the plan was made of; plan again"):
        proved(repo, part)
    manifest.write_text(MANIFEST)
    commit(repo, "README.md", "later\n")
    proved(repo, part)  # at its own commit
    with pytest.raises(Refused, match="is not the plan's base"):
        prove_part(part, read_manifest(manifest), open_snapshot(repo, None), lambda *_: None)
