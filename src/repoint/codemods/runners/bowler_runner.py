"""Takes a function of a Bowler query and its arguments, gives the runner that applies a fresh query to each file.

Bowler itself writes files from processes of its own, and logs what fails. So only its queries and fixers are used here:
fissix reads, walks and puts together in memory, and whatever fails is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from typing import Any

# This comes before Bowler: it keeps fissix from writing its tables to disk.
from repoint.codemods.runners import fissix_reading  # isort: split

from bowler import BowlerException, Query
from bowler import query as bowler_query
from fissix.refactor import RefactoringTool, _detect_future_features

from repoint.codemods.runners.arguments import check_arguments, tried
from repoint.codemods.runners.runner import Runner, Skipped
from repoint.codemods.values import Subject, Unusable

_FUNCTION = "name a function that takes a bowler.Query and returns it"


class _Noted(Query):  # type: ignore[misc]
    """A query that is only noted down: what would run it does nothing, so that a script may end as it always did."""

    def execute(self, **_: object) -> _Noted:
        return self

    def dump(self, selector_pattern: bool = False) -> _Noted:
        return self


class _Tool(RefactoringTool):  # type: ignore[misc]
    """fissix's walk over a tree, for fixers that are classes; made as Bowler makes its own."""

    def get_fixers(self) -> tuple[list[Any], list[Any]]:
        fixers = [fixer(self.options, self.fixer_log) for fixer in self.fixers]
        return [each for each in fixers if each.order == "pre"], [each for each in fixers if each.order == "post"]


@contextmanager
def in_memory() -> Iterator[None]:
    """For the block, a query that a codemod makes for itself raises where it would run on files."""

    def refuse(*_: object, **__: object) -> None:
        raise BowlerException("a query of its own would run on files here; build on the query that is given")

    tool = bowler_query.BowlerTool
    bowler_query.BowlerTool = refuse
    try:
        yield
    finally:
        bowler_query.BowlerTool = tool


def bowler_runner(codemod: object, args: Mapping[str, Any], named: str) -> Runner:
    """The runner of a function of a `bowler.Query`; `named` is what errors call it. Raises `Unusable`."""
    if isinstance(codemod, type) or not callable(codemod):
        libcst = any(base.__module__.startswith("libcst.") for base in getattr(codemod, "__mro__", ()))
        mend = 'a LibCST codemod is of kind = "libcst"' if libcst else _FUNCTION
        raise Unusable(f"{named} is not a function", mend)
    check_arguments(codemod, args, named, "query")
    home = getattr(codemod, "__module__", "")
    with in_memory():
        query = tried(partial(codemod, _Noted(), **deepcopy(args)), named, home)
        _check(query, named)
        tried(partial(_tool, query), named, home)
    return Runner(partial(_run, codemod, args), home)


def _check(query: object, named: str) -> None:
    """Raise `Unusable` unless `query` is the one that was given, with nothing in it that cannot be done here."""
    if not isinstance(query, _Noted):
        what = "a query of its own" if isinstance(query, Query) else type(query).__name__
        raise Unusable(f"{named} gives back {what}", "return the query that it is given")
    if query.processors:
        mend = "decide by a filter instead; what is to be left out can be skipped in the plan"
        raise Unusable(f"{named} uses process(), which sees the hunks of a diff: there are none here", mend)


def _tool(query: Any) -> Any:
    return _Tool(query.compile())


def _run(codemod: Callable[..., Any], args: Mapping[str, Any], subject: Subject, warnings: list[str]) -> str:
    with in_memory():
        query = codemod(_Noted(), **deepcopy(args))
        if not isinstance(query, _Noted):
            raise TypeError(f"it gives back {type(query).__name__}, where the query that it is given is due")
        if query.filename_matcher is not None and not query.filename_matcher(subject.path):
            raise Skipped("the query's filename_matcher passes it over")
        return _applied(query, subject, warnings)


def _applied(query: Any, subject: Subject, warnings: list[str]) -> str:
    """The text of the file after the query; `warnings` get what fixers log. Fixers see lines that end with `\\n`."""
    crlf = subject.text.count("\r\n") == subject.text.count("\n") > 0
    ended = subject.text.endswith("\n")
    text = (subject.text.replace("\r\n", "\n") if crlf else subject.text) + ("" if ended else "\n")
    tree = fissix_reading.parsed(text, python=query.python_version)
    tree.future_features = _detect_future_features(text)
    tool = _tool(query)
    try:
        tool.refactor_tree(tree, subject.path)
    finally:
        warnings += [line for line in tool.fixer_log if not line.startswith("### In file ")]
    after = str(tree)
    if not ended:
        after = after.removesuffix("\n")
    return after.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else after
