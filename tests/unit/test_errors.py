"""Errors are one line each, carry their exit code, and survive a process pool."""

from __future__ import annotations

import pickle

import pytest

from repoint.errors import LONGEST, Exit, ManifestErrors, NotProved, Problem, Refused, RepointError, UsageError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("is gone"), "is gone"),
        (Problem("is gone", "a.py:3"), "a.py:3: is gone"),
        (Problem("is gone", mend="add it"), "is gone; add it"),
        (Problem("is gone", "a.py:3", "add it"), "a.py:3: is gone; add it"),
        (Problem("is\x1b[1m gone", "two\nlines"), "two<0a>lines: is<1b>[1m gone"),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_problem_is_safe_to_print() -> None:
    acting = "\x1b[31m\r\n\x9b\u2028\u202e\u200f\u061c"
    shown = "<1b>[31m<0d><0a><9b><2028><202e><200f><61c>"
    assert str(Problem(acting, acting, acting)) == f"{shown}: {shown}; {shown}"
    assert str(Problem("caf\u00e9 \U0001f600 \u05d0")) == "caf\u00e9 \U0001f600 \u05d0"


def test_a_problem_is_cut() -> None:
    half = "x" * (LONGEST // 2 - 1)
    assert str(Problem(f"a{'x' * 10**6}b", "where", "mend")) == f"where: a{half}...{half}b; mend"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, Exit.USAGE),
        (NotProved, Exit.NOT_PROVED),
        (Refused, Exit.REFUSED),
    ],
)
def test_every_error_has_its_exit_code(kind: type[RepointError], code: Exit) -> None:
    assert kind("what", where="here", mend="so").exit_code is code


def test_manifest_errors_tell_all_problems() -> None:
    error = ManifestErrors((Problem("one", "m.toml:1"), Problem("two", "m.toml:2")))
    assert str(error) == "m.toml:1: one\nm.toml:2: two"
    assert error.exit_code is Exit.USAGE


@pytest.mark.parametrize(
    "error",
    [
        Refused("the ref moved", where="trunk", mend="plan again"),
        ManifestErrors((Problem("one"), Problem("two"))),
    ],
)
def test_errors_survive_pickling(error: RepointError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert copy.problems == error.problems
    assert str(copy) == str(error)
