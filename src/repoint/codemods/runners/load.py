"""Takes a step, gives the runner of its codemod; and tells which kind of codemod an object is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repoint.codemods.runners.resolve import resolve
from repoint.codemods.runners.runner import Runner
from repoint.codemods.values import Step
from repoint.manifest.schema import CodemodKind


def load(step: Step) -> Runner:
    """Import the codemod of a step by what `sys.path` leads to; its runner is a `Transform`. Raises `Unusable`."""
    if step.kind is CodemodKind.LIBCST:
        return runner_of(step.kind, resolve(step.ref), step.args, step.ref)
    from repoint.codemods.runners.bowler_runner import in_memory

    with in_memory():  # a script that runs its query when it is imported must not do so here
        found = resolve(step.ref)
    return runner_of(step.kind, found, step.args, step.ref)


def runner_of(kind: CodemodKind, codemod: object, args: Mapping[str, Any], named: str) -> Runner:
    """The runner of a codemod that is at hand; `named` is what errors call it. Raises `Unusable`."""
    if kind is CodemodKind.LIBCST:
        from repoint.codemods.runners.libcst_runner import libcst_runner

        return libcst_runner(codemod, args, named)
    from repoint.codemods.runners.bowler_runner import bowler_runner

    return bowler_runner(codemod, args, named)
