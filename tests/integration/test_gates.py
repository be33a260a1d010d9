"""Gates, formatters and hooks: run in a worktree of their own, and what becomes of a batch that they refuse."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from repoint.cli.recovery import recover_if_interrupted
from repoint.errors import GateFailed, Refused
from repoint.execution.apply import Applied
from repoint.execution.gates import linked
from repoint.execution.repository.git import open_repository
from repoint.model import Plan
from repoint.planning.plan_file import dump
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import (
    BEFORE,
    BRANCH,
    EDITED,
    after,
    files,
    head,
    is_sound,
    plan_of,
    run,
    status,
    tree,
)

posix = pytest.mark.skipif(os.name == "nt", reason="its hooks speak POSIX shell")
Gated = Callable[..., Applied]


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo(BEFORE)


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where gates leave word: a line of JSON each."""
    return tmp_path / "seen"


def script(tmp_path: Path, name: str, text: str) -> list[str]:
    """A command that runs this Python."""
    path = tmp_path / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return [sys.executable, str(path)]


@pytest.fixture
def gated(repo: Path, tmp_path: Path) -> Gated:
    """Apply the three batches (or a plan) with a manifest that holds these tables."""

    def apply(toml: str, made: Plan | None = None, **options: object) -> Applied:
        manifest = tmp_path / "migration.toml"
        manifest.write_text(f'name = "case"\n{toml}', encoding="utf-8")
        name = hashlib.sha256(manifest.read_bytes()).hexdigest()
        plan = msgspec.structs.replace(made or plan_of(repo), manifest_digest=name, gated=True)
        return run(repo, plan, manifest=manifest, plan_file=tmp_path / "plan.json", **options)

    return apply


def gates(**tables: object) -> str:
    """A [gates] table; JSON's lists and strings are TOML's as well."""
    return "[gates]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in tables.items())


def witness(tmp_path: Path, seen: Path, more: str = "") -> list[str]:
    """A gate that leaves word of its environment and of what it finds."""
    return script(
        tmp_path,
        "witness",
        "import json, os, pathlib, subprocess, sys\n"
        "told = {k: v for k, v in os.environ.items() if k.startswith(('REPOINT', 'PYTHONPATH'))}\n"
        "told['cwd'] = os.getcwd(); told['old'] = pathlib.Path('old.py').read_text()\n"
        "told['head'] = subprocess.run(['git', 'rev-parse', 'HEAD'], capture_output=True, text=True).stdout.strip()\n"
        "told['git'] = subprocess.run(['git', 'status', '--porcelain'], capture_output=True, text=True).stdout\n"
        "files = os.environ.get('REPOINT_FILES')\n"
        "told['files'] = pathlib.Path(files).read_text(encoding='utf-8').split() if files else None\n"
        f"print(json.dumps(told), file=open({str(seen)!r}, 'a'))\n" + more,
    )


def words(seen: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in seen.read_text().splitlines()] if seen.exists() else []


def is_clean(repo: Path) -> bool:
    """No linked worktree, no record, no lock, no folder in the system's temporary one."""
    worktrees = git(repo, "worktree", "list", "--porcelain").decode().count("worktree ")
    left = {path.name for path in (repo / ".git/repoint").iterdir()}
    return (worktrees, left <= {"lock", "logs"}, list((repo / ".git").rglob("*.lock"))) == (1, True, [])


def test_they_run_on_the_base_then_for_each_batch_then_at_the_end(
    repo: Path, gated: Gated, tmp_path: Path, seen: Path
) -> None:
    command = witness(tmp_path, seen)
    done = gated(gates(each=[command], final=[[*command, "final"], command]))
    told = words(seen)
    assert [(item["REPOINT_STAGE"], item.get("REPOINT_POSITION")) for item in told] == [
        ("base", None),
        ("base", None),
        ("each", "1/3"),
        ("each", "2/3"),
        ("each", "3/3"),
        ("final", "3/3"),
    ]
    commits = [commit for _, commit in done.commits]
    assert [item["head"] for item in told] == [item["REPOINT_COMMIT"] for item in told]
    assert [item["head"] for item in told] == [head(repo), head(repo), *commits, commits[-1]]
    assert [item["old"] for item in told] == ["class Old: ...\n"] * 4 + ["from new import New as Old\n"] * 2
    assert (tree(repo), files(repo), status(repo), is_clean(repo)) == (after(), BEFORE, "", True)


def test_what_a_gate_is_told(repo: Path, gated: Gated, tmp_path: Path, seen: Path) -> None:
    command = witness(tmp_path, seen)
    gated(gates(each=[command]) + "[scope]\nroots = ['.', 'pkg']\n", branch="elsewhere")
    told = words(seen)[2]
    assert told["REPOINT_MIGRATION"] == "case"
    assert told["REPOINT_BATCH"] == "02"
    assert told["REPOINT_PLAN"] == str(tmp_path / "plan.json")
    assert len(told["REPOINT_PLAN_DIGEST"]) == 64
    assert Path(told["REPOINT_REPO"]).samefile(repo)
    assert told["REPOINT_BRANCH"] == "elsewhere"
    assert told["REPOINT_BASE"] == head(repo)
    assert (
        told["files"]
        == ["pkg/café/edited.py", "pkg/crlf.py", "pkg/latin.py", "pkg/new/deep/stub.py"]
        == sorted(told["files"])
    )
    assert told["PYTHONPATH"].split(os.pathsep)[:2] == [told["cwd"], str(Path(told["cwd"], "pkg"))]
    assert Path(told["cwd"]).name == "repo" and not Path(told["cwd"]).exists()
    assert all(item["git"] == "" for item in words(seen))


def test_imports_lead_into_the_worktree(repo: Path, gated: Gated, tmp_path: Path) -> None:
    """Also where the program is started from elsewhere, and what it imports is installed from the user's own tree."""
    command = script(tmp_path, "gate", "import os, untouched; assert untouched.__file__.startswith(os.getcwd())\n")
    assert len(gated(gates(each=[command])).commits) == 3


def test_a_gate_that_fails_on_the_base_refuses_everything(repo: Path, gated: Gated, tmp_path: Path) -> None:
    command = script(tmp_path, "gate", "print('the base is broken'); raise SystemExit(3)\n")
    with pytest.raises(GateFailed) as caught:
        gated(gates(final=[command]))
    error = str(caught.value)
    log = repo / ".git/repoint/logs/case/base-1.log"
    assert error.startswith(f"{log}: gate ") and "\n" not in error
    assert f"failed with exit code 3, for the commit that it starts from, {head(repo)[:12]}; nothing was" in error
    assert caught.value.output[-1] == "the base is broken"
    assert log.read_text().splitlines()[-1] == "the base is broken"
    assert git(repo, "branch", "--list", BRANCH) == b""
    assert is_clean(repo)


FAILS_AT_2 = "import os; print('\\x1b[31mred\\x07'); raise SystemExit(os.environ.get('REPOINT_BATCH') == '02')\n"


@pytest.mark.parametrize("checked_out", [False, True])
def test_a_failed_gate_leaves_the_good_commits_and_apply_goes_on(
    repo: Path, gated: Gated, tmp_path: Path, checked_out: bool
) -> None:
    if checked_out:
        git(repo, "switch", "-q", "-c", BRANCH)
    command = script(tmp_path, "gate", FAILS_AT_2)
    made, base = plan_of(repo), head(repo)
    with pytest.raises(GateFailed, match=r"for batch 2/3 \(pkg\); 1 of 3 batches are on repoint/case: mend") as caught:
        gated(gates(each=[command]), made)
    assert caught.value.output[-1] == "red"
    assert git(repo, "log", "--format=%s", f"{base}..{BRANCH}") == b"refactor(imports): tools\n"
    assert (status(repo), is_clean(repo)) == ("", True)
    assert files(repo) == (tree(repo) if checked_out else BEFORE)
    script(tmp_path, "gate", "")
    done = gated(gates(each=[command]), made)
    assert (len(done.commits), done.already, tree(repo), status(repo)) == (2, 1, after(), "")


def test_a_failed_final_gate_withholds_the_last_batch(repo: Path, gated: Gated, tmp_path: Path) -> None:
    fails = script(tmp_path, "gate", "import os; raise SystemExit(os.environ['REPOINT_STAGE'] == 'final')\n")
    with pytest.raises(GateFailed, match=r"for batch 3/3 \(stubs\); 2 of 3 batches are on"):
        gated(gates(each=["git --version"], final=[fails]))
    assert git(repo, "rev-list", "--count", f"HEAD..{BRANCH}") == b"2\n"


def test_a_gate_that_takes_too_long_is_ended_with_its_children(repo: Path, gated: Gated, tmp_path: Path) -> None:
    sign = tmp_path / "still alive"
    child = f"import time, pathlib; time.sleep(1.8); pathlib.Path({str(sign)!r}).touch()"
    command = script(tmp_path, "gate", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])\n")
    with pytest.raises(GateFailed, match=r"did not end within 1 s, for the commit"):
        gated(gates(each=[command], timeout="1s"))
    assert is_clean(repo)
    time.sleep(1.2)
    assert not sign.exists()


@pytest.mark.parametrize("command", ["no-such-program -x", ["./no/such/program"], ["old.py"]])
def test_a_program_that_is_not_there(repo: Path, gated: Gated, command: object) -> None:
    with pytest.raises(GateFailed, match=r"was not run: there is no program '[^']*', for the commit"):
        gated(gates(each=[command]))


@posix
def test_a_program_of_the_repository_s_own(repo: Path, gated: Gated) -> None:
    (repo / "tools/gate").write_bytes(b"#!/bin/sh\ntest -f old.py\n")
    git(repo, "add", "tools/gate")
    git(repo, "update-index", "--chmod=+x", "tools/gate")
    git(repo, "commit", "-q", "-m", "gate")
    assert len(gated(gates(each=["./tools/gate"])).commits) == 3


def test_no_shell_is_involved(repo: Path, gated: Gated, tmp_path: Path, seen: Path) -> None:
    command = script(tmp_path, "gate", f"import sys; print(sys.argv[1:], file=open({str(seen)!r}, 'a'))\n")
    gated(gates(each=[[*command, "$HOME", "a b", ";", "*"]]))
    assert seen.read_text().splitlines() == [str(["$HOME", "a b", ";", "*"])] * 4


def test_what_a_gate_leaves_behind_is_gone_for_the_next_but_caches_stay(
    repo: Path, gated: Gated, tmp_path: Path, seen: Path
) -> None:
    (repo / ".git/info/exclude").write_text("cache\n")
    leaves = (
        "found = sorted(str(p) for p in pathlib.Path().rglob('*') if p.name in ('cache', 'junk'))\n"
        f"print(json.dumps(found + [pathlib.Path('untouched.py').read_text()]), file=open({str(seen)!r} + '2', 'a'))\n"
        "pathlib.Path('cache').write_text('x'); pathlib.Path('junk').write_text('x')\n"
        "pathlib.Path('untouched.py').write_text('broken')\n"
    )
    gated(gates(each=[witness(tmp_path, seen, leaves)]))
    found = [json.loads(line) for line in Path(f"{seen}2").read_text().splitlines()]
    assert found == [["y = 1\n"], *[["cache", "y = 1\n"]] * 3]
    assert tree(repo) == after()


def test_stale_bytecode_is_not_run(repo: Path, gated: Gated, tmp_path: Path) -> None:
    """Python tells source from compiled code by second and size; a batch may leave both as they were."""
    (repo / ".gitignore").write_text("__pycache__\n")
    (repo / "new.py").write_text("New = 1\n")
    (repo / "lib.py").write_text("from old import Old\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "lib")
    from tests.builders import batch, plan, replaced

    change = replaced("lib.py", b"from old import Old\n", ("old import Old", "new import New"))
    made = plan(batch(1, change), base=head(repo))
    frozen = "import os, sys\nfor name in os.listdir():\n    if name.endswith('.py'): os.utime(name, (1e9, 1e9))\n"
    command = script(
        tmp_path,
        "gate",
        frozen + "sys.dont_write_bytecode = False\nimport lib\n"
        "assert hasattr(lib, 'New') == ('REPOINT_BATCH' in os.environ), dir(lib)\n",
    )
    assert len(gated(gates(each=[command]), made).commits) == 1


def test_within_a_hook_s_environment(repo: Path, tmp_path: Path, seen: Path) -> None:
    """What ties git to the user's own index is not passed on."""
    command = as_command(repo, tmp_path, gates(each=[witness(tmp_path, seen)]))
    ties = {"GIT_DIR": str(repo / ".git"), "GIT_INDEX_FILE": str(repo / ".git/index"), "GIT_PREFIX": "pkg/"}
    subprocess.run(command, cwd=tmp_path, env=os.environ | ties, check=True, capture_output=True)
    assert {item["git"] for item in words(seen)} == {""}
    assert len(words(seen)) == 4


def as_command(repo: Path, tmp_path: Path, toml: str) -> list[str]:
    """The command that applies the three batches with a manifest that holds these tables."""
    manifest = tmp_path / "migration.toml"
    manifest.write_text(f'name = "case"\n{toml}', encoding="utf-8")
    name = hashlib.sha256(manifest.read_bytes()).hexdigest()
    made = msgspec.structs.replace(plan_of(repo), manifest_digest=name, gated=True)
    (tmp_path / "plan.json").write_bytes(dump(made))
    return [sys.executable, "-m", "repoint", "apply", "plan.json", "--manifest", "migration.toml", "--repo", "repo"]


def test_interrupted_in_a_gate(repo: Path, gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that sends us Ctrl-C: its children end, the worktree goes, what was committed stays."""
    sends = "import os, signal, time\nif os.environ.get('REPOINT_BATCH') == '02':\n"
    sends += f"    os.kill({os.getpid()}, signal.SIGINT); time.sleep(30)\n"
    with pytest.raises(KeyboardInterrupt):
        gated(gates(each=[script(tmp_path, "gate", sends)]))
    assert git(repo, "rev-list", "--count", f"HEAD..{BRANCH}") == b"1\n"
    assert is_clean(repo)


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_killed_in_a_gate(repo: Path, gated: Gated, tmp_path: Path, seen: Path, name: str) -> None:
    """The gate ends with us, even under SIGKILL; and the next apply finds a free field."""
    if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        pytest.skip("this run was told to ignore the signal, as `nohup` does, and so are its children")
    stays = f"import os, time; open({str(seen)!r}, 'w').write(str(os.getpid()) + '\\n'); time.sleep(30)\n"
    command = as_command(repo, tmp_path, gates(each=[script(tmp_path, "gate", stays)]))
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: seen.exists() and seen.read_text().endswith("\n"))
        process.send_signal(getattr(signal, name))
        _, said = process.communicate()
    wait_until(lambda: not is_alive(int(seen.read_text())))
    if name == "SIGKILL":
        assert (repo / ".git/repoint/gates.json").exists()
    else:
        assert (process.returncode, is_clean(repo)) == (130, True)
        assert said == "repoint: interrupted; what was committed stays, the same command goes on from there\n"
    assert recover_if_interrupted(repo / "pkg") is None
    assert is_clean(repo)
    assert len(run(repo).commits) == 3


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def is_alive(process: int) -> bool:
    """A process that nobody has waited for yet is dead as well."""
    try:
        os.kill(process, 0)
        stat = Path(f"/proc/{process}/stat")
        return not stat.exists() or " Z " not in stat.read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_worktree_left_by_a_kill_goes_with_the_next_apply(repo: Path, gated: Gated) -> None:
    place = open_repository(repo)
    making = linked.linked(place, head(repo))
    left = making.__enter__()  # and never left again, as under SIGKILL
    assert left.top.exists() and b"locked" in git(repo, "worktree", "list", "--porcelain")
    (left.top / "read only").mkdir()
    (left.top / "read only/x").write_bytes(b"")
    (left.top / "read only").chmod(0o500)
    assert len(run(repo).commits) == 3
    assert not left.folder.exists() and is_clean(repo)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"folder": 1}', '{"folder": "/"}', '{"folder": "repoint-x"}'])
def test_a_record_that_says_nothing_harms_nothing(repo: Path, record: str) -> None:
    (repo / ".git/repoint").mkdir()
    (repo / ".git/repoint/gates.json").write_text(record)
    assert len(run(repo).commits) == 3
    assert is_clean(repo) and files(repo) == BEFORE


def test_the_working_tree_follows_each_batch_while_gates_run(repo: Path, gated: Gated, tmp_path: Path) -> None:
    git(repo, "switch", "-q", "-c", BRANCH)
    looks = f"import subprocess; r = subprocess.run(['git', 'status', '--porcelain'], cwd={str(repo)!r}, "
    looks += "capture_output=True); assert not r.stdout, r\n"
    assert gated(gates(each=[script(tmp_path, "gate", looks)])).followed
    assert (files(repo), status(repo)) == (after(), "")


def test_an_edit_in_the_working_tree_while_a_gate_runs(repo: Path, gated: Gated, tmp_path: Path) -> None:
    git(repo, "switch", "-q", "-c", BRANCH)
    made = plan_of(repo)
    edits = "import os\nif os.environ.get('REPOINT_BATCH') == '02': "
    edits += f"open({str(repo / 'pkg/crlf.py')!r}, 'a').write('mine')\n"
    command = script(tmp_path, "gate", edits)
    with pytest.raises(Refused, match=r"uncommitted changes where repoint writes: pkg/crlf\.py; commit or stash them"):
        gated(gates(each=[command]), made)
    assert git(repo, "rev-list", "--count", f"{made.base}..{BRANCH}") == b"1\n"
    assert (status(repo), is_clean(repo)) == (" M pkg/crlf.py\n", True)
    git(repo, "stash", "-q")
    script(tmp_path, "gate", "")
    assert len(gated(gates(each=[command]), made).commits) == 2
    assert (tree(repo), status(repo)) == (after(), "")


def test_the_branch_is_checked_out_while_a_gate_runs(repo: Path, gated: Gated, tmp_path: Path) -> None:
    switches = "import os, subprocess\nif os.environ.get('REPOINT_BATCH') == '02': "
    switches += f"subprocess.run(['git', '-C', {str(repo)!r}, 'switch', '-q', {BRANCH!r}], check=True)\n"
    gated(gates(each=[script(tmp_path, "gate", switches)]))
    assert (git(repo, "branch", "--show-current").decode().strip(), files(repo), status(repo)) == (BRANCH, after(), "")


def test_the_branch_is_checked_out_elsewhere_while_a_gate_runs(repo: Path, gated: Gated, tmp_path: Path) -> None:
    command = ["git", "-C", str(repo), "worktree", "add", "-q", str(tmp_path / "other"), BRANCH]
    adds = (
        f"import os, subprocess\nif os.environ.get('REPOINT_BATCH') == '02': subprocess.run({command!r}, check=True)\n"
    )
    with pytest.raises(Refused, match=r"checked out in another worktree, .*other; say --repo"):
        gated(gates(each=[script(tmp_path, "gate", adds)]))
    assert git(repo, "rev-list", "--count", f"HEAD..{BRANCH}") == b"1\n"


def test_a_commit_by_someone_else_while_a_gate_runs(repo: Path, gated: Gated, tmp_path: Path) -> None:
    moves = "import os, subprocess\nif os.environ.get('REPOINT_BATCH') == '02':\n    subprocess.run(['git', "
    moves += f"'update-ref', 'refs/heads/{BRANCH}', '{head(repo)}'], cwd={str(repo)!r}, check=True)\n"
    with pytest.raises(Refused, match="the branch was moved by someone else, to "):
        gated(gates(each=[script(tmp_path, "gate", moves)]))
    assert head(repo, BRANCH) == head(repo)
    assert is_clean(repo)


def test_git_gc_while_a_gate_runs(repo: Path, gated: Gated, tmp_path: Path) -> None:
    """Trees of later batches are on no branch yet; nothing of them may be collected."""
    words = ["git", "-C", str(repo), "gc", "-q", "--prune=now"]
    collects = f"import subprocess; subprocess.run({words!r}, check=True)\n"
    done = gated(gates(each=[script(tmp_path, "gate", collects)]) + after_step(script(tmp_path, "format", FORMATS)))
    assert len(done.commits) == 3
    assert is_sound(repo) and is_clean(repo)
    assert git(repo, "for-each-ref", "refs/repoint") == b""


FORMATS = (
    "import pathlib, sys\n"
    "for name in sys.argv[1:]:\n"
    "    path = pathlib.Path(name)\n"
    "    path.write_bytes(path.read_bytes().replace(b'New()', b'New(  )'))\n"
)


def after_step(*commands: list[str]) -> str:
    return f"[after]\nrun = {json.dumps(commands)}\n"


@pytest.mark.parametrize("checked_out", [False, True])
def test_a_formatter_s_work_is_in_the_commit(repo: Path, gated: Gated, tmp_path: Path, checked_out: bool) -> None:
    if checked_out:
        git(repo, "switch", "-q", "-c", BRANCH)
    made = plan_of(repo)
    done = gated(after_step(script(tmp_path, "format", FORMATS)), made)
    want = after() | {path: after()[path].replace(b"New()", b"New(  )") for path in (EDITED, "pkg/crlf.py")}
    assert (tree(repo), len(done.commits), is_clean(repo)) == (want, 3, True)
    if checked_out:
        assert (files(repo), status(repo)) == (want, "")
    bodies = git(repo, "log", "--reverse", "--format=%(trailers:key=Repoint-Formatted,valueonly,separator=)", BRANCH)
    assert bodies.decode().split("\n")[1:4] == ["", "2", ""]
    assert gated(after_step(script(tmp_path, "format", FORMATS)), made).already == 3


@pytest.mark.parametrize(
    ("does", "what"),
    [
        (
            "open('untouched.py', 'a').write('z = 1')",
            r"\[after\] touched files beyond batch 1/3 \(tools\): untouched\.py",
        ),
        ("open('extra.py', 'a')", r"\[after\] touched files beyond batch 1/3 \(tools\): extra\.py"),
        ("os.unlink('tools/run.py')", r"\[after\] removed files of batch 1/3 \(tools\): tools/run\.py"),
        ("open('tools/run.py', 'a').write('(')", r"tools/run\.py: \[after\] left a file that does not parse"),
        ("open('tools/run.py', 'w').write('x = 1')", r"tools/run\.py: \[after\] lost what is .*: New; nothing was"),
        (
            "open('tools/run.py', 'w').write('from other import New')",
            r"tools/run\.py: \[after\] led elsewhere what .*: New;",
        ),
        ("sys.exit(7)", r"\[after\] .* failed with exit code 7, for batch 1/3 \(tools\)"),
    ],
)
def test_a_formatter_that_does_more_is_refused(repo: Path, gated: Gated, tmp_path: Path, does: str, what: str) -> None:
    with pytest.raises((Refused, GateFailed), match=what):
        gated(after_step(script(tmp_path, "format", f"import os, sys\n{does}\n")))
    assert git(repo, "branch", "--list", BRANCH) == b""
    assert is_clean(repo)


def test_all_files_that_a_formatter_spoils_are_told(repo: Path, gated: Gated, tmp_path: Path) -> None:
    spoils = "import sys; [open(name, 'a').write('del New\\n') for name in sys.argv[1:] if name.startswith('pkg/c')]\n"
    with pytest.raises(Refused) as caught:
        gated(after_step(script(tmp_path, "format", spoils)))
    lines = [problem.where for problem in caught.value.problems]
    assert lines == [EDITED, "pkg/crlf.py"]
    assert "; 1 of 3 batches are on repoint/case: have it leave this file alone, or" in str(caught.value)


def test_gates_see_what_was_formatted(repo: Path, gated: Gated, tmp_path: Path) -> None:
    sees = "import os, pathlib; text = pathlib.Path('pkg/crlf.py').read_bytes()\n"
    sees += "assert (b'New(  )' in text) == (os.environ.get('REPOINT_BATCH') in ('02', '03'))\n"
    toml = gates(each=[script(tmp_path, "gate", sees)]) + after_step(script(tmp_path, "format", FORMATS))
    assert len(gated(toml).commits) == 3


def test_many_files_are_given_in_parts(repo: Path, gated: Gated, tmp_path: Path, seen: Path) -> None:
    from tests.builders import added, batch, plan

    new = [added(f"{'d' * 200}/{number:04}.py", "") for number in range(300)]
    counts = f"import sys; print(len(sys.argv) - 1, file=open({str(seen)!r}, 'a'))\n"
    gated(after_step(script(tmp_path, "format", counts)), plan(batch(1, *new), base=head(repo)))
    parts = [int(line) for line in seen.read_text().split()]
    assert (sum(parts), len(parts) > 1) == (300, True)


def hook(repo: Path, name: str, text: str) -> None:
    path = repo / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@posix
def test_hooks_run_on_demand(repo: Path, tmp_path: Path, seen: Path) -> None:
    hook(
        repo,
        "pre-commit",
        f'test "$(git rev-parse --show-toplevel)" != "{repo}" && git diff --cached --name-only >>{seen}',
    )
    hook(repo, "commit-msg", 'echo "Change-Id: I1" >>"$1"')
    hook(repo, "post-checkout", "exit 1")
    done = run(repo, run_hooks=True)
    assert (tree(repo), status(repo), done.notes, is_clean(repo)) == (after(), "", (), True)
    assert seen.read_text().split()[:2] == ["empty.py", "tools/run.py"]
    bodies = git(repo, "log", "--format=%(trailers:key=Change-Id,valueonly,separator=)", f"HEAD..{BRANCH}").decode()
    assert bodies.split() == ["I1"] * 3
    names = git(repo, "log", "--format=%an|%cn", f"HEAD..{BRANCH}").decode().split()
    assert names == ["author|committer"] * 3
    assert run(repo, run_hooks=True).already == 3


@posix
def test_hooks_with_gates_formatters_signatures_and_dates(repo: Path, gated: Gated, tmp_path: Path, seen: Path) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNATURE\n")
    gpg.chmod(0o755)
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", str(gpg))
    hook(repo, "pre-commit", f"echo hook >>{seen}")
    toml = gates(each=["git --version"]) + after_step(script(tmp_path, "format", FORMATS))
    gated(toml, run_hooks=True, date="2025-01-31T12:00:00+00:00")
    raw = git(repo, "cat-file", "commit", BRANCH).decode()
    assert "gpgsig SIGNATURE" in raw and "1738324800 +0000" in raw
    assert seen.read_text().split() == ["hook"] * 3
    assert b"New(  )" in tree(repo)["pkg/crlf.py"]


@posix
@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        (
            "pre-commit",
            "echo no; exit 1",
            r"the commit with its hooks failed with exit code 1, for batch 1/3 \(tools\)",
        ),
        ("pre-commit", "echo x >extra.py; git add extra.py", r"a hook touched files beyond batch 1/3 .*: extra\.py"),
        (
            "pre-commit",
            "echo x = 1 >tools/run.py; git add tools/run.py",
            r"tools/run\.py: a hook lost what is .*: New; nothing was committed: mend it or the hook",
        ),
        ("commit-msg", 'echo other >"$1"', r"a hook took 'Repoint-Migration: case' from the message of batch 1/3"),
    ],
)
def test_a_hook_that_says_no(repo: Path, name: str, text: str, what: str) -> None:
    hook(repo, name, text)
    with pytest.raises((Refused, GateFailed), match=what):
        run(repo, run_hooks=True)
    assert git(repo, "branch", "--list", BRANCH) == b""
    assert is_clean(repo)


@posix
def test_what_a_hook_formats_is_kept_for_later_batches(repo: Path) -> None:
    hook(
        repo,
        "pre-commit",
        "for f in $(git diff --cached --name-only --diff-filter=d); do echo '# seen' >>$f; git add $f; done",
    )
    run(repo, run_hooks=True)
    assert tree(repo)["tools/run.py"].endswith(b"# seen\n")
    assert tree(repo)["old.py"] == after()["old.py"] + b"# seen\n"
