"""Takes a name and a kind, gives a codemod to start from: its module, a test of it, its table in a manifest."""

from __future__ import annotations

from repoint.manifest.schema import CodemodKind
from repoint.model import Frozen

_LIBCST = '''\
"""A LibCST codemod: calls of `logger.warn(...)` become `logger.warning(...)`.

It works as it is. Change it to what you need, and its test with it.
"""

from __future__ import annotations

import libcst as cst
from libcst import codemod
from libcst import matchers as m


class OBJECT(codemod.VisitorBasedCodemodCommand):
    """Made anew for each file, with the manifest's `args` as keyword arguments."""

    DESCRIPTION = "Call warning() of a logger where the deprecated warn() is called."

    def __init__(self, context: codemod.CodemodContext, logger: str) -> None:
        super().__init__(context)
        self.logger = logger

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Called for each call in the file; what it returns takes the call's place."""
        # A matcher says what to look for. What is not surely meant is left alone.
        wanted = m.Attribute(m.Name(self.logger), m.Name("warn"))
        if not m.matches(updated_node.func, wanted):
            return updated_node
        # What is to be looked at by hand: self.warn("...") is a finding in the plan.
        name = cst.ensure_type(updated_node.func, cst.Attribute).attr
        return updated_node.with_deep_changes(name, value="warning")
'''

_BOWLER = '''\
"""A Bowler codemod: calls of `logger.warn(...)` become `logger.warning(...)`.

It works as it is. Change it to what you need, and its test with it.
"""

from __future__ import annotations

from typing import Any

import bowler
import fissix.fixer_util


def OBJECT(query: bowler.Query, logger: str) -> bowler.Query:
    """Called for each file, with the manifest's `args` as keyword arguments."""
    # A pattern says what to look for. What is not surely meant is left alone.
    warn = "trailer< '.' name='warn' >"
    called = f"power< '{logger}' {warn} trailer< '(' any* ')' > any* >"
    return query.select(called).modify(_rename)


def _rename(node: Any, capture: dict[str, Any], filename: str) -> None:
    """Called for each match in the file; `capture` holds what the pattern names."""
    name = capture["name"]
    name.replace(fissix.fixer_util.Name("warning", prefix=name.prefix))
'''

_TEST = '''\
"""Tests of NAME.py; `python -m pytest` runs them."""

from __future__ import annotations

import sys
from pathlib import Path

from repoint.testing import check_noop, check_transformed

sys.path.insert(0, str(Path(__file__).parent))  # where NAME.py lies

CODEMOD = "NAME:OBJECT"
ARGS = {"logger": "log"}


def test_calls_are_renamed() -> None:
    check_transformed(
        CODEMOD,
        before="""
            def save(disk):
                log.warn("%s is full", disk)
        """,
        after="""
            def save(disk):
                log.warning("%s is full", disk)
        """,
        args=ARGS,
    )


def test_what_only_looks_alike_is_left_alone() -> None:
    check_noop(
        CODEMOD,
        """
            warnings.warn("not a logger")
            log.warning("done already")
            log.warn
        """,
        args=ARGS,
    )
'''

_TABLE = """\
[[codemod]]
kind = "KIND"
ref = "NAME:OBJECT"
args = { logger = "logger" }
prefilter = ["warn"]
"""


class Scaffold(Frozen, frozen=True):
    """Text for `NAME.py`, for `test_NAME.py`, and for the manifest."""

    codemod: str
    test: str
    table: str


def scaffold(name: str, kind: CodemodKind) -> Scaffold:
    """A codemod called `name`, a module's name in letters, digits and `_`, with what belongs to it."""
    libcst = kind is CodemodKind.LIBCST
    called = "".join(part[:1].upper() + part[1:] for part in name.split("_")) if libcst else name

    def filled(text: str) -> str:
        return text.replace("NAME", name).replace("OBJECT", called).replace("KIND", kind.value)

    return Scaffold(filled(_LIBCST if libcst else _BOWLER), filled(_TEST), filled(_TABLE))
