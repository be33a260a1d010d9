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
    found = resolve(step.ref) if step.kind is CodemodKind.LIBCST else resolve_script(step.ref)
    return runner_of(step.kind, found, step.args, step.ref)


def resolve_script(ref: str) -> object:
    """The object that `ref` names; a script that runs a Bowler query when it is imported is `Unusable`."""
    from repoint.codemods.runners.bowler_runner import in_memory

    with in_memory():
        return resolve(ref)


def kind_of(codemod: object) -> CodemodKind:
    """What a codemod is meant to be, by what it is: of LibCST if it is a class, of Bowler if it is a function."""
    is_function = callable(codemod) and not isinstance(codemod, type)
    return CodemodKind.BOWLER if is_function else CodemodKind.LIBCST


def runner_of(kind: CodemodKind, codemod: object, args: Mapping[str, Any], named: str) -> Runner:
    """The runner of a codemod that is at hand; `named` is what errors call it. Raises `Unusable`."""
    if kind is CodemodKind.LIBCST:
        from repoint.codemods.runners.libcst_runner import libcst_runner

        return libcst_runner(codemod, args, named)
    from repoint.codemods.runners.bowler_runner import bowler_runner

    return bowler_runner(codemod, args, named)
