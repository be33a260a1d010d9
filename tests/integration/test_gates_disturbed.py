"""Gates, formatters and hooks that do what they should not, and users who go on working: nothing of theirs is lost."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from repoint.errors import GateFailed, Refused, UsageError
from repoint.execution.apply import Applied
from repoint.execution.checkout import intents
from repoint.execution.gates import linked
from repoint.execution.repository.git import open_repository
from repoint.execution.repository.lock import held
from repoint.model import Plan
from repoint.planning.plan_file import dump
from tests.builders import batch, plan, replaced
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import BEFORE, BRANCH, after, files, head, plan_of, run, status, tree
from tests.integration.kinds import as_another_user, given_away

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals, modes and shell")


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo(BEFORE)


def python(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", f"import os, pathlib, subprocess, sys, time\n{text}\n"]


def gate(text: str) -> str:
    """A manifest's table with a gate that runs this Python, for every batch."""
    return table("gates", each=[python(text)])


def gate_at_the_end(text: str) -> str:
    """The same, on the base and for the last batch only."""
    return table("gates", final=[python(text)])


def format_by(text: str) -> str:
    return table("after", run=[python(text)])


def table(name: str, **keys: object) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


AT_2 = "if os.environ.get('REPOINT_BATCH') == '02':\n  "


def prepared(repo: Path, toml: str, made: Plan | None = None) -> tuple[Path, Plan]:
    manifest = repo.parent / "migration.toml"
    manifest.write_text(f'name = "case"\n{toml}', encoding="utf-8")
    name = hashlib.sha256(manifest.read_bytes()).hexdigest()
    return manifest, msgspec.structs.replace(made or plan_of(repo), manifest_digest=name, gated=True)


def gated(repo: Path, toml: str, made: Plan | None = None, **options: object) -> Applied:
    manifest, named = prepared(repo, toml, made)
    return run(repo, named, manifest=manifest, **options)


def command(repo: Path, toml: str, *args: str) -> list[str]:
    manifest, made = prepared(repo, toml)
    plan_file = repo.parent / "plan.json"
    plan_file.write_bytes(dump(made))
    words = [sys.executable, "-m", "repoint", "apply", str(plan_file), "--manifest", str(manifest)]
    return [*words, "--repo", str(repo), *args]


def is_clean(repo: Path) -> bool:
    left = {path.name for path in (repo / ".git/repoint").iterdir()}
    return left <= {"lock", "logs"} and not list((repo / ".git").glob("worktrees/*"))


# What a gate does to its worktree


@pytest.mark.parametrize("more", ["", "\nassert subprocess.run(['git', 'checkout', '-q', '-f']).returncode"])
def test_a_repository_around_the_temporary_folder_is_never_taken_for_the_worktree(
    repo: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    (repo / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(repo / "tmp"))
    (repo / "untouched.py").write_text("mine")
    with pytest.raises(Refused, match="removed the worktree that it ran in; make it leave that alone"):
        gated(repo, gate(f"os.unlink('.git'){more}"))
    assert (repo / "untouched.py").read_text() == "mine"
    assert git(repo, "symbolic-ref", "HEAD") == b"refs/heads/trunk\n"
    assert is_clean(repo) and not list((repo / "tmp").iterdir())


@posix
def test_a_worktree_that_is_removed(repo: Path) -> None:
    with pytest.raises(Refused, match="removed the worktree"):
        gated(repo, gate("subprocess.run(['git', 'worktree', 'remove', '-f', '-f', '.'])"))
    assert is_clean(repo)


def test_a_head_that_is_nowhere(repo: Path) -> None:
    assert (
        len(
            gated(
                repo, gate_at_the_end("subprocess.run(['git', 'checkout', '-q', '--orphan', 'x'], check=True)")
            ).commits
        )
        == 3
    )


def test_each_gate_finds_the_commit_as_it_is(repo: Path) -> None:
    spoils = python("pathlib.Path('untouched.py').write_text('broken'); pathlib.Path('junk').touch()")
    looks = python("assert not subprocess.run(['git', 'status', '--porcelain'], capture_output=True).stdout")
    gated(repo, table("gates", final=[spoils, looks]))


@posix
def test_a_name_that_reads_as_a_pattern(make_repo: MakeRepo) -> None:
    old = b"from old import Old\n"
    repo = make_repo({"b**.py": old})
    change = replaced("b**.py", old, ("old import Old", "new import New"))
    assert (
        len(gated(repo, table("gates", each=["git --version"]), plan(batch(1, change), base=head(repo))).commits) == 1
    )


@posix
def test_a_name_with_the_separator_of_paths(repo: Path) -> None:
    odd = repo.rename(repo.with_name("a:b"))
    gated(odd, gate_at_the_end("assert os.environ['PYTHONPATH'].split(':')[0] == os.getcwd()"))
    assert is_clean(odd)


@posix
def test_another_worktree_whose_name_is_not_utf_8(repo: Path, tmp_path: Path) -> None:
    other = os.fsencode(tmp_path) + b"/latin-\xe9"
    try:
        Path(os.fsdecode(other)).mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    subprocess.run([b"git", b"worktree", b"add", b"-q", b"--detach", other], cwd=repo, check=True)
    gated(repo, table("gates", final=["git --version"]))
    assert len(list((repo / ".git/worktrees").iterdir())) == 1


def test_a_worktree_that_git_knows_by_a_relative_path(repo: Path) -> None:
    """As git 2.48 writes it under worktree.useRelativePaths."""
    making = linked.linked(open_repository(repo), head(repo))
    left = making.__enter__()
    (admin,) = (repo / ".git/worktrees").iterdir()
    (admin / "gitdir").write_text(os.path.relpath(left.top / ".git", admin) + "\n")
    linked.clear(open_repository(repo))
    assert is_clean(repo) and not left.folder.exists()


@posix
def test_links_out_of_the_worktree_are_left_alone(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "repoint-0123456789ab"
    outside.mkdir()
    outside.chmod(0o555)
    (folder / "closed/inner").mkdir(parents=True)
    (folder / "closed/link").symlink_to(outside)
    (folder / "closed/inner").chmod(0)
    (folder / "closed").chmod(0o555)
    linked._open(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder / "closed", folder / "closed/inner")] == [0o755, 0o700]
    assert outside.stat().st_mode & 0o777 == 0o555


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter, as those of pytest may not be."""
    folder = Path(tempfile.mkdtemp(prefix="repoint-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@posix
def test_folders_that_a_gate_has_closed(repo: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What root may do without asking, others may not."""
    place = Path(shutil.copytree(repo, shared / "repo"))
    (shared / "tmp").mkdir()
    closes = "os.makedirs('a/b'); open('a/b/x', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0o555)"
    given_away(shared)
    monkeypatch.setattr(tempfile, "tempdir", str(shared / "tmp"))
    for name in ("LOGNAME", "HOME"):
        monkeypatch.setenv(name, str(shared))

    def work() -> None:
        assert len(gated(place, gate_at_the_end(closes)).commits) == 3
        assert is_clean(place) and not list((shared / "tmp").iterdir())

    as_another_user(work)


# How a gate ends


@posix
def test_a_gate_that_is_killed(repo: Path) -> None:
    with pytest.raises(GateFailed, match="was killed by SIGKILL, for the commit") as caught:
        gated(repo, gate_at_the_end("os.kill(os.getpid(), 9)"))
    assert "Traceback" not in str(caught.value.output)


@posix
def test_what_a_gate_leaves_running_is_ended(repo: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    leaves = f"p = subprocess.Popen(['sleep', '60']); print(p.pid, file=open({str(seen)!r}, 'a'))"
    gated(repo, gate_at_the_end(leaves))
    for process in map(int, seen.read_text().split()):
        with pytest.raises(ProcessLookupError):
            for _ in range(100):
                os.kill(process, 0)
                if b" Z " in Path(f"/proc/{process}/stat").read_bytes():
                    raise ProcessLookupError
                time.sleep(0.02)


# What users do meanwhile


def test_somebody_switches_to_the_branch_while_gates_run(repo: Path) -> None:
    """Their working tree must not fall behind: committed, what they see would take a batch back."""
    gated(repo, gate(f"{AT_2}subprocess.run(['git', '-C', {str(repo)!r}, 'switch', '-q', {BRANCH!r}], check=True)"))
    assert git(repo, "symbolic-ref", "HEAD").decode() == f"refs/heads/{BRANCH}\n"
    assert (files(repo), status(repo), is_clean(repo)) == (after(), "", True)


def test_somebody_checks_the_branch_out_elsewhere_while_gates_run(repo: Path, tmp_path: Path) -> None:
    adds = ["git", "-C", str(repo), "worktree", "add", "-q", str(tmp_path / "other"), BRANCH]
    with pytest.raises(Refused, match=r"checked out in another worktree, .*other; say --repo"):
        gated(repo, gate(f"{AT_2}subprocess.run({adds!r}, check=True)"))
    assert git(tmp_path / "other", "status", "--porcelain") == b""


def test_somebody_edits_a_file_of_the_next_batch_while_gates_run(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", BRANCH)
    made = plan_of(repo)
    edits = f"{AT_2}pathlib.Path({str(repo / 'pkg/crlf.py')!r}).write_text('mine')"
    with pytest.raises(Refused, match=r"uncommitted changes where repoint writes: pkg/crlf\.py; commit or stash them"):
        gated(repo, gate(edits), made)
    assert git(repo, "rev-list", "--count", f"trunk..{BRANCH}") == b"1\n"
    assert (status(repo), is_clean(repo)) == (" M pkg/crlf.py\n", True)
    git(repo, "checkout", "-q", "pkg/crlf.py")
    assert len(gated(repo, gate(edits.replace("'02'", "'none'")), made).commits) == 2


def test_a_dry_run_while_another_apply_is_at_work(repo: Path) -> None:
    place = open_repository(repo)
    intents.announce(place, f"refs/heads/{BRANCH}", head(repo), head(repo))
    with held(place.common_dir), pytest.raises(Refused, match="another repoint is at work in this repository"):
        run(repo, dry_run=True)
    with pytest.raises(Refused, match="an earlier command was interrupted; run it again without --dry-run"):
        run(repo, dry_run=True)


@posix
def test_a_git_that_is_at_work_is_waited_for(repo: Path, tmp_path: Path) -> None:
    """Else it would move the branch after we have looked where it stands, and the files would stay behind."""
    git(repo, "switch", "-q", "-c", BRANCH)
    hook(repo, "reference-transaction", f'[ "$1" = prepared ] && grep -q {BRANCH} && touch {tmp_path}/in && sleep 1')
    words = command(repo, "")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "in").exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 130
    time.sleep(1.2)
    assert (files(repo), status(repo)) == (tree(repo), "")


def test_a_reader_that_has_seen_enough_stops_nothing(repo: Path) -> None:
    words = command(repo, gate("time.sleep(0.1)"))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert (process.returncode, tree(repo)) == (0, after())


# Formatters


@pytest.mark.parametrize("attributes", ["* text\n", "*.py filter=there\n"])
def test_files_that_do_not_come_back_from_git_as_they_are(repo: Path, attributes: str) -> None:
    """Line ends that were never normalised, and filters that are no inverse: what nobody touched is no change."""
    git(repo, "config", "filter.there.smudge", "sed s/New/Newer/")
    (repo / ".gitattributes").write_text(attributes)
    git(repo, "update-index", "--add", ".gitattributes")
    git(repo, "commit", "-q", "-m", "attributes")
    git(repo, "config", "core.safecrlf", "true")
    gated(repo, format_by(""))
    assert tree(repo) == after() | {".gitattributes": attributes.encode()}


def test_files_that_a_sparse_checkout_leaves_out(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/tools/")
    kept = files(repo)
    formats = "for name in sys.argv[1:]:\n  p = pathlib.Path(name); p.write_bytes(p.read_bytes() + b'# seen\\n')"
    sees = "for name in open(os.environ.get('REPOINT_FILES', os.devnull), encoding='utf-8').read().split():\n"
    sees += "  assert os.path.exists(name) or name.startswith('dead/'), name"
    gated(repo, format_by(formats) + gate(sees))
    assert tree(repo)["pkg/crlf.py"] == after()["pkg/crlf.py"] + b"# seen\n"
    assert files(repo) == kept


def test_a_formatter_that_stages_what_it_does(repo: Path) -> None:
    adds = "; subprocess.run(['git', 'add', '-A'], check=True)"
    with pytest.raises(Refused, match=r"\[after\] touched files beyond batch 1/3 \(tools\): untouched\.py"):
        gated(repo, format_by(f"open('untouched.py', 'a').write('z = 1'){adds}"))
    gated(repo, format_by(f"open(sys.argv[1], 'ab').write(b'# seen\\n'){adds}"))
    assert tree(repo)["tools/run.py"] == after()["tools/run.py"] + b"# seen\n"


# Hooks, identity, dates


def hook(repo: Path, name: str, text: str) -> None:
    path = repo / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\ntrue\n")
    path.chmod(0o755)


@posix
def test_hooks_that_only_the_user_s_own_working_tree_has(repo: Path, tmp_path: Path) -> None:
    """A relative core.hooksPath to files that git ignores, as husky makes them."""
    (repo / ".git/info/exclude").write_text(".husky\n")
    (repo / ".husky").mkdir()
    (repo / ".husky/pre-commit").write_text(f"#!/bin/sh\necho ran >>{tmp_path}/seen\n")
    (repo / ".husky/pre-commit").chmod(0o755)
    git(repo, "config", "core.hooksPath", ".husky")
    run(repo, run_hooks=True)
    assert (tmp_path / "seen").read_text() == "ran\n" * 3


@posix
def test_hooks_with_settings_from_the_environment(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git -c` and GIT_CONFIG_COUNT are the user's settings, not another repository's."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    for number, (key, value) in enumerate([("user.name", "N"), ("user.email", "n@x"), ("user.useConfigOnly", "true")]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "3")
    gated(
        repo,
        gate_at_the_end("assert subprocess.run(['git', 'var', 'GIT_AUTHOR_IDENT']).returncode == 0"),
        run_hooks=True,
    )
    assert git(repo, "log", "-1", "--format=%an <%ae>", BRANCH) == b"N <n@x>\n"


@posix
def test_signatures_that_are_always_shown(repo: Path, tmp_path: Path) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNATURE\n")
    gpg.chmod(0o755)
    for name, value in (("commit.gpgSign", "true"), ("gpg.program", str(gpg)), ("log.showSignature", "true")):
        git(repo, "config", name, value)
    assert len(run(repo, run_hooks=True).commits) == 3


@posix
def test_a_signature_that_cannot_be_made(repo: Path) -> None:
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", "false")
    with pytest.raises(Refused, match=r"cannot be signed: gpg failed to sign the data.*; mend gpg\.format") as caught:
        run(repo)
    assert "\n" not in str(caught.value)
    assert git(repo, "branch", "--list", BRANCH) == b""


def test_dates_that_are_none(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--date '' is no date"):
        run(repo, date="", dry_run=True)
    monkeypatch.setenv("GIT_AUTHOR_DATE", "garbage")
    with pytest.raises(Refused, match="invalid date format: garbage; mend GIT_AUTHOR_DATE"):
        run(repo)
    assert len(run(repo, date="2025-01-31T12:00:00+00:00").commits) == 3
