"""Plans made to do harm, from the command line to a real repository: one line, and not a byte is written."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repoint.cli import main
from repoint.errors import Exit
from repoint.planning import plan_file
from repoint.planning.plan_file import dump
from tests.builders import blob_id
from tests.conftest import git
from tests.integration.apply_cases import BEFORE, BRANCH, plan_of

Captured = pytest.CaptureFixture[bytes]
Attack = Callable[[Any], None]
ESCAPES = "\x1b]0;owned\x07\x1b[2J"
SUBMODULE = "1" * 40
HOOKS = (
    *("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-checkout", "post-merge", "pre-push"),
    *("post-rewrite", "pre-rebase", "reference-transaction", "post-index-change", "fsmonitor-watchman", "update"),
)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: what writes nothing leaves nothing to clean up. Its working tree would follow the branch."""
    made = tmp_path_factory.mktemp("hostile") / "repo"
    made.mkdir()
    git(made, "init", "-q", "-b", BRANCH)
    for path, data in {**BEFORE, "other/x.py": b"z = 1\n"}.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_bytes(data)
    git(made, "add", "-A")
    link = git(made, "hash-object", "-w", "--stdin", data=b".git/hooks").decode().strip()
    for mode, blob, path in (("120000", link, "link"), ("160000", SUBMODULE, "sub")):
        git(made, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
    git(made, "commit", "-q", "-m", "base")
    git(made, "checkout", "-q", "--", ".")
    (made / ".git" / "repoint").mkdir()
    (made / ".git" / "repoint" / "lock").touch()
    return made


def everything(repo: Path) -> dict[str, bytes]:
    """Every file of the working tree and of the git directory, links by what they name."""
    found = [Path(folder, name) for folder, folders, names in os.walk(repo) for name in (*folders, *names)]
    return {
        path.relative_to(repo).as_posix(): (
            os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        )
        for path in found
    }


def check_refused(repo: Path, captured: Captured, data: bytes, code: Exit, what: str) -> None:
    """The commands that take a plan: `apply` refuses, `diff` refuses or shows, and none does anything else."""
    path = repo.parent / "plan.json"
    path.write_bytes(data)
    before = everything(repo)
    assert main(["apply", str(path), "--repo", str(repo)]) == code
    out, told = captured.readouterr()
    assert out == b""
    check_line(told, what)
    shown = main(["diff", str(path), "--repo", str(repo)])
    out, told = captured.readouterr()
    assert shown == Exit.USAGE if code == Exit.USAGE else shown in (Exit.DONE, Exit.USAGE, Exit.REFUSED)
    if shown != Exit.DONE:
        assert out == b""
        check_line(told, "")
    assert everything(repo) == before


def check_line(told: bytes, what: str) -> None:
    line = told.decode("utf-8")
    assert line.startswith("repoint: error: ") and line.endswith("\n") and len(line) < 7_000
    assert what in line
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in line[:-1])
    assert "\u202e" not in line


def first(raw: Any) -> Any:
    """The change of a tracked file."""
    return raw["batches"][0]["files"][0]


def new(raw: Any) -> Any:
    """The change that makes a file."""
    return raw["batches"][0]["files"][1]


def at(path: str) -> Attack:
    return lambda raw: new(raw).update(path=path)


def of_first(**fields: Any) -> Attack:
    return lambda raw: first(raw).update(fields)


def of_edit(**fields: Any) -> Attack:
    return lambda raw: first(raw)["edits"][0].update(fields)


def of_batch(**fields: Any) -> Attack:
    return lambda raw: raw["batches"][0].update(fields)


def of_plan(**fields: Any) -> Attack:
    return lambda raw: raw.update(fields)


def doubled(raw: Any) -> None:
    raw["batches"].append(raw["batches"][0])


def overlapping(raw: Any) -> None:
    first(raw)["edits"] *= 2


def both_cases(raw: Any) -> None:
    raw["batches"][0]["files"].append(new(raw) | {"path": "Caf\u00e9.py"})
    new(raw)["path"] = "cafe\u0301.py"


def misfit_later(raw: Any) -> None:
    raw["batches"][2]["files"][0]["after"] = "2" * 40


UNTRUSTED: dict[str, tuple[Attack, str]] = {
    "dots": (at("../x.py"), "`..`"),
    "dots inside": (at("a/../../x.py"), "`..`"),
    "absolute": (at("/tmp/x.py"), "is absolute"),
    "drive": (at("C:/x.py"), "holds a colon"),
    "UNC": (at("\\\\host\\share"), "holds a backslash"),
    "git directory": (at(".git/hooks/post-checkout"), "git's own directory"),
    "git directory in capitals": (at("a/.GIT/config"), "git's own directory"),
    "git directory by its short name": (at("GIT~1/config"), "git's own directory"),
    "git directory on HFS+": (at(".g\u200cit/config"), "git's own directory"),
    "git directory with a dot": (at(".git./config"), "ends in a dot or a space"),
    "NTFS stream": (at(".git::$INDEX_ALLOCATION/config"), "holds a colon"),
    "path with escapes": (at(f"{ESCAPES}.py"), "holds a control character"),
    "path written backwards": (at("\u202eyp.x"), "holds a control character"),
    "endless path": (at("x" * 1_000_000), "too long"),
    "deep path": (at("a/" * 1_500 + "x"), "folders deep"),
    "device": (at("aux.py"), "device on Windows"),
    "short name": (at("UNTOUC~1.PY"), "short name"),
    "two paths that are one": (both_cases, "the same on some file systems"),
    "below another file": (at("tools/run.py/x.py"), "lies below file"),
    "symlink's mode": (of_first(mode="120000"), "no regular file's"),
    "submodule's mode": (of_first(mode="160000"), "no regular file's"),
    "folder's mode": (of_first(mode="040000"), "no regular file's"),
    "capital id": (of_first(before="A" * 40), "no blob id"),
    "id of another hash": (of_first(after="1" * 64), "no blob id"),
    "option for an id": (of_first(before="--batch"), "no blob id"),
    "no text encoding": (of_first(encoding="zip"), "unknown encoding"),
    "module for an encoding": (of_first(encoding="../../x"), "unknown encoding"),
    "quadratic encoding": (of_first(encoding="punycode"), "not what it looks like"),
    "encoding that hides": (of_first(encoding="utf-7"), "not what it looks like"),
    "overlapping edits": (overlapping, "overlap"),
    "reversed edit": (of_edit(start=30, end=20), "overlap or are out of order"),
    "negative edit": (of_edit(start=-5), "overlap or are out of order"),
    "edit beyond 2**63": (of_edit(start=2**63, end=2**63), "overlap or are out of order"),
    "huge number": (of_edit(start=10**4_000), "overlap or are out of order"),
    "edit that tells another length": (of_edit(before="x"), "but tells 1"),
    "batch twice": (doubled, "stands twice"),
    "forged trailer": (of_batch(message="x\n\nRepoint-Batch: 3/3"), "not one line"),
    "trailer for a subject": (of_batch(message="Repoint-Plan: " + "1" * 64), "passes for a trailer"),
    "revert for a subject": (of_batch(message="This reverts commit " + "1" * 40), "passes for a trailer"),
    "title with escapes": (of_batch(title=ESCAPES), "not one line"),
    "title written backwards": (of_batch(title="safe \u202e"), "not one line"),
    "endless title": (of_batch(title="x" * 1_000_000), "not one line"),
    "batch without files": (of_batch(files=[]), "has no files"),
    "branch outside": (of_plan(name="../x"), "no migration's"),
    "option for a branch": (of_plan(name="-x"), "no migration's"),
    "reflog for a branch": (of_plan(name="@{-1}"), "no migration's"),
    "ref for a branch": (of_plan(name="refs/heads/main"), "no migration's"),
    "option for a base": (of_plan(base="--all"), "no commit id"),
    "command": (of_plan(gates=["rm -rf ."]), "unknown field"),
    "command in a batch": (of_batch(run="rm -rf ."), "unknown field"),
    "key with escapes": (of_plan(**{f"{ESCAPES}\u202e": 1}), "unknown field"),
    "endless key": (of_plan(**{"x" * 1_000_000: 1}), "unknown field"),
    "unsettled": (
        lambda raw: raw.update(unsettled=[{"module": f"{ESCAPES}\u202e", "orphans": [], "keep": [], "drop": []}]),
        "without a home",
    ),
    "home outside": (
        lambda raw: raw["ground"].update(homes=[{"path": "../x", "blob": "1" * 40, "names": []}]),
        "`..`",
    ),
}


@pytest.mark.parametrize("name", UNTRUSTED)
def test_what_no_plan_may_hold(repo: Path, capfdbinary: Captured, name: str) -> None:
    attack, what = UNTRUSTED[name]
    raw = json.loads(dump(plan_of(repo)))
    attack(raw)
    data = json.dumps(raw, ensure_ascii=False).encode()
    check_refused(repo, capfdbinary, data, Exit.USAGE, what)


def told_as(text: str, told: str) -> Attack:
    """The text in the place of a file, which Python reads as UTF-8 or as it declares, and the plan tells otherwise."""

    def attack(raw: Any) -> None:
        edit = {"start": 0, "end": len(BEFORE["tools/run.py"]), "before": BEFORE["tools/run.py"].decode()}
        edit |= {"after": text, "kind": "stub", "rule": "stub"}
        first(raw).update(encoding=told, edits=[edit], after=blob_id(text.encode(told)))

    return attack


HIDDEN = b'x = "\x1b$B";exit();#\x1b(B"\n'.decode("iso2022_jp")  # five kanji between quotes

UNFIT: dict[str, tuple[Attack, str]] = {
    "code told as kanji": (told_as(HIDDEN, "iso2022_jp"), "read in the encoding 'utf-8', and the plan tells it in"),
    "code in a comment": (told_as("# coding: utf-7\n# +AAo-import os\n", "utf-8"), "read in the encoding 'utf-7'"),
    "code below a long line": (
        told_as("#" * 9_000 + "\r# coding: utf-7\r# +AAo-import os\n", "utf-8"),
        "read in the encoding 'utf-7'",
    ),
    "unknown encoding": (told_as("# coding: nothing\n", "utf-8"), "could not be read: unknown encoding"),
    "another blob before": (of_first(before=blob_id(BEFORE["old.py"])), "stale"),
    "no blob before": (of_first(before="0" * 40), "stale"),
    "another blob after": (of_first(after="2" * 40), "do not give the blobs that it promises"),
    "another blob after in the last batch": (misfit_later, "do not give the blobs that it promises: old.py"),
    "text not in place": (of_edit(start=1, end=15), "does not find the text it replaces"),
    "beyond the end": (of_edit(start=10_000, end=10_014), "lies outside the file"),
    "through a symlink": (at("link/post-checkout"), "stands in the way"),
    "over a symlink": (at("link"), "stands in the way"),
    "through a symlink of another case": (at("LINK/post-checkout"), "stands in the way"),
    "into a submodule": (at("sub/x.py"), "stands in the way"),
    "over a submodule": (at("sub"), "stands in the way"),
    "below a file": (at("untouched.py/x.py"), "stands in the way"),
    "over a file of another case": (at("UNTOUCHED.py"), "stands in the way"),
    "over an untracked file": (at("untracked.py"), "untracked files"),
    "no commit": (of_plan(base=blob_id(BEFORE["old.py"])), "is not in this repository"),
    "not in the repository": (of_plan(base="3" * 40), "is not in this repository"),
    "another manifest": (of_plan(gated=True), "has gates"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_the_repository(repo: Path, capfdbinary: Captured, name: str) -> None:
    (repo / "untracked.py").write_bytes(b"mine\n")
    attack, what = UNFIT[name]
    raw = json.loads(dump(plan_of(repo)))
    attack(raw)
    check_refused(repo, capfdbinary, json.dumps(raw).encode(), Exit.REFUSED, what)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 1_000_000,
        b'{"schema_version": 1, "x": ' + b'{"x":' * 1_000_000,
        b'{"schema_version": 1e400}',
        b'{"schema_version": ' + b"9" * 1_000_000 + b"}",
        b'{"schema_version": 1, "name": "\xff"}',
        b'\xef\xbb\xbf{"schema_version": 1}',
        '{"schema_version": 1}'.encode("utf-16"),
        b'{"schema_version": 1, "schema_version": 2}',
        b'{"schema_version": 1' + b', "x": 0' * 100_000 + b"}",
    ],
    ids=["empty", "deep", "deep keys", "infinite", "digits", "not UTF-8", "BOM", "UTF-16", "two keys", "many keys"],
)
def test_what_is_no_plan(repo: Path, capfdbinary: Captured, data: bytes) -> None:
    check_refused(repo, capfdbinary, data, Exit.USAGE, "is ")
    for command in ("log", "rollback"):
        assert main([command, str(repo.parent / "plan.json"), "--repo", str(repo)]) == Exit.USAGE
        check_line(capfdbinary.readouterr().err, "is ")


def test_a_gigabyte(repo: Path, capfdbinary: Captured) -> None:
    path = repo.parent / "huge.json"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # takes no room where the file system knows of holes
    for command in ("apply", "diff", "log", "rollback"):
        assert main([command, str(path), "--repo", str(repo)]) == Exit.USAGE
        check_line(capfdbinary.readouterr().err, f"has 1000000000 bytes, a plan has at most {plan_file.MAX_BYTES}")
    path.unlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_does_not_hang(repo: Path, capfdbinary: Captured) -> None:
    pipe = repo.parent / "pipe"
    os.mkfifo(pipe)
    for command in ("apply", "diff"):
        assert main([command, str(pipe), "--repo", str(repo)]) == Exit.USAGE
        check_line(capfdbinary.readouterr().err, "is no regular file")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_folder_that_is_a_link_in_the_working_tree(repo: Path, tmp_path: Path, capfdbinary: Captured) -> None:
    outside = tmp_path / "outside"
    (repo / "tools").rename(outside)
    try:
        (repo / "tools").symlink_to(outside, target_is_directory=True)
        before = everything(outside)
        check_refused(repo, capfdbinary, dump(plan_of(repo)), Exit.REFUSED, "uncommitted changes")
        assert everything(outside) == before
        (repo / "tools").unlink()
    finally:
        outside.rename(repo / "tools")


@pytest.mark.skipif(os.name == "nt", reason="hooks and filters are shell scripts here")
def test_what_git_runs_of_the_repository_s_own(make_repo: Callable[[dict[str, bytes]], Path]) -> None:
    """The table in SECURITY.md."""
    repo = make_repo({**BEFORE, ".gitattributes": b"*.py filter=own\n"})
    plan, log = repo.parent / "plan.json", repo.parent / "log"
    plan.write_bytes(dump(plan_of(repo)))
    for name in HOOKS:
        hook = repo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> '{log}'\ncat > '{os.devnull}'\n")
        hook.chmod(0o755)
    git(repo, "config", "core.fsmonitor", str(repo / ".git" / "hooks" / "fsmonitor-watchman"))
    for name in ("clean", "smudge"):
        git(repo, "config", f"filter.own.{name}", f"echo {name} >> '{log}'; cat")

    def run_by(*command: str) -> set[str]:
        log.write_text("")
        assert main([*command, str(plan), "--repo", str(repo)]) == Exit.DONE
        return set(log.read_text().split())

    assert run_by("diff") == set()
    assert run_by("apply") == {"reference-transaction", "post-index-change"}
    git(repo, "update-ref", f"refs/heads/{BRANCH}", "trunk")
    git(repo, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    own = {"fsmonitor-watchman", "clean", "smudge"}
    assert run_by("apply") <= {"reference-transaction", "post-index-change"} | own
    assert (repo / "old.py").read_bytes() == b"from new import New as Old\n"


def test_the_good_plan_is_applied(make_repo: Callable[[dict[str, bytes]], Path]) -> None:
    """Else the others would prove nothing."""
    repo = make_repo(BEFORE)
    (repo.parent / "plan.json").write_bytes(dump(plan_of(repo)))
    assert main(["apply", str(repo.parent / "plan.json"), "--repo", str(repo)]) == Exit.DONE
    assert git(repo, "rev-list", "--count", f"trunk..{BRANCH}") == b"3\n"
