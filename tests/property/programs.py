"""Strategies for modules that import moved names in every form, and use, shadow, rebind and pass on what they import.

The code around the moved names is what trips rewriters: scopes of every kind, names that clash with the new ones,
conditional and repeated imports, deletions, strings. Every program compiles; it may well raise when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

HOMES = {
    "pkg/__init__.py": b"",
    "pkg/home/__init__.py": b"",
    "pkg/home/core.py": b"class UserEngine(Exception):\n    pass\n\n\nclass Failed(Exception):\n    pass\n",
    "pkg/home/factory.py": b"def make_engine(*args):\n    return None\n",
    "pkg/home/toolbox.py": b"LIMIT = 3\n\n\ndef helper(*args):\n    return None\n",
    "pkg/legacy/__init__.py": b"",
    "pkg/legacy/engine.py": (
        b"from pkg.home.core import UserEngine as Engine\nfrom pkg.home.factory import make_engine as make\n\n\n"
        b"def other(*args):\n    return None\n"
    ),
    "pkg/legacy/errors.py": b"from pkg.home.core import Failed as EngineError\n",
    "pkg/legacy/tools.py": b"import sys\n\nimport pkg.home.toolbox\n\nsys.modules[__name__] = pkg.home.toolbox\n",
    "pkg/mods/__init__.py": b"",
}
MOVES = {
    "pkg.legacy.engine:Engine": "pkg.home.core:UserEngine",
    "pkg.legacy.engine:make": "pkg.home.factory:make_engine",
    "pkg.legacy.errors:EngineError": "pkg.home.core:Failed",
    "pkg.legacy.tools": "pkg.home.toolbox",
}
NAMES = ("Engine", "UserEngine", "make", "make_engine", "helper", "tools", "core", "x", "y")
QUIET_NAMES = ("alpha", "beta", "gamma")


def manifest(moves: dict[str, str]) -> str:
    entries = "".join(f'[[move]]\nold = "{old}"\nnew = "{new}"\n\n' for old, new in moves.items())
    scope = '[scope]\nexclude = ["pkg/home/**", "pkg/legacy/**", "legacy_tools.py"]'
    return f'name = "property"\n\n{scope}\n\n{entries}'


@dataclass(frozen=True)
class Import:
    """A statement, the local name that it binds (or refers by), and expressions that use it."""

    text: str
    binds: str
    uses: tuple[str, ...]


# Each moved name alone in its statement, and told in full: what an inverse migration can give back byte for byte.
PLAIN = (
    Import("from pkg.legacy.engine import Engine", "Engine", ("Engine",)),
    Import("from pkg.legacy.engine import Engine as E", "E", ("E",)),
    Import("from pkg.legacy.engine import (\n    Engine,  # the first\n)", "Engine", ("Engine",)),
    Import("import pkg.legacy.tools as t", "t", ("t.helper", "t.LIMIT", "t")),
    Import("import pkg.legacy.tools", "pkg", ("pkg.legacy.tools.helper", "pkg.legacy.tools")),
    Import("from pkg.legacy.tools import helper", "helper", ("helper",)),
    Import("from pkg.legacy.tools import (\n    LIMIT as limit,\n    helper,\n)", "helper", ("helper", "limit")),
    Import("from pkg.legacy.errors import EngineError", "EngineError", ("EngineError",)),
    Import("import importlib", "importlib", ('importlib.import_module("pkg.legacy.tools")',)),
)
IMPORTS = (
    *PLAIN,
    Import("from pkg.legacy.engine import Engine, make", "Engine", ("Engine", "make")),
    Import("from pkg.legacy.engine import other, Engine", "Engine", ("Engine", "other")),
    Import(
        "from pkg.legacy.engine import (  # all\n    Engine,\n    make,  # one\n    other,\n)",
        "make",
        ("make", "other"),
    ),
    Import("from pkg.legacy.engine import Engine as UserEngine", "UserEngine", ("UserEngine",)),
    Import("from pkg.legacy.engine import make as Engine", "Engine", ("Engine",)),
    Import("from ..legacy.engine import Engine", "Engine", ("Engine",)),
    Import("from ..legacy import tools", "tools", ("tools.helper", "tools")),
    Import("from .. import legacy", "legacy", ("legacy",)),
    Import("import pkg.legacy.engine", "pkg", ("pkg.legacy.engine.Engine", "pkg.legacy.engine.other")),
    Import("import pkg.legacy.engine as eng", "eng", ("eng.Engine", "eng.make", "eng.other")),
    Import("import pkg.legacy.engine as eng, json", "eng", ("eng.Engine", "json")),
    Import("import json, pkg.legacy.tools, sys", "pkg", ("pkg.legacy.tools.LIMIT", "sys.maxsize")),
    Import("from pkg.legacy import engine", "engine", ("engine.Engine", "engine.other")),
    Import("from pkg.legacy import engine as core", "core", ("core.Engine", "core")),
    Import("from pkg.legacy import engine, tools", "tools", ("engine.make", "tools.helper")),
    Import("from pkg import legacy", "legacy", ("legacy",)),
    Import("from pkg.home.core import UserEngine", "UserEngine", ("UserEngine",)),
    Import("from pkg.home.core import UserEngine as Engine", "Engine", ("Engine",)),
    Import("import pkg.home.core", "pkg", ("pkg.home.core.UserEngine",)),
    Import("from pkg.legacy.engine import Engine; from pkg.legacy.engine import make", "make", ("make", "Engine")),
    Import(
        "try:\n    from pkg.legacy.engine import Engine\nexcept ImportError:\n    Engine = None", "Engine", ("Engine",)
    ),
    Import(
        "try:\n    from pkg.legacy.errors import EngineError\nexcept ImportError:\n"
        "    from pkg.home.core import Failed as EngineError",
        "EngineError",
        ("EngineError",),
    ),
    Import("if 0:\n    from pkg.legacy.engine import Engine", "Engine", ('quoted("Engine")',)),
    Import("from pkg.legacy.engine import *", "Engine", ("Engine", "make")),
    Import("from unittest import mock", "mock", ('mock.patch("pkg.legacy.engine.Engine")',)),
)


@dataclass
class _Writer:
    """Writes one module; `known` are expressions that are bound where the writer stands."""

    draw: st.DrawFn
    imports: tuple[Import, ...]
    names: tuple[str, ...]
    rich: bool
    lines: list[str] = field(default_factory=list)
    known: list[list[str]] = field(default_factory=lambda: [["len"]])
    count: int = 0

    def pick(self, items: tuple[str, ...] | list[str]) -> str:
        return self.draw(st.sampled_from(items))

    def put(self, depth: int, text: str) -> None:
        self.lines += ["    " * depth + line for line in text.split("\n")]

    def know(self, *expressions: str) -> None:
        self.known[-1] += expressions

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def atom(self) -> str:
        """Mostly what was bound last."""
        flat = [expression for level in reversed(self.known) for expression in reversed(level)]
        return flat[min(self.draw(st.integers(0, 5)), len(flat) - 1)]

    def expression(self) -> str:
        one, other = self.atom(), self.pick(self.names)
        forms = [
            "{one}", "{one}", "{one}", "({one}, [{one}])", "f'{{{one}!r:>{{len(str({one}))}}}}'", "(lambda: {one})()",
            "(lambda a={one}: a)()", "[{one} for _ in (1, 2)]", "{one} if {one} else None", "isinstance({one}, type)",
        ]  # fmt: skip
        if self.rich:
            forms += [
                "[{other} for {other} in ({one}, 2)]", "(lambda {other}: {other})({one})", "({other} := {one})",
                "[[{other} for _ in (1,)] for {other} in ({one},)]", "dict({other}={one})",
                "[({other} := a) for a in ({one},)]", "{{k: {one} for k in (1,) if {one}}}",
            ]  # fmt: skip
        return self.pick(forms).format(one=one, other=other)

    def block(self, depth: int, size: int) -> None:
        for _ in range(self.draw(st.integers(1, size))):
            self.statement(depth)

    def statement(self, depth: int) -> None:
        simple: list[Callable[[int], None]] = [self.import_, self.import_, self.use, self.use, self.use, self.annotated]
        if self.rich:
            simple += [self.assign, self.rebind, self.string]
        deep = [self.function, self.class_, self.branch, self.handler]
        if self.rich:
            deep += [self.outer_name, self.loop, self.match]
        self.draw(st.sampled_from(simple if depth >= 3 else simple + deep))(depth)

    def import_(self, depth: int) -> None:
        chosen = self.draw(st.sampled_from(self.imports))
        if "*" in chosen.text and depth:
            chosen = self.imports[0]
        self.put(depth, chosen.text)
        self.know(*chosen.uses)

    def use(self, depth: int) -> None:
        self.put(depth, f"probe({self.expression()})" + self.pick(["", "", "  # Engine", "; probe(1)"]))

    def annotated(self, depth: int) -> None:
        name = self.fresh("a")
        quoted = self.pick(["{}", "'{}'", "list['{}']"]).format("Engine" if self.atom() != "Engine" else self.atom())
        self.put(depth, f"def {name}(p: {quoted} = None) -> {quoted}: return p" if "'" in quoted else "probe(0)")

    def assign(self, depth: int) -> None:
        name = self.pick(self.names)
        self.put(depth, f"{name} = {self.expression()}")
        self.know(name)

    def rebind(self, depth: int) -> None:
        name = self.pick(self.names)
        self.put(depth, self.pick(["del {0}", "{0} = 1; del {0}", "for {0} in (1, 2): probe({0})"]).format(name))

    def string(self, depth: int) -> None:
        old = self.pick(["pkg.legacy.engine", "pkg.legacy.engine.Engine", "pkg.legacy.tools", "pkg.legacy.toolshed"])
        self.put(depth, f"probe(len({old!r}) > 1)")

    def function(self, depth: int) -> None:
        name = self.fresh("f")
        atom = self.atom()
        head = ["()", f"(p={atom})", f"(*, p=({atom}, 1))"]
        if self.rich:
            head += [f"({self.pick(self.names)}={atom})", f"(*{self.pick(self.names)})"]
        self.put(depth, f"{self.pick(['def', 'def', 'async def'])} {name}{self.pick(head)}:")
        self.known.append([])
        self.block(depth + 1, 4)
        self.known.pop()
        self.put(depth, f"call({name})")

    def class_(self, depth: int) -> None:
        name = self.fresh("C")
        self.put(depth, f"class {name}{self.pick(['', f'({self.atom()})', '(Exception)'])}:")
        self.known.append([])
        self.block(depth + 1, 3)
        self.known.pop()
        self.put(depth + 1, f"def method(self): return probe({self.expression()})")
        self.put(depth, f"call({name}().method)")

    def branch(self, depth: int) -> None:
        self.put(depth, f"if {self.pick(['1', '0', self.atom()])}:")
        self.block(depth + 1, 2)
        if self.draw(st.booleans()):
            self.put(depth, "else:")
            self.block(depth + 1, 2)

    def handler(self, depth: int) -> None:
        name = self.pick(self.names) if self.rich else "caught"
        self.put(depth, "try:")
        self.block(depth + 1, 2)
        self.put(depth, f"except ({self.atom()}, NameError) as {name}:")
        self.block(depth + 1, 2)

    def outer_name(self, depth: int) -> None:
        """A function that binds a name of the module, or of the function around it."""
        outer, inner, name = self.fresh("g"), self.fresh("h"), self.pick(self.names)
        self.put(depth, f"def {outer}():")
        if self.draw(st.booleans()):
            self.put(depth + 1, f"global {name}")
            self.put(depth + 1, self.pick([f"{name} = 5", f"from pkg.legacy.engine import Engine as {name}"]))
        else:
            bound = self.pick([f"{name} = 6", f"from pkg.legacy.engine import Engine as {name}"])
            self.put(
                depth + 1, f"{bound}\ndef {inner}():\n    nonlocal {name}\n    {name} = {self.atom()}\ncall({inner})"
            )
        self.put(depth + 1, f"probe({name})")
        self.put(depth, f"call({outer})")

    def loop(self, depth: int) -> None:
        name = self.pick(self.names)
        self.put(depth, f"for {name} in ({self.atom()}, 1):")
        self.block(depth + 1, 2)

    def match(self, depth: int) -> None:
        name = self.pick(self.names)
        pattern = self.pick([f"[{name}, *_]", f"{{'k': {name}}}", f"({name})", f"int() as {name}", f"{self.atom()}()"])
        self.put(depth, f"match {self.expression()}:\n    case {pattern}:\n        probe({self.atom()})")


@st.composite
def modules(draw: st.DrawFn, *, rich: bool = True, count: int = 3) -> dict[str, bytes]:
    """A few modules of `pkg.mods`; the later ones may import from the earlier ones what those happen to bind."""
    files = {}
    imports = IMPORTS if rich else PLAIN
    for number in range(draw(st.integers(1, count))):
        writer = _Writer(draw, imports, NAMES if rich else QUIET_NAMES, rich)
        if draw(st.booleans()):
            writer.put(0, '"""Engine."""')
        if rich and draw(st.integers(0, 4)) == 0:
            writer.put(0, "from __future__ import annotations")
        if rich and number and draw(st.booleans()):
            name, source = (
                draw(st.sampled_from(("Engine", "make", "helper", "tools", "EngineError", "eng"))),
                f"m{draw(st.integers(0, number - 1))}",
            )
            form = draw(
                st.sampled_from(["from pkg.mods.{1} import {0}", "from . import {1}", "import pkg.mods.{1} as {1}"])
            )
            writer.put(0, form.format(name, source))
            writer.know(name if form.startswith("from pkg") else f"{source}.{name}")
        writer.import_(0)
        writer.block(0, 7)
        if rich and draw(st.integers(0, 5)) == 0:
            writer.put(0, f"__all__ = [{writer.pick(NAMES)!r}]")
        files[f"pkg/mods/m{number}.py"] = ("\n".join(writer.lines) + "\n").encode()
    return files
