"""What users test their codemods with: it passes where the codemod does as it should, and says what it does else."""

from __future__ import annotations

import traceback
import unittest
from collections.abc import Callable
from typing import Any

import libcst as cst
import pytest
from libcst.codemod import SkipFile, VisitorBasedCodemodCommand
from libcst.codemod.commands.rename import RenameCommand

from repoint.testing import check_noop, check_transformed

MOVED = {"old_name": "a.f", "new_name": "b.g"}


class Adds(VisitorBasedCodemodCommand):
    """Adds 1 to every number: never done, and with a warning for each."""

    def leave_Integer(self, original_node: cst.Integer, updated_node: cst.Integer) -> cst.BaseExpression:  # noqa: N802
        context = self.context
        self.warn(f"number {original_node.value} in {context.full_module_name} of {context.full_package_name}")
        return cst.BinaryOperation(updated_node, cst.Add(), cst.Integer("1"))


class Refuses(VisitorBasedCodemodCommand):
    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802
        if not node.body:
            raise SkipFile("nothing in it")
        raise ValueError("far too much in it")


def rename(query: Any, new: str = "g") -> Any:
    return query.select_function("f").rename(new)


def wrong(check: Callable[..., None], *given: Any, **more: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        check(*given, **more)
    return "".join(traceback.format_exception(caught.value))


def test_both_kinds_by_class_by_function_and_by_name() -> None:
    before, after = "from a import f\nf()\n", "from b import g\ng()\n"
    check_transformed(RenameCommand, before, after, args=MOVED)
    check_transformed("libcst.codemod.commands.rename:RenameCommand", before, after, args=MOVED)
    check_transformed(rename, "f()\n", "g()\n")
    check_transformed(rename, "f()\n", "h()\n", args={"new": "h"})
    check_noop(rename, "a.f()\n")
    check_noop("libcst.codemod.commands.noop:NOOPCommand", before)


def test_sources_may_be_indented_as_the_test_is() -> None:
    check_transformed(
        rename,
        """
        if x:
            f()
        """,
        """
        if x:
            g()
        """,
    )


def test_another_text_is_shown_as_a_diff() -> None:
    told = wrong(check_transformed, rename, "x\nf()\n", "x\nf(1)\n")
    assert "what the codemod makes of `before` is not `after`:\n--- expected\n+++ given\n@@ -1,3 +1,3 @@\n x\n" in told
    assert "\n-f(1)\n+g()\n" in told
    assert "\n+g()\\r\n" in wrong(check_transformed, rename, "f()\r\n", "g()\n")
    assert "changes what it should leave alone:\n" in wrong(check_noop, rename, "f()\n")


def test_a_result_that_changes_again_or_does_not_parse_is_wrong() -> None:
    warned = ["number 1"]
    assert "it is not idempotent:\n" in wrong(check_transformed, Adds, "1\n", "1 + 1\n", warnings=warned)
    check_transformed(Adds, "1\n", "1 + 1\n", warnings=warned, idempotent=False)
    told = wrong(check_transformed, rename, "f()\n", "!()\n", args={"new": "!"})
    assert "module.py: what the codemod makes does not parse: invalid syntax" in told


@pytest.mark.parametrize("warnings", [(), ("number 2",), ("number 3", "number 2"), ("number 2", "number 3", "number")])
def test_warnings_are_compared_one_by_one(warnings: tuple[str, ...]) -> None:
    expected = "the warnings are ['number 2 in module of ', 'number 3 in module of '], not ["
    assert expected in wrong(check_transformed, Adds, "2, 3", "2 + 1, 3 + 1", warnings=warnings, idempotent=False)


def test_the_file_is_what_the_test_says() -> None:
    def check(warning: str, **file: str) -> None:
        check_transformed(Adds, "1", "1 + 1", warnings=[warning], idempotent=False, **file)

    check("in pkg.mod of pkg", path="pkg/mod.py")
    check("in pkg of pkg", path="pkg/__init__.py")
    check("in pkg.mod of pkg", path="src/pkg/mod.py", module="pkg.mod")
    check("in pkg.sub of pkg.sub", path="src/pkg/mod.py", module="pkg.sub", package="pkg.sub")


def test_a_codemod_that_fails_is_told_with_its_traceback() -> None:
    told = wrong(check_transformed, Refuses, "x", "x")
    assert "AssertionError: module.py:1: the codemod fails: ValueError: far too much in it (" in told
    assert 'raise ValueError("far too much in it")' in told
    assert "the codemod never sees the file: Bowler's parser (fissix) cannot read line 1: " in wrong(
        check_noop, rename, "match x:\n    case 1: pass\n"
    )


def test_a_skipped_file_is_left_alone_but_not_transformed() -> None:
    check_noop(Refuses, "")
    assert "the codemod skips the file: nothing in it" in wrong(check_transformed, Refuses, "", "")


def test_what_is_no_codemod_is_said() -> None:
    assert "test_what_is_no_codemod_is_said takes no query; " in wrong(check_noop, test_what_is_no_codemod_is_said, "x")
    assert "the module no_such_module cannot be found; " in wrong(check_noop, "no_such_module:Codemod", "x")


class InUnittest(unittest.TestCase):
    def test_it_works_here_too(self) -> None:
        check_transformed(rename, "f()", "g()")
        with self.assertRaises(AssertionError):
            check_noop(rename, "f()")
