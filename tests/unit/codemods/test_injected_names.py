"""Small programs, made up: whatever is injected into them is bound, and is a value of the role, when they run."""

from __future__ import annotations

import contextlib
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.injection_tools import IMPORTS, inject

RUNS = 4
SIMPLE = [
    "Engine()",
    "Engine()",
    "context = made()",
    "context = Context()",
    "user_context = made()",
    "context: Context = made()",
    "user_context: Context | None = maybe()",
    "context = None",
    "context = Other()",
    "context, spare = made(), 1",
    "assert_not(context := made())",
    "[Engine() for context in several()]",
    "later(lambda: Engine())",
    "later(lambda context=made(): Engine())",
    "list(Engine() for spare in several())",
    "with suppress(Boom): context = made(); fail()",
    "import context",
    "try: del context\nexcept NameError: pass",
    "global context",
    "fail()",
]
INIT = "class A:\n    def __init__(self):\n"
BLOCKS = [
    "if flag():\n{0}\nelse:\n{1}",
    "if flag():\n{0}",
    "for context in several():\n{0}\nelse:\n{1}",
    "while flag():\n{0}",
    "try:\n{0}\nexcept Boom:\n{1}",
    "try:\n{0}\nfinally:\n{1}",
    "with given() as context:\n{0}",
    "with suppress(Boom):\n{0}",
    "def run():\n{0}\nlater(run)",
    "def run(context=made()):\n{0}\nlater(run)",
    "def run(context: Context = made(), user_context=None):\n{0}\nlater(run)",
    "def run(user_context: Context | None = maybe()):\n    if user_context is None:\n        return\n{0}\nlater(run)",
    "class Plain:\n{0}",
    f"{INIT}{{0b}}\n        self.context = made()\n{{1b}}\n    def run(self):\n{{2b}}",
    f"{INIT}        if flag(): self.run()\n        self.context = made()\n    def run(self):\n{{0b}}",
    f"{INIT}        if flag(): return\n        self.context = made()\n    def run(self):\n{{0b}}",
    "match maybe():\n    case None:\n{0b}\n    case context:\n{1b}",
]


def indented(lines: list[str], depth: int) -> str:
    return "\n".join(" " * 4 * depth + line for item in lines for line in item.split("\n"))


def block(children: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """A list of statements of which some hold the lists that `children` gives."""

    def fill(frame: str, parts: list[list[str]]) -> str:
        for index, part in enumerate(parts):
            frame = frame.replace(f"{{{index}}}", indented(part, 1)).replace(f"{{{index}b}}", indented(part, 2))
        return f"{frame}\nlater(lambda A=A: A().run())" if frame.startswith("class A") else frame

    compound = st.builds(fill, st.sampled_from(BLOCKS), st.lists(children, min_size=3, max_size=3))
    return st.lists(st.one_of(st.sampled_from(SIMPLE), compound), min_size=1, max_size=4)


PROGRAMS = st.recursive(st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=3), block, max_leaves=8)


class Boom(Exception): ...


class Context: ...


class Other: ...


class Engine:
    def __init__(self, *given: object) -> None:
        assert all(isinstance(value, Context) for value in given), given


def namespace(seed: int, pending: list[Callable[[], object]]) -> dict[str, Any]:
    """What the programs call. `later` runs a function at once or at the end, as the seed has it."""
    chance = random.Random(seed)

    def later(function: Callable[[], object]) -> None:
        pending.append(function)
        if chance.random() < 0.3:
            attempt(function)

    def fail() -> None:
        if chance.random() < 0.3:
            raise Boom

    @contextlib.contextmanager
    def given() -> Iterator[Context]:
        yield Context()

    return {
        "Engine": Engine,
        "Context": Context,
        "Other": Other,
        "Boom": Boom,
        "made": Context,
        "maybe": lambda: chance.choice([Context(), None]),
        "several": lambda: [Context() for _ in range(chance.randrange(3))],
        "flag": lambda: chance.random() < 0.5,
        "suppress": contextlib.suppress,
        "assert_not": lambda value: value,
        "given": given,
        "fail": fail,
        "later": later,
    }


def attempt(function: Callable[[], object]) -> None:
    with contextlib.suppress(Boom):
        function()


def run(text: str, seed: int) -> None:
    pending: list[Callable[[], object]] = []
    names = namespace(seed, pending)
    code = compile(text.removeprefix(IMPORTS), "program", "exec")
    attempt(lambda: exec(code, names))
    for function in pending[:20]:
        attempt(function)


def compiles(text: str) -> bool:
    try:
        compile(text, "program", "exec")
    except SyntaxError:  # `global` after a use
        return False
    return True


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_what_is_injected_is_bound_and_of_its_role(statements: list[str]) -> None:
    text = IMPORTS + indented(statements, 0) + "\n"
    if not compiles(text):
        return
    after, _ = inject(text)
    if after == text:
        return
    sys.modules["context"] = types.ModuleType("context")
    try:
        for seed in range(RUNS):
            run(after, seed)
    finally:
        del sys.modules["context"]
