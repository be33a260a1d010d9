"""For the tests of your own codemods: takes a codemod and sources, raises AssertionError where it does anything else.

`check_transformed` and `check_noop` are plain functions, for pytest and unittest alike. A codemod is a
`libcst.codemod.Codemod` class, a function that takes a `bowler.Query` and returns it, or "module:object", which names
either; it is run as `repoint plan` runs it, in this process.

    from repoint.testing import check_noop, check_transformed

    def test_calls_are_renamed():
        check_transformed(
            RenameCall,
            before='''
                fetch(1)
            ''',
            after='''
                load(1)
            ''',
            args={"old": "fetch", "new": "load"},
        )

    def test_methods_are_left_alone():
        check_noop(RenameCall, "client.fetch(1)", args={"old": "fetch", "new": "load"})

Sources lose the indentation that their lines share, and an empty first line.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from difflib import unified_diff
from textwrap import dedent
from typing import Any

from repoint.codemods.runners.load import kind_of, resolve_script, runner_of
from repoint.codemods.runners.runner import Runner
from repoint.codemods.values import Fate, Outcome, Subject, Unusable
from repoint.names import is_package_file, module_of, parent

__all__ = ["check_noop", "check_transformed"]

Codemod = Callable[..., object] | str

_SAID = {
    Fate.SKIPPED: "skips the file",
    Fate.FAILED: "fails",
    Fate.EXITED: "asks to stop",
    Fate.UNREADABLE: "never sees the file",
    Fate.OUT_OF_MEMORY: "fails",
}


def check_transformed(
    codemod: Codemod,
    before: str,
    after: str,
    *,
    args: Mapping[str, Any] | None = None,
    path: str = "module.py",
    module: str | None = None,
    package: str | None = None,
    warnings: Sequence[str] = (),
    idempotent: bool = True,
) -> None:
    """Check that `codemod`, given `args`, makes `after` of `before`, and nothing else of that.

    The result has to parse, and the codemod, run on it again, to leave it as it is: one that is declared not to be
    `idempotent` is run once.

    `path` is the file's path in the repository; `module` and `package` are what it is imported as and what its
    relative imports start from, by default what `path` says. `warnings` are the warnings due, in order, each by a part
    of its text.

    Raises AssertionError with the difference as a diff, or with the reason for which the codemod failed or skipped the
    file; the error of a codemod that raised is its cause.
    """
    __tracebackhide__ = True
    subject = _subject(before, path, module, package)
    runner = _runner(codemod, args or {})
    outcome = _done(runner, subject)
    _same(_plain(after), outcome.text, "what the codemod makes of `before` is not `after`")
    _parses(outcome.text, path)
    _warned(warnings, outcome.warnings)
    if idempotent:
        again = _done(runner, Subject(outcome.text, path, subject.module, subject.package))
        _same(outcome.text, again.text, "the codemod, run again, changes its own result: it is not idempotent")


def check_noop(
    codemod: Codemod,
    source: str,
    *,
    args: Mapping[str, Any] | None = None,
    path: str = "module.py",
    module: str | None = None,
    package: str | None = None,
    warnings: Sequence[str] = (),
) -> None:
    """Check that `codemod`, given `args`, leaves `source` as it is, or skips it; else as `check_transformed`."""
    __tracebackhide__ = True
    subject = _subject(source, path, module, package)
    outcome = _done(_runner(codemod, args or {}), subject, may_skip=True)
    if outcome.fate is Fate.DONE:
        _same(subject.text, outcome.text, "the codemod changes what it should leave alone")
    _warned(warnings, outcome.warnings)


def _subject(source: str, path: str, module: str | None, package: str | None) -> Subject:
    named = module_of(path) if module is None else module
    around = named if is_package_file(path) else parent(named)
    return Subject(_plain(source), path, named, around if package is None else package)


def _plain(source: str) -> str:
    return dedent(source).removeprefix("\n")


def _runner(codemod: Codemod, args: Mapping[str, Any]) -> Runner:
    named = codemod if isinstance(codemod, str) else getattr(codemod, "__qualname__", repr(codemod))
    try:
        found = resolve_script(codemod) if isinstance(codemod, str) else codemod
        return runner_of(kind_of(found), found, args, named)
    except Unusable as error:
        raise AssertionError(f"{error.what}; {error.mend}") from error


def _done(runner: Runner, subject: Subject, *, may_skip: bool = False) -> Outcome:
    outcome, error = runner.attempt(subject)
    if outcome.fate is Fate.DONE or (may_skip and outcome.fate is Fate.SKIPPED):
        return outcome
    place = f"{subject.path}:{outcome.line}"
    raise AssertionError(f"{place}: the codemod {_SAID[outcome.fate]}: {outcome.reason}") from error


def _parses(text: str, path: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise AssertionError(f"{path}: what the codemod makes does not parse: {error}\n\n{text}") from error


def _same(expected: str, given: str, said: str) -> None:
    if given != expected:
        lines, others = (text.replace("\r", "\\r").split("\n") for text in (expected, given))
        diff = "\n".join(unified_diff(lines, others, "expected", "given", lineterm=""))
        raise AssertionError(f"{said}:\n{diff}")


def _warned(expected: Sequence[str], given: Sequence[str]) -> None:
    alike = len(expected) == len(given) and all(part in whole for part, whole in zip(expected, given, strict=True))
    if not alike:
        raise AssertionError(f"the warnings are {list(given)}, not {list(expected)}")
