"""`repoint diff`: which files it shows, and in which form for whom."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import msgspec
import pytest

from repoint.cli import diff as diff_command  # the module: the function is called by its options
from repoint.cli import main, output
from repoint.errors import Exit
from repoint.planning.plan_file import dump
from tests.builders import added, batch, blob_id, edit, plan, replaced
from tests.conftest import MakeRepo, git

LATIN = "# é\nfrom old import A\n".encode("latin-1")
FILES = {"pkg/a.py": b"from old import A\n", "pkg/deep/b.py": b"import old\n", "tests/t.py": LATIN}
PLAN = plan(
    batch(1, replaced("tests/t.py", LATIN, ("old", "new"), encoding="latin-1"), title="tests"),
    batch(
        2,
        replaced("pkg/a.py", FILES["pkg/a.py"], ("old", "new")),
        replaced("pkg/deep/b.py", FILES["pkg/deep/b.py"], ("old", "new")),
        added("pkg/new.py", "x = 1\n"),
    ),
)


@pytest.fixture
def repo(make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_repo(FILES)
    (tmp_path / "p.json").write_bytes(dump(PLAN))
    monkeypatch.chdir(tmp_path)
    return made


def titles(text: str) -> list[str]:
    return [line.split(" b/")[1] for line in text.splitlines() if line.startswith("diff --git ")]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, colour: bool) -> None:
    for module in (output, diff_command):
        monkeypatch.setattr(module, "is_terminal", lambda: True)
    monkeypatch.setattr(diff_command, "has_colour", lambda: colour)


def test_piped_it_is_a_patch_in_the_files_own_bytes(repo: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["diff", "p.json", "--repo", str(repo)]) == Exit.DONE
    patch = capfdbinary.readouterr().out
    assert " # é\n".encode("latin-1") in patch
    git(repo, "apply", "--index", data=patch)
    assert git(repo, "ls-files", "-s", "pkg/new.py").split()[1].decode() == blob_id(b"x = 1\n")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--batch", "01"], ["tests/t.py"]),
        (["--batch", "1"], ["tests/t.py"]),
        (["--batch", "1-2", "--path", "tests/**"], ["tests/t.py"]),
        (["--path", "pkg/*"], ["pkg/a.py", "pkg/new.py"]),
        (["--path", "pkg/**", "--batch", "02"], ["pkg/a.py", "pkg/deep/b.py", "pkg/new.py"]),
        (["--path", "pkg/a.py", "--path", "tests/*"], ["tests/t.py", "pkg/a.py"]),
        (["--path", "nothing/*"], []),
    ],
)
def test_batches_and_paths_narrow_it(
    options: list[str], shown: list[str], repo: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["diff", "p.json", "--repo", str(repo), *options]) == Exit.DONE
    assert titles(capfdbinary.readouterr().out.decode("latin-1")) == shown


def test_an_unknown_batch_is_told_with_those_there_are(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "p.json", "--repo", str(repo), "--batch", "9"]) == Exit.USAGE
    (error,) = capsys.readouterr().err.splitlines()
    assert error == "repoint: error: --batch: '9' is no batch of the plan; there are 1 to 2: 01, 02"


def test_a_missing_plan_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "no-such.json"]) == Exit.USAGE
    assert "no-such.json: cannot be read" in capsys.readouterr().err


def test_stat(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "p.json", "--repo", str(repo), "--stat"]) == Exit.DONE
    assert capsys.readouterr().out.splitlines() == [
        " tests/t.py     2  +-",
        " pkg/a.py       2  +-",
        " pkg/deep/b.py  2  +-",
        " pkg/new.py     1  +",
        " 4 files changed, 4 insertions(+), 3 deletions(-)",
    ]


@pytest.mark.parametrize("colour", [True, False])
def test_on_a_terminal_it_is_for_reading(
    colour: bool, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal(monkeypatch, colour=colour)
    assert main(["diff", "p.json", "--repo", str(repo), "--no-pager"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert ("\x1b[32m" in shown) is colour
    assert "# é" in shown
    assert "index " not in shown


def test_gits_pager_shows_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "pager.py"
    script.write_text("import os, sys\nprint('paged', os.environ['LESS'], len(sys.stdin.buffer.read()) > 200)\n")
    monkeypatch.setenv("GIT_PAGER", shlex.join([Path(sys.executable).as_posix(), script.as_posix()]))
    monkeypatch.delenv("LESS", raising=False)
    on_a_terminal(monkeypatch, colour=True)
    assert main(["diff", "p.json", "--repo", str(repo)]) == Exit.DONE
    assert capfd.readouterr().out.split() == ["paged", "FRX", "True"]


def test_a_pager_that_is_left_early_is_no_failure(tmp_path: Path) -> None:
    script = tmp_path / "pager.py"
    script.write_text("import sys; sys.stdin.close()\n")
    pager = shlex.join([Path(sys.executable).as_posix(), script.as_posix()])
    output.print_paged(("x" * 1000 for _ in range(1000)), pager)


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager-anywhere -x"])
def test_without_a_pager_it_is_printed(pager: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.print_paged(["a", "b"], pager)
    assert capsys.readouterr().out == "a\nb\n"


def test_a_plan_that_does_not_fit_shows_nothing(repo: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fits, other = PLAN.batches[1].files[:2]
    wrong = msgspec.structs.replace(other, edits=(edit(500, "old", "new"),))
    (tmp_path / "p.json").write_bytes(dump(plan(batch(1, fits, wrong))))
    assert main(["diff", "p.json", "--repo", str(repo)]) == Exit.REFUSED
    out, told = capfd.readouterr()
    assert (out, len(told.splitlines())) == ("", 1)
    assert "pkg/deep/b.py: the plan does not fit the file: edit" in told


def test_a_tree_is_not_shown_as_a_file(repo: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tree = git(repo, "rev-parse", "HEAD^{tree}").decode().strip()
    change = msgspec.structs.replace(PLAN.batches[1].files[0], before=tree)
    (tmp_path / "p.json").write_bytes(dump(plan(batch(1, change))))
    assert main(["diff", "p.json", "--repo", str(repo)]) == Exit.USAGE
    assert f"blob {tree} is missing" in capfd.readouterr().err
