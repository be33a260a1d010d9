"""A LibCST codemod: a call that lacks arguments gets those whose values are in scope; every other is a warning.

It needs `libcst` and the folder `injection` beside it, and works for any class or function, as its arguments say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import libcst as cst
from injection.calls import Completed, Left, calls
from injection.declared import declare
from injection.layout import Unchangeable, rewritten
from injection.scopes import File
from libcst.codemod import Codemod, CodemodContext

_LINE = re.compile(r".*?(?:\r\n|\r|\n|\Z)", re.DOTALL)


class InjectDependencies(Codemod):
    """Complete the calls of `target`; see README.md beside this file for what each argument means.

    Raises TypeError or ValueError, one line, if an argument is not as it has to be.
    """

    def __init__(
        self,
        context: CodemodContext,
        *,
        target: str,
        parameters: Sequence[dict[str, Any]],
        style: str = "positional",
        retired: Sequence[str] = (),
        setup: Sequence[str] = (),
    ) -> None:
        super().__init__(context)
        self.declared = declare(target, parameters, style, retired, setup)

    def transform_module(self, tree: cst.Module) -> cst.Module:
        """As the base class does it, but without its copy of the tree: no metadata is used."""
        return self.transform_module_impl(tree)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with its calls completed; the same object if there is nothing to complete."""
        name = self.declared.simple
        try:
            before = tree.code
            if name not in before:
                return tree
            file = File(before, self.context.full_module_name or "", self.context.full_package_name or "")
            outcomes = list(calls(file, before, self.declared))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            line, why = 1, "it is nested too deeply"
            if isinstance(problem, SyntaxError):
                line, why = problem.lineno or 1, problem.msg
            self.warn(
                f"{line}:1: no call of {self.declared.simple} was looked at; this Python cannot read the file: {why}"
            )
            return tree
        text, left = _changed(before, outcomes, tree.config_for_parsing)
        for at, column, reason in sorted(left):
            self.warn(f"{at}:{column}: {reason}")
        return tree if text == before else cst.parse_module(text, tree.config_for_parsing)


def _changed(
    text: str, outcomes: list[Completed | Left], config: cst.PartialParserConfig
) -> tuple[str, list[tuple[int, int, str]]]:
    """The text with its calls completed, and the others as (line, column, why)."""
    lines = [match.group() for match in _LINE.finditer(text)]
    starts = list(accumulate((len(line) for line in lines), initial=0))

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode())

    problems = []
    spans = {}
    for outcome in outcomes:
        call = outcome.call
        begin = column(call.lineno, call.col_offset)
        if isinstance(outcome, Left):
            problems.append((call.lineno, begin + 1, outcome.why))
            continue
        end_line, end = call.end_lineno or call.lineno, column(call.end_lineno or call.lineno, call.end_col_offset or 0)
        spans[starts[call.lineno - 1] + begin, starts[end_line - 1] + end] = outcome
    grown: list[tuple[int, int]] = []  # where an inner call made the outer one longer, and by how much
    for (start, end), outcome in sorted(spans.items(), key=lambda item: (-item[0][0], item[0][1])):
        stop = end + sum(more for at, more in grown if at < end)
        call = outcome.call
        try:
            new = rewritten(text[start:stop], outcome.added, outcome.renamed, outcome.left_out, config)
        except Unchangeable as problem:
            problems.append((call.lineno, column(call.lineno, call.col_offset) + 1, str(problem)))
            continue
        grown.append((start, len(new) - (stop - start)))
        text = text[:start] + new + text[stop:]
    return text, problems
