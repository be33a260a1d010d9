"""The shipped migration on the bundled example, through the command line: what changes and what does not."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import recount
from tests.injection_tools import copy_codemod
from tests.unresolved import Checker

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "execution_engines"
MIGRATION = ROOT / "codemods" / "execution_engine" / "migration.toml"
BRANCH = "repoint/execution-engine"

APP = "netra_backend/app"
AGENTS = "netra_backend.app.agents"
OLD = f"{AGENTS}.supervisor.execution_engine"
ENGINE = f"{AGENTS}.supervisor.user_execution_engine"
FACTORY = f"{AGENTS}.supervisor.execution_engine_factory"
CONTEXT = "netra_backend.app.services.user_execution_context"
CONSOLIDATED = f"{AGENTS}.execution_engine_consolidated"
UNIFIED = f"{AGENTS}.execution_engine_unified_factory"
ADAPTER = f"{AGENTS}.execution_engine_legacy_adapter"
MANAGERS = "netra_backend.app.core.managers.execution_engine_factory"
PLAIN = (f"from {OLD} import ExecutionEngine", f"from {ENGINE} import UserExecutionEngine")
SURFACE = (PLAIN[0], f"{PLAIN[1]} as ExecutionEngine")

# What becomes of each file: texts replaced everywhere in it, in this order; every other byte stays.
EXPECTED: dict[str, list[tuple[str, str]]] = {
    f"{APP}/agents/__init__.py": [
        ("from .supervisor.execution_engine import ExecutionEngine\n", f"{SURFACE[1]}\n"),
    ],
    f"{APP}/agents/base_agent.py": [
        PLAIN,
        ('"ExecutionEngine | None"', '"UserExecutionEngine | None"'),
        ('engine: "ExecutionEngine")', 'engine: "UserExecutionEngine")'),
    ],
    f"{APP}/agents/supervisor/mcp_execution_engine.py": [
        ("import IExecutionEngine as ExecutionEngine", "import IExecutionEngine"),
        ("class MCPExecutionEngine(ExecutionEngine)", "class MCPExecutionEngine(IExecutionEngine)"),
    ],
    f"{APP}/agents/tracing_engine.py": [
        (
            "from .supervisor.execution_engine import (\n"
            "    ExecutionEngine,  # the base of every engine\n"
            "    UserExecutionContext,\n"
            ")\n",
            f"from {ENGINE} import (\n"
            "    UserExecutionEngine,  # the base of every engine\n"
            ")\n"
            f"from {CONTEXT} import (\n"
            "    UserExecutionContext,\n"
            ")\n",
        ),
        ("TracingEngine(ExecutionEngine)", "TracingEngine(UserExecutionEngine)"),
    ],
    f"{APP}/agents/supervisor/workflow.py": [
        ("from .execution_engine import ExecutionEngine", PLAIN[1]),
        ("engine: ExecutionEngine", "engine: UserExecutionEngine"),
    ],
    f"{APP}/core/startup.py": [(MANAGERS, FACTORY)],
    f"{APP}/dependencies.py": [
        (UNIFIED, FACTORY),
        ("UnifiedExecutionEngineFactory as ExecutionEngineFactory", "ExecutionEngineFactory"),
    ],
    f"{APP}/routes/agents_execute.py": [
        PLAIN,
        ("engine = ExecutionEngine(", "engine = UserExecutionEngine("),
    ],
    f"{APP}/services/audit_log.py": [
        (
            f"{PLAIN[0]}, detect_global_state_usage\r\n",
            f"from {OLD} import detect_global_state_usage\r\n{PLAIN[1]}\r\n",
        ),
        ("engine: ExecutionEngine", "engine: UserExecutionEngine"),
        ("{ExecutionEngine.__module__}", "{UserExecutionEngine.__module__}"),
    ],
    f"{APP}/services/chat_service.py": [
        PLAIN,
        ("-> ExecutionEngine", "-> UserExecutionEngine"),
        ("return ExecutionEngine(", "return UserExecutionEngine("),
    ],
    f"{APP}/services/engine_inspector.py": [
        (f"import {OLD} as ee", f"import {ENGINE} as ee"),
        ("ee.ExecutionEngine", "ee.UserExecutionEngine"),
    ],
    f"{APP}/services/engine_monitor.py": [
        (f"{OLD}.ExecutionEngine", f"{ENGINE}.UserExecutionEngine"),
        (f"import {OLD}\n", f"import {ENGINE}\n"),
    ],
    f"{APP}/services/engines.py": [SURFACE],
    f"{APP}/services/facturation.py": [
        PLAIN,
        ("moteur: ExecutionEngine", "moteur: UserExecutionEngine"),
        ("MOTEUR = ExecutionEngine", "MOTEUR = UserExecutionEngine"),
    ],
    f"{APP}/services/naming_clash.py": [SURFACE],
    f"{APP}/services/optional_engine.py": [
        PLAIN,
        ("    ExecutionEngine = None", "    UserExecutionEngine = None"),
        ("if ExecutionEngine is", "if UserExecutionEngine is"),
        ("else ExecutionEngine.", "else UserExecutionEngine."),
    ],
    f"{APP}/services/plugin_loader.py": [(f'import_module("{MANAGERS}")', f'import_module("{FACTORY}")')],
    f"{APP}/services/report_service.py": [
        (f"from {CONSOLIDATED} import ExecutionEngine as ReportEngine", PLAIN[1]),
        ("= ReportEngine(", "= UserExecutionEngine("),
    ],
    f"{APP}/services/rerun_service.py": [
        PLAIN,
        (
            "websocket_emitter = UserWebSocketEmitter(context.user_id)\n    engine = ExecutionEngine()",
            "websocket_emitter = UserWebSocketEmitter(context.user_id)\n"
            "    engine = UserExecutionEngine(context, agent_factory, websocket_emitter)",
        ),
        ("engine = ExecutionEngine()", "engine = UserExecutionEngine()"),  # for want of a context
    ],
    f"{APP}/services/request_service.py": [
        (
            f"from {OLD} import (\n"
            "    # the factory function, until callers have the factory itself\n"
            "    create_request_scoped_engine,\n"
            "    detect_global_state_usage,  # health check\n"
            ")\n",
            f"from {OLD} import (\n"
            "    detect_global_state_usage,  # health check\n"
            ")\n"
            f"from {FACTORY} import (\n"
            "    # the factory function, until callers have the factory itself\n"
            "    create_request_scoped_engine,\n"
            ")\n",
        ),
    ],
    f"{APP}/services/session_service.py": [
        (
            f"{PLAIN[0]}, UserExecutionContext, create_execution_context_manager  # sessions\n",
            f"from {OLD} import create_execution_context_manager  # sessions\n"
            f"{PLAIN[1]}\n"
            f"from {CONTEXT} import UserExecutionContext\n",
        ),
        ("dict[str, ExecutionEngine]", "dict[str, UserExecutionEngine]"),
    ],
    f"{APP}/services/state_audit.py": [
        (
            f"from {AGENTS}.supervisor import execution_engine\n",
            f"from {AGENTS}.supervisor import execution_engine\n"
            f"from {AGENTS}.supervisor import user_execution_engine\n",
        ),
        ("execution_engine.ExecutionEngine.", "user_execution_engine.UserExecutionEngine."),
    ],
    "netra_backend/tests/conftest.py": [SURFACE],
    "netra_backend/tests/test_chat_service.py": [
        ("chat_service.ExecutionEngine", "chat_service.UserExecutionEngine"),
        ('"ExecutionEngine"', '"UserExecutionEngine"'),
    ],
    "netra_backend/tests/test_execution_engine_unified_factory.py": [
        ("UnifiedExecutionEngineFactory", "ExecutionEngineFactory"),
        (UNIFIED, FACTORY),
    ],
    "netra_backend/tests/test_patch_targets.py": [
        (f"from {OLD} import ExecutionEngine as Engine", PLAIN[1]),
        ("asyncio.run(Engine(", "asyncio.run(UserExecutionEngine("),
        ("engine = Engine(", "engine = UserExecutionEngine("),
        PLAIN,
        ("assert ExecutionEngine is", "assert UserExecutionEngine is"),
        (f'"{OLD}.ExecutionEngine', f'"{ENGINE}.UserExecutionEngine'),
        (f'"{OLD}.logger"', f'"{ENGINE}.logger"'),
    ],
    "scripts/warm_up.py": [
        (
            f"from {UNIFIED} import UnifiedExecutionEngineFactory",
            f"from {FACTORY} import ExecutionEngineFactory",
        ),
        ("UnifiedExecutionEngineFactory.configure", "ExecutionEngineFactory.configure"),
        (
            f"{PLAIN[0]}, create_request_scoped_engine;",
            f"{PLAIN[1]}; from {FACTORY} import create_request_scoped_engine;",
        ),
        ("= ExecutionEngine", "= UserExecutionEngine"),
    ],
    "tests/e2e/test_response_recovery.py": [
        (
            "    from netra_backend.app.core.user_execution_engine import"
            " UserExecutionEngine, UserExecutionEngineFactory\n",
            f"    {PLAIN[1]}\n    from {FACTORY} import ExecutionEngineFactory\n",
        ),
        ("UserExecutionEngineFactory", "ExecutionEngineFactory"),
    ],
    "tests/e2e/test_timeout.py": [
        ("from netra_backend.app.execution.execution_engine import ExecutionEngine", PLAIN[1]),
        ("callable(ExecutionEngine", "callable(UserExecutionEngine"),
    ],
    "tests/integration/test_consolidated.py": [
        (
            f"from {CONSOLIDATED} import EngineConfig, ExecutionEngine, ExecutionEngineFactory, execute_agent\n",
            f"from {CONSOLIDATED} import EngineConfig, execute_agent\n"
            f"{PLAIN[1]}\n"
            f"from {FACTORY} import ExecutionEngineFactory, user_execution_engine\n",
        ),
        ("    execution_engine_context,\n", ""),
        ("with execution_engine_context(", "with user_execution_engine("),
        ("isinstance(engine, ExecutionEngine)", "isinstance(engine, UserExecutionEngine)"),
    ],
    "tests/integration/test_user_isolation.py": [
        (f"{PLAIN[0]} as UserExecutionEngine", PLAIN[1]),
        (f"from {OLD} import UserExecutionContext", f"from {CONTEXT} import UserExecutionContext"),
    ],
}
STUBS = {
    MANAGERS: {
        "ExecutionEngineFactory": FACTORY,
        "ExecutionEngineFactoryError": FACTORY,
        "configure_execution_engine_factory": FACTORY,
        "get_execution_engine_factory": FACTORY,
    },
    UNIFIED: {
        "ExecutionEngineFactory": FACTORY,
        "UnifiedExecutionEngineFactory": FACTORY,
        "UserExecutionEngine": ENGINE,
    },
    ADAPTER: {"ExecutionEngineFactory": FACTORY},
    OLD: {
        "AgentExecutionResult": f"{AGENTS}.supervisor.execution_context",
        "AgentRegistry": f"{AGENTS}.supervisor.agent_registry",
        "ExecutionEngine": ENGINE,
        "UserExecutionContext": CONTEXT,
        "UserExecutionEngine": ENGINE,
        "UserWebSocketEmitter": "netra_backend.app.websocket_core.emitter",
        "create_request_scoped_engine": FACTORY,
        "default_registry": f"{AGENTS}.supervisor.agent_registry",
        "get_execution_engine_factory": FACTORY,
        "logger": ENGINE,
    },
    CONSOLIDATED: {
        "ExecutionEngine": ENGINE,
        "ExecutionEngineFactory": FACTORY,
        "execution_engine_context": FACTORY,
    },
}
RENAMED = {
    "ExecutionEngine": "UserExecutionEngine",
    "UnifiedExecutionEngineFactory": "ExecutionEngineFactory",
    "execution_engine_context": "user_execution_engine",
}
# What a stub goes on defining itself.
KEPT = {
    OLD: ["create_execution_context_manager", "detect_global_state_usage"],
    CONSOLIDATED: [
        "AgentExecutionContext",
        "AgentExecutionResult",
        "DataExecutionExtension",
        "EngineConfig",
        "ExecutionExtension",
        "MCPExecutionExtension",
        "RequestScopedExecutionEngine",
        "UserExecutionExtension",
        "WebSocketExtension",
        "create_execution_engine",
        "execute_agent",
        "get_execution_engine_factory",
        "logger",
    ],
}


def expected_bytes(path: str) -> bytes:
    """The file as it must be after the migration, made from the example's own by plain replacement."""
    data = (EXAMPLE / path).read_bytes()
    encoding = "latin-1" if b"coding: latin-1" in data else "utf-8"
    text = data.decode(encoding)
    for old, new in EXPECTED[path]:
        assert old in text, f"{path} does not hold {old!r}"
        text = text.replace(old, new)
    return text.encode(encoding)


def path_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


@dataclass(frozen=True)
class Migrated:
    """The example after `plan` and `apply`, with the branch checked out."""

    repo: Path
    plan: Path
    planned: str

    def git(self, *words: str) -> str:
        return run("git", *words, cwd=self.repo).stdout

    @property
    def commits(self) -> list[str]:
        return self.git("rev-list", "--reverse", f"main..{BRANCH}").split()


def run(*words: str | Path, cwd: Path, exits: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == exits, f"{words} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done


def repoint(*words: str | Path, cwd: Path, exits: int = 0) -> str:
    return run(sys.executable, "-m", "repoint", *words, cwd=cwd, exits=exits).stdout


def example_tests(folder: Path) -> str:
    """The last line of what the example's own tests print."""
    return run(sys.executable, "-m", "pytest", "-q", cwd=folder).stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    return migrate(tmp_path_factory.mktemp("example"), MIGRATION)


def migrate(folder: Path, manifest: Path) -> Migrated:
    """The example, planned and applied in `folder`."""
    repo, plan = folder / "backend", folder / "plan.json"
    shutil.copytree(EXAMPLE, repo, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    run("git", "init", "-q", "-b", "main", cwd=repo)
    run("git", "config", "core.autocrlf", "false", cwd=repo)
    run("git", "add", "-A", cwd=repo)
    run("git", "commit", "-q", "-m", "base", cwd=repo)
    planned = repoint("plan", manifest, "--repo", repo, "--out", plan, cwd=folder)
    assert not run("git", "status", "--porcelain", cwd=repo).stdout, "planning wrote to the repository"
    repoint("apply", plan, "--manifest", manifest, "--repo", repo, cwd=folder)
    run("git", "switch", "-q", BRANCH, cwd=repo)
    return Migrated(repo, plan, planned)


@pytest.mark.parametrize("applied", [False, True])
def test_the_audit_counts_what_ast_alone_counts(migrated: Migrated, applied: bool) -> None:
    rev, folder = (BRANCH, migrated.repo) if applied else ("main", EXAMPLE)
    audit = json.loads(repoint("audit", MIGRATION, "--rev", rev, "--format", "json", cwd=migrated.repo))
    told = {item["symbol"]: Counter({kind: item[kind] for kind in recount.KINDS}) for item in audit["symbols"]}
    rows = recount.Recount(folder, tomllib.loads(MIGRATION.read_text(encoding="utf-8"))).rows()
    assert sum(row["canonical"] for row in rows.values()) > 10
    assert {symbol: (rows.get(symbol), told.get(symbol)) for symbol in recount.differences(rows, told)} == {}
    assert (audit["figures"]["deprecated_imports"] == 1) is applied  # a star import


def test_only_the_expected_files_change(migrated: Migrated) -> None:
    changed = migrated.git("diff", "--name-only", "main", BRANCH).splitlines()
    assert sorted(changed) == sorted([*EXPECTED, *map(path_of, STUBS)])


@pytest.mark.parametrize("path", EXPECTED)
def test_a_file_changes_exactly_as_expected(migrated: Migrated, path: str) -> None:
    assert (migrated.repo / path).read_bytes() == expected_bytes(path)


def test_every_other_file_is_unchanged_byte_for_byte(migrated: Migrated) -> None:
    """Among them the look-alikes: same words, other things."""
    others = {path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*") if path.is_file()}
    others = {path for path in others if "__pycache__" not in path}
    others -= {*EXPECTED, *map(path_of, STUBS)}
    assert {
        f"{APP}/agents/supervisor/execution_engine_factory.py",
        f"{APP}/tools/dispatcher.py",
        f"{APP}/tools/tool_execution_engine_interface.py",
        "netra_backend/tests/test_execution_engine.py",
        "netra_backend/tests/test_execution_engine_factory.py",
        "scripts/count_engines.py",
        "scripts/dry_run.py",
        "scripts/legacy_report.py",
        "tests/compat/test_old_path.py",
        "config/settings.toml",
        "docs/engines.md",
    } <= others
    assert [
        path for path in sorted(others) if (migrated.repo / path).read_bytes() != (EXAMPLE / path).read_bytes()
    ] == []


@pytest.mark.parametrize("module", STUBS)
def test_a_stub_gives_the_objects_of_the_homes(migrated: Migrated, module: str) -> None:
    checks = [
        f"assert stub.{name} is importlib.import_module({home!r}).{RENAMED.get(name, name)}"
        for name, home in STUBS[module].items()
    ]
    lines = [
        "import importlib",
        f"stub = importlib.import_module({module!r})",
        f"assert sorted(stub.__all__) == {sorted([*STUBS[module], *KEPT.get(module, ())])!r}, stub.__all__",
        *checks,
    ]
    run(sys.executable, "-c", "\n".join(lines), cwd=migrated.repo)


@pytest.mark.parametrize("module", STUBS)
def test_a_stub_defines_what_is_kept_and_nothing_else(migrated: Migrated, module: str) -> None:
    """Word for word; what is dropped cannot be patched any more."""
    after, before = (
        {getattr(node, "name", ""): ast.unparse(node) for node in ast.parse(text).body}
        for text in ((folder / path_of(module)).read_text("utf-8") for folder in (migrated.repo, EXAMPLE))
    )
    assert sorted({*after, "logger"} - {""}) == sorted({*KEPT.get(module, ()), "logger"})
    assert all(before[name] == after[name] for name in after if name)
    run(
        sys.executable,
        "-c",
        f"import importlib\nassert not hasattr(importlib.import_module({module!r}), 'get_execution_tracker')",
        cwd=migrated.repo,
    )


def test_stubs_are_the_last_commits(migrated: Migrated) -> None:
    last = [
        migrated.git("show", "--format=", "--name-only", commit).split() for commit in migrated.commits[-len(STUBS) :]
    ]
    assert sorted(last) == sorted([path_of(module)] for module in STUBS)


def test_its_own_tests_pass_before_and_after(migrated: Migrated, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(EXAMPLE, before, ignore=shutil.ignore_patterns("__pycache__"))
    assert "40 passed, 2 skipped" in example_tests(before)
    assert "42 passed" in example_tests(migrated.repo)


@pytest.mark.slow
def test_its_own_tests_pass_at_every_commit(migrated: Migrated, tmp_path: Path) -> None:
    worktree = tmp_path / "worktree"
    migrated.git("worktree", "add", "-q", "--detach", str(worktree), "main")
    for commit in migrated.commits:
        run("git", "checkout", "-q", "--detach", commit, cwd=worktree)
        assert "failed" not in example_tests(worktree), commit
    migrated.git("worktree", "remove", "--force", str(worktree))


def test_every_changed_file_parses_at_every_commit(migrated: Migrated) -> None:
    assert len(migrated.commits) > len(STUBS)
    for commit in migrated.commits:
        for path in migrated.git("show", "--format=", "--name-only", commit).split():
            ast.parse(subprocess.check_output(["git", "show", f"{commit}:{path}"], cwd=migrated.repo))


def test_no_commit_leaves_more_imports_unresolved(migrated: Migrated) -> None:
    checker = Checker(migrated.repo)
    before = {told for _, told in checker.unresolved("main")}
    for commit in migrated.commits:
        assert {told for _, told in checker.unresolved(commit)} <= before


@pytest.mark.slow
def test_with_stubs_first_each_user_moves_to_the_object_it_has(migrated: Migrated, tmp_path: Path) -> None:
    """The stubs' commits change what runs; those after them change names alone, and all ends as with stubs last."""
    manifest = tmp_path / "first.toml"
    manifest.write_text(MIGRATION.read_text("utf-8").replace('stubs = "last"', 'stubs = "first"'), "utf-8")
    copy_codemod(tmp_path)
    first = migrate(tmp_path, manifest)
    assert "changes no object" in " ".join(first.planned.split())
    titles = [first.git("show", "-s", "--format=%s", commit) for commit in first.commits]
    assert ["redirect" in title for title in titles] == sorted(("redirect" in title for title in titles), reverse=True)
    assert first.git("rev-parse", f"{BRANCH}^{{tree}}") == migrated.git("rev-parse", f"{BRANCH}^{{tree}}")
    checker = Checker(first.repo)
    before = {told for _, told in checker.unresolved("main")}
    for commit in first.commits:
        assert {told for _, told in checker.unresolved(commit)} <= before


def test_commits_carry_trailers(migrated: Migrated) -> None:
    total = len(migrated.commits)
    for number, commit in enumerate(migrated.commits, 1):
        trailers = migrated.git("show", "-s", "--format=%(trailers:only,unfold)", commit).splitlines()
        assert "Repoint-Migration: execution-engine" in trailers
        assert f"Repoint-Batch: {number}/{total}" in trailers


def test_planning_again_finds_nothing(migrated: Migrated, tmp_path: Path) -> None:
    again: list[str | Path] = [
        "plan",
        MIGRATION,
        "--repo",
        migrated.repo,
        "--check",
        "--out",
        tmp_path / "again.json",
    ]
    repoint(*again, cwd=tmp_path)
    assert json.loads((tmp_path / "again.json").read_bytes())["batches"] == []
    repoint(*again, "--rev", "main", cwd=tmp_path, exits=1)


def test_applying_again_does_nothing(migrated: Migrated, tmp_path: Path) -> None:
    head = migrated.git("rev-parse", BRANCH)
    repoint("apply", migrated.plan, "--manifest", MIGRATION, "--repo", migrated.repo, cwd=tmp_path)
    assert migrated.git("rev-parse", BRANCH) == head
    assert not migrated.git("status", "--porcelain")


def test_what_is_left_is_said(migrated: Migrated) -> None:
    """What a person has to look at is a warning; nothing is an error."""
    findings = json.loads(migrated.plan.read_bytes())["findings"]
    assert not [finding for finding in findings if finding["severity"] == "error"]
    told = {(finding["path"], finding["line"]) for finding in findings if finding["severity"] == "warning"}
    assert {
        (f"{APP}/services/naming_clash.py", 3),
        ("scripts/console.py", 4),
        ("scripts/dry_run.py", 10),
        ("scripts/legacy_report.py", 3),
        ("tests/integration/test_consolidated.py", 72),
    } <= told
    kept = {(finding["path"], finding["line"]) for finding in findings if finding["severity"] == "info"}
    assert ("tests/compat/test_old_path.py", 3) in kept
    assert {("docs/engines.md", 3), ("config/settings.toml", 2), ("config/coverage.yaml", 2)} <= kept


def test_the_piped_diff_is_a_patch(migrated: Migrated, tmp_path: Path) -> None:
    diff = subprocess.check_output(
        [sys.executable, "-m", "repoint", "diff", str(migrated.plan), "--repo", str(migrated.repo)],
        cwd=tmp_path,
    )
    (tmp_path / "plan.patch").write_bytes(diff)
    migrated.git("worktree", "add", "-q", "--detach", str(tmp_path / "base"), "main")
    run("git", "apply", "--check", tmp_path / "plan.patch", cwd=tmp_path / "base")
    migrated.git("worktree", "remove", "--force", str(tmp_path / "base"))


def test_the_plan_is_the_same_every_time(migrated: Migrated, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    repoint("plan", MIGRATION, "--repo", migrated.repo, "--rev", "main", "--out", again, cwd=tmp_path)
    assert again.read_bytes() == migrated.plan.read_bytes()
