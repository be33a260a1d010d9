"""The rules of the shipped migration: what each takes for a violation, and what it leaves alone."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from repoint.patterns.rules import Rules, compile_patterns
from repoint.patterns.scan import Unread, scan
from repoint.pipeline import read_manifest

MANIFEST = Path(__file__).parents[3] / "codemods" / "execution_engine" / "migration.toml"
APP = "netra_backend/app/services/chat.py"
FACTORY = "netra_backend/app/factories/redis_factory.py"
HOME = "netra_backend/app/agents/supervisor/execution_engine_factory.py"
SERVICE = "auth_service/auth_core/core/jwt_handler.py"
TEST = "netra_backend/tests/test_engine.py"
GETTER = "def get():\n    global _factory\n    if _factory is None:\n        _factory = make()\n    return _factory\n"


@lru_cache
def shipped() -> Rules:
    return compile_patterns(read_manifest(MANIFEST).manifest.pattern)


def lines(rule: str, path: str, text: str) -> list[int]:
    """The lines on which one rule matches in a file of this path."""
    found = scan(text.encode(), shipped().of(path))
    assert not isinstance(found, Unread)
    return [hit.line for hit in found if hit.pattern == rule]


VIOLATIONS = [
    ("direct-instantiation", APP, "a = ExecutionEngine()\nb = UserExecutionEngine(c, f, e)\n", [1, 2]),
    (
        "direct-instantiation",
        APP,
        "async def f():\n    return RequestScopedExecutionEngine(\n        e, 'id')\n",
        [2],
    ),
    ("constructor-without-dependencies", APP, "UserExecutionEngine()\n", [1]),
    ("constructor-without-dependencies", TEST, "UserExecutionEngine(context)\n", [1]),
    ("constructor-without-dependencies", TEST, "UserExecutionEngine(context, factory)\n", [1]),
    ("constructor-without-dependencies", TEST, "UserExecutionEngine(user_context=context)\n", [1]),
    ("constructor-without-dependencies", TEST, "UserExecutionEngine(user_id=1, session_id=2, manager=3)\n", [1]),
    ("constructor-without-dependencies", TEST, "UserExecutionEngine(\n    a,  # one\n    b,  # two\n)\n", [1]),
    ("singleton-module-instance", FACTORY, "_factory_instance = None\n", [1]),
    ("singleton-module-instance", FACTORY, "_redis_factory: Optional[RedisFactory] = None\n", [1]),
    ("singleton-module-instance", FACTORY, "manager = Manager(1)\n", [1]),
    ("singleton-class-instance", FACTORY, "class A:\n    _instance = None\n", [2]),
    ("singleton-class-instance", FACTORY, "class A:\n    _instances: dict[str, A] = {}\n", [2]),
    ("singleton-global-getter", FACTORY, GETTER, [2]),
    ("singleton-global-getter", FACTORY, GETTER.replace("def", "async def"), [2]),
    (
        "auth-bypass-flag",
        APP,
        "try:\n    import x\n    MOCK_AUTH_AVAILABLE = True\nfinally:\n    x()\n",
        [3],
    ),
    ("auth-bypass-flag", APP, "class Settings:\n    AUTH_BYPASS = True\n", [2]),
    ("token-validation-entry-point", APP, "async def validate_token_jwt(token: str) -> dict: ...\n", [1]),
    ("token-validation-entry-point", APP, "class A:\n    def verify_token(self, token):\n        pass\n", [2]),
    ("token-decoded-by-hand", APP, "x = jwt.decode(token, options={'verify_signature': False})\n", [1]),
]


@pytest.mark.parametrize(("rule", "path", "text", "expected"), VIOLATIONS)
def test_violations(rule: str, path: str, text: str, expected: list[int]) -> None:
    assert lines(rule, path, text) == expected


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        ("direct-instantiation", APP, "class ExecutionEngine: ...\nx: ExecutionEngine\nExecutionEngineFactory()\n"),
        ("direct-instantiation", APP, "tool_execution_engine()\n# ExecutionEngine()\ns = 'ExecutionEngine()'\n"),
        ("direct-instantiation", TEST, "engine = UserExecutionEngine(c, f, e)\n"),
        ("direct-instantiation", HOME, "ExecutionEngine()\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(c, f, e)\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(c, agent_factory=f, websocket_emitter=e)\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(c, websocket_emitter=e, agent_factory=f)\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(*args)\nUserExecutionEngine(c, **rest)\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(\n    c,  # one\n    f,\n    e,\n)\n"),
        ("constructor-without-dependencies", APP, "UserExecutionEngine(f(1), g(name=2), [*h])\n"),
        ("constructor-without-dependencies", APP, "class UserExecutionEngine(Base): ...\n"),
        ("singleton-module-instance", APP, "_factory_instance = None\n"),
        ("singleton-module-instance", FACTORY, "T = TypeVar('T')\nlogger = get_logger()\n_lock = Lock()\n"),
        ("singleton-module-instance", FACTORY, "def f():\n    factory = Factory()\n    return factory\n"),
        ("singleton-module-instance", FACTORY, "class A:\n    factory = Factory()\n"),
        ("singleton-module-instance", "tests/helpers/redis_factory.py", "_factory = None\n"),
        ("singleton-class-instance", APP, "class A:\n    _instance = None\n"),
        ("singleton-class-instance", FACTORY, "_instance = None\nclass A:\n    def f(self):\n        _instance = 1\n"),
        ("singleton-class-instance", FACTORY, "class A:\n    # _instance = None\n    name = None\n"),
        ("singleton-global-getter", APP, GETTER),
        ("singleton-global-getter", FACTORY, "def reset():\n    global _factory\n    _factory = None\n"),
        ("singleton-global-getter", FACTORY, "def f():\n    global _count\n    _count += 1\n    return _other\n"),
        ("auth-bypass-flag", APP, "MOCK_AUTH_AVAILABLE = False\nNAMES = ['MOCK_AUTH_AVAILABLE']\n"),
        ("auth-bypass-flag", APP, "if MOCK_AUTH_AVAILABLE == True: pass\nno_auth_validation_passed = True\n"),
        ("auth-bypass-flag", "tests/e2e/conftest.py", "MOCK_AUTH_AVAILABLE = True\n"),
        ("token-validation-entry-point", APP, "await auth.validate_token(t)\ndef validate_token_format(t): ...\n"),
        (
            "token-validation-entry-point",
            "netra_backend/app/services/unified_authentication_service.py",
            "async def authenticate_token(self, token): ...\n",
        ),
        ("token-validation-entry-point", SERVICE, "def validate_token(t): ...\n"),
        ("token-decoded-by-hand", APP, "data.decode('utf-8')\njwt.encode(payload, key)\n"),
        ("token-decoded-by-hand", SERVICE, "jwt.decode(token, key)\n"),
    ],
)  # fmt: skip
def test_what_is_none(rule: str, path: str, text: str) -> None:
    assert lines(rule, path, text) == []


def test_every_rule_is_shown_here_and_says_what_to_do() -> None:
    rules = shipped().patterns
    assert {rule.id for rule in rules} == {rule for rule, *_ in VIOLATIONS}
    assert all(rule.note and rule.fix is None for rule in rules)
