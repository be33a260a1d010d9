"""Differences planted into the example repository of execution engines: all are found, and nothing else."""

from __future__ import annotations

from pathlib import Path

from repoint.model import Finding
from repoint.names import Symbol
from tests.unit.compat.compared import compare

REPOSITORY = Path(__file__).parents[2] / "fixtures" / "repos" / "execution_engines"
SUPERVISOR = "netra_backend.app.agents.supervisor"
ENGINE = "netra_backend/app/agents/supervisor/user_execution_engine.py"
MOVES = {
    Symbol(f"{SUPERVISOR}.execution_engine", "ExecutionEngine"): Symbol(
        f"{SUPERVISOR}.user_execution_engine", "UserExecutionEngine"
    ),
    Symbol(f"{SUPERVISOR}.execution_engine", "create_request_scoped_engine"): Symbol(
        f"{SUPERVISOR}.execution_engine_factory", "create_request_scoped_engine"
    ),
}
USER = "netra_backend/app/services/chat_service.py"


def files() -> dict[str, str]:
    return {
        path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8-sig")
        for path in sorted(REPOSITORY.rglob("*.py"))
        if "coding: latin" not in path.read_bytes()[:80].decode("latin-1")
    }


def findings(changed: dict[str, str]) -> set[tuple[str, str, str]]:
    """Path, source line and code of every finding."""
    found: tuple[Finding, ...] = compare(changed, MOVES)[1]
    return {(item.path, changed[item.path].splitlines()[item.line - 1].strip(), item.code) for item in found}


def planted(*replacements: tuple[str, str, str]) -> set[tuple[str, str, str]]:
    """The findings that come of replacing text, each given as path, text and what it becomes."""
    before = files()
    after = dict(before)
    for path, old, new in replacements:
        assert old in after[path]
        after[path] = after[path].replace(old, new)
    return findings(after) - findings(before)


def test_what_the_example_itself_has() -> None:
    script = "scripts/warm_up.py"
    assert findings(files()) == {
        (
            script,
            'system = ExecutionEngine._init_from_factory(default_registry(), UserWebSocketEmitter("system"))',
            "member-missing",
        ),
        (
            script,
            'spare = ExecutionEngine(UserExecutionContext("spare"), default_registry(), max_concurrent=1)',
            "argument-mismatch",
        ),
        (script, 'request = create_request_scoped_engine(UserExecutionContext("request"))', "call-became-async"),
    }  # a service that asks whether what it gets is awaitable is none of them


def test_a_removed_member() -> None:
    line = "ExecutionEngine._init_from_factory(default_registry(), UserWebSocketEmitter(context.user_id))"
    call = "return ExecutionEngine(context, default_registry(), UserWebSocketEmitter(context.user_id))"
    assert planted((USER, call, f"return {line}")) == {(USER, f"return {line}", "member-missing")}


def test_a_new_required_parameter() -> None:
    last = "websocket_emitter: UserWebSocketEmitter,\n"
    users = planted((ENGINE, last, f"{last}        locale: str,\n"))
    assert {path for path, _, code in users if code == "argument-mismatch"} >= {
        USER,
        "netra_backend/app/routes/agents_execute.py",
        "netra_backend/app/services/engine_inspector.py",
        "netra_backend/app/services/engine_monitor.py",
        "netra_backend/tests/conftest.py",
    }


def test_a_parameter_that_is_gone() -> None:
    emitter = "        websocket_emitter: UserWebSocketEmitter,\n    ) -> None:"
    call = "ExecutionEngine(context, default_registry(), UserWebSocketEmitter(context.user_id))"
    users = planted((ENGINE, emitter, "    ) -> None:"))
    assert (USER, f"return {call}", "argument-mismatch") in users


def test_a_method_that_becomes_async() -> None:
    made = "ExecutionEngine(context, default_registry(), UserWebSocketEmitter(context.user_id))"
    use = f"    engine = {made}\n    stats = engine.get_execution_stats()"
    users = planted(
        (USER, f"    return {made}", use),
        (ENGINE, "    def get_execution_stats", "    async def get_execution_stats"),
    )
    assert (USER, "stats = engine.get_execution_stats()", "call-became-async") in users
