"""Bad input never stops a plan, and never passes in silence."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from repoint import pipeline
from repoint.analysis.parse import MAX_BYTES
from repoint.errors import UsageError
from repoint.model import Plan, Severity
from repoint.pipeline import PlanRequest, make_plan
from repoint.sources import workers
from tests.conftest import MakeRepo, git
from tests.transform_tools import RENAMED, applied, found, plan_of

IMPORT = "from pkg.old import Old\n"
DEADLY = b"# a parser dies of this"
GOOD = {"good.py": f"{IMPORT}Old()\n"}


def planned(repo: Path, manifest: str = RENAMED, jobs: int | None = 1) -> Plan:
    where = repo.parent / "migration.toml"
    where.write_text(f'name = "case"\n{manifest}')
    return make_plan(PlanRequest(repo, where, None, jobs), lambda *_: None)


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("syntax error", b"x = 1\nfrom pkg.old import Old\ndef (:\n", 2),
        ("Python 2", b"print 'x'\nfrom pkg.old import Old\n", 2),
        ("not UTF-8", b"from pkg.old import Old\n'\xff'\n", 1),
        ("wrong declaration", b"# coding: ascii\nfrom pkg.old import Old\n'\xc3\xa9'\n", 2),
        ("unknown codec", b"# coding: klingon\nfrom pkg.old import Old\n", 2),
        ("NUL byte", b"from pkg.old import Old\n\0\n", 1),
        ("3,000 brackets", b"from pkg.old import Old\nx = " + b"(" * 3_000 + b")" * 3_000 + b"\n", 1),
        ("deep attributes", b"from pkg.old import Old\n" + b"-" * 90_000 + b"Old\n", 1),
        ("conflict marks", b"<<<<<<< ours\nfrom pkg.old import Old\n=======\n>>>>>>> theirs\n", 2),
        ("unclosed bracket", b"from pkg.old import (Old\n", 1),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_first_mention(name: str, data: bytes, line: int) -> None:
    files = {**GOOD, "bad.py": data}
    made = plan_of(files)
    assert found(made, "unparsable") == [("bad.py", line)]
    assert made.applicable
    result = applied(files, made)
    assert result["bad.py"] == data
    assert result["good.py"] == b"from pkg.new import New\nNew()\n"


def test_an_encoding_that_hides_what_stands_there_blocks_the_plan() -> None:
    made = plan_of({**GOOD, "odd.py": f"# coding: utf-7\n{IMPORT}"})
    assert found(made, "encoding-not-plain") == [("odd.py", 1)]
    assert not made.applicable


@pytest.mark.parametrize("data", [b"def (:\n", b"\xff\n", b"\0", b"", b"\n", b"\xef\xbb\xbf", b"# pkg.old\n\xff"])
def test_bad_files_that_name_nothing_are_nobodys_business(data: bytes) -> None:
    made = plan_of({**GOOD, "bad.py": data})
    assert not made.findings
    assert made.counts.changed == 1


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_long_chains_are_read_or_told(size: int) -> None:
    files = {"deep.py": f"{IMPORT}x = Old{'.a()' * size}\ny = {'Old + ' * size}1\n"}
    made = plan_of(files)
    result = applied(files, made)
    assert found(made, "unparsable") or b"Old" not in result["deep.py"]


@pytest.mark.slow
def test_a_file_of_50_mb_is_told() -> None:
    assert MAX_BYTES < 50_000_000
    made = plan_of({**GOOD, "big.py": IMPORT.encode() + b"# filler\n" * 5_600_000})
    assert found(made, "unparsable") == [("big.py", 1)]


def test_a_file_that_vanishes_between_listing_and_reading_comes_from_git(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo({"good.py": GOOD["good.py"].encode()})
    real = pipeline.open_snapshot

    def then_gone(folder: Path, rev: str | None) -> object:
        snapshot = real(folder, rev)
        (repo / "good.py").unlink()
        return snapshot

    monkeypatch.setattr(pipeline, "open_snapshot", then_gone)
    made = planned(repo)
    assert made.counts.changed == 1


def test_links_and_submodules_are_told_and_not_followed(make_repo: MakeRepo) -> None:
    repo = make_repo({"pkg/old.py": b"class Old: ...\n", **{path: text.encode() for path, text in GOOD.items()}})
    (repo / "link.py").symlink_to("good.py")
    git(repo, "add", "link.py")
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub.py")
    git(repo, "commit", "-q", "-m", "odd")
    made = planned(repo)
    assert found(made, "not-a-file") == [("link.py", 1), ("sub.py", 1)]
    assert [change.path for batch in made.batches for change in batch.files] == ["good.py"]


def test_a_path_that_is_not_utf_8_is_told(make_repo: MakeRepo) -> None:
    repo = make_repo({path: text.encode() for path, text in GOOD.items()})
    blob = git(repo, "rev-parse", "HEAD:good.py").strip()
    git(repo, "update-index", "-z", "--index-info", data=b"100644 %s\tcaf\xe9.py\0" % blob)
    git(repo, "commit", "-q", "-m", "odd")
    made = planned(repo)
    assert found(made, "path-not-utf-8") == [("caf\\xe9.py", 1)]
    assert made.counts.changed == 1


@pytest.mark.skipif(sys.platform != "linux", reason="workers elsewhere do not inherit the deadly parser")
def test_a_worker_that_dies_is_its_files_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ast.parse

    def parse_or_die(source: str | bytes, *args: object, **options: object) -> ast.AST:
        if DEADLY in (source if isinstance(source, bytes) else source.encode()):
            os._exit(11)
        return real(source, *args, **options)

    monkeypatch.setattr(ast, "parse", parse_or_die)
    monkeypatch.setattr(workers, "WORTH_A_POOL", 1)
    files = {f"f{number}.py": f"{IMPORT}Old()\n" for number in range(6)}
    made = plan_of({**files, "deadly.py": DEADLY + b"\n" + IMPORT.encode()}, jobs=2)
    assert found(made, "unparsable") == [("deadly.py", 2)]
    assert made.counts.changed == 6


@pytest.mark.parametrize("jobs", [1, 2])
def test_any_number_of_workers_gives_the_same_plan(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(workers, "WORTH_A_POOL", 1)
    files = {f"f{number}.py": f"{IMPORT}Old({number})\n" for number in range(6)} | {"bad.py": f"{IMPORT}def (:\n"}
    made = plan_of(files, jobs=jobs)
    assert found(made, "unparsable") == [("bad.py", 1)]
    assert made.counts.changed == 6


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        make_plan(PlanRequest(tmp_path, tmp_path / "nowhere.toml"), lambda *_: None)


def test_what_is_told_names_a_mend() -> None:
    made = plan_of({"bad.py": f"{IMPORT}def (:\n"})
    (told,) = made.findings
    assert told.severity is Severity.WARNING
    assert told.mend and "bad.py:1" in str(told)
