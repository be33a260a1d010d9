"""The demo behind `make demo`: the shipped migration on a copy of the example repository, each command shown.

Takes no input; leaves the migrated copy under build/demo/. Exits non-zero at the first step that fails.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "execution_engines"
MIGRATION = Path("codemods", "execution_engine", "migration.toml")
FOLDER = Path("build", "demo")
REPO = FOLDER / "backend"
PLAN = FOLDER / "execution-engine.plan.json"
BRANCH = "repoint/execution-engine"
DIFF_LINES = 60
AUDIT_LINES = 15
INJECTED = "netra_backend/app/services/rerun_service.py"
OLD_USER = "netra_backend/app/routes/agents_execute.py"


@dataclass(frozen=True)
class Step:
    """A command as a user types it, and what its output means; `limit` cuts the output to so many lines."""

    title: str
    words: tuple[str, ...]
    meaning: str
    limit: int | None = None
    expected: int = 0
    cwd: Path = Path()


def steps() -> list[Step]:
    repo = ("--repo", REPO.as_posix())
    plan, migration = PLAN.as_posix(), MIGRATION.as_posix()
    again = (FOLDER / "again.plan.json").as_posix()
    tests = ("python", "-m", "pytest", "-q")
    git = ("git", "-C", REPO.as_posix())
    audit = ("repoint", "audit", migration, *repo)
    return [
        Step(
            "The example's own tests, before",
            tests,
            "They pass; two are skipped, since they import a path that no file stands behind.",
            cwd=REPO,
        ),
        Step(
            "Audit: where it stands",
            audit,
            "The figures; below them each symbol, each old module and every place that is counted.",
            limit=AUDIT_LINES,
        ),
        Step(
            "Plan",
            ("repoint", "plan", migration, *repo, "--out", plan),
            "Nothing is written to the repository yet; the findings name what a person has to look at.",
        ),
        Step(
            "Review: what changes where",
            ("repoint", "diff", plan, *repo, "--stat"),
            "Files that only look alike (execution_engine_factory, mcp_execution_engine) are not among them.",
        ),
        Step(
            "Review: the diff",
            ("repoint", "diff", plan, *repo),
            "Piped, the whole of it is a patch that `git apply` takes.",
            limit=DIFF_LINES,
        ),
        Step(
            "Review: what a codemod made of a file",
            ("repoint", "diff", plan, *repo, "--path", INJECTED),
            "After the moves, the first call was given the arguments that are in scope; the second is a warning above.",
        ),
        Step(
            "Apply",
            ("repoint", "apply", plan, "--manifest", migration, *repo),
            f"Each batch is one commit on the branch {BRANCH}; the branch you are on has not moved.",
        ),
        Step(
            "The branch",
            (*git, "log", "--reverse", "--stat=100", "--format=%n%h %s", f"HEAD..{BRANCH}"),
            "Every commit stands on its own; trailers in its message say which plan and batch it is.",
        ),
        Step(
            "Switch to it",
            (*git, "switch", "--quiet", BRANCH),
            "The working tree now holds the migrated code.",
        ),
        Step(
            "The example's own tests, after",
            tests,
            "The skipped tests run now: their imports lead to a module that exists.",
            cwd=REPO,
        ),
        Step(
            "Plan once more",
            (
                "repoint",
                "plan",
                migration,
                *repo,
                "--check",
                "--out",
                again,
            ),
            "Nothing is left to change; `--check` would have exited with 1.",
        ),
        Step(
            "Audit: where it stands now",
            audit,
            "What is left takes a person: aliases that other files reach, and a star import.",
            limit=AUDIT_LINES,
        ),
        Step(
            "An old import comes back",
            (*git, "restore", "--source=main", OLD_USER),
            "One file is as it was before.",
        ),
        Step(
            "Check what was changed",
            ("repoint", "check", migration, *repo, "--worktree", "--diff", "HEAD"),
            "It exits with 1, and so do the hook of pre-commit and the job in CI.",
            expected=1,
        ),
        Step(
            "Take that back",
            (*git, "restore", OLD_USER),
            "The working tree is as the branch has it.",
        ),
    ]


def main() -> int:
    os.chdir(ROOT)
    environment = _environment()
    say = _Printer()
    say.line("repoint demo: several execution engines become one.\n")
    try:
        _lay_out(environment)
    except (OSError, subprocess.CalledProcessError) as error:
        say.line(f"The example could not be laid out under {FOLDER.as_posix()}: {error}")
        return 1
    say.line(f"A copy of the example repository lies in {REPO.as_posix()}, committed on the branch main.")
    for number, step in enumerate(steps(), 1):
        say.line(f"\n--- {number}. {step.title}")
        code = _run(step, environment, say)
        if code != step.expected:
            say.line(f"\nThis step exited with {code} instead of {step.expected}; the demo stops here.")
            return 1
        say.line(f"\n{step.meaning}")
    say.line(f"\nDone. Look around in {REPO.as_posix()}; running the demo again starts afresh.")
    return 0


class _Printer:
    """Writes UTF-8 whatever the console's own encoding is."""

    def line(self, text: str) -> None:
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()


def _run(step: Step, environment: dict[str, str], say: _Printer) -> int:
    say.line(f"$ {_shown(step)}")
    done = subprocess.run(
        _executable(step.words),
        cwd=step.cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    lines = done.stdout.decode("utf-8", "replace").rstrip().splitlines()
    shown = lines if done.returncode != step.expected else lines[: step.limit]
    if shown:
        say.line("\n".join(shown))
    if len(shown) < len(lines):
        say.line(f"[cut here by the demo: {len(lines) - len(shown)} more lines]")
    return done.returncode


def _shown(step: Step) -> str:
    words = " ".join(step.words)
    return words if step.cwd == Path() else f"cd {step.cwd.as_posix()} && {words}"


def _executable(words: tuple[str, ...]) -> list[str]:
    """The command for the interpreter that runs the demo, so that no PATH has to be right."""
    match words:
        case ("repoint", *rest):
            return [sys.executable, "-m", "repoint", *rest]
        case ("python", *rest):
            return [sys.executable, *rest]
        case _:
            return list(words)


def _environment() -> dict[str, str]:
    """The caller's environment without git's variables and settings; `repoint` comes from the sources."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    paths = [str(ROOT / "src"), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PAGER": "cat",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUTF8": "1",
    }


def _lay_out(environment: dict[str, str]) -> None:
    if FOLDER.exists():
        _remove(FOLDER)
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(EXAMPLE, REPO, ignore=ignored)
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "Demo"),
        ("config", "user.email", "demo@example.invalid"),
        ("config", "core.autocrlf", "false"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=The example, before the migration"),
    ):
        subprocess.run(("git", *words), cwd=REPO, env=environment, check=True)


def _remove(folder: Path) -> None:
    """git's objects are read-only, and Windows does not delete what is."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(stat.S_IWRITE | stat.S_IREAD)
    shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
