"""Every code that the source can give is explained, and nothing else is; the page of them all is whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import repoint
from repoint.compat.values import Code
from repoint.errors import UsageError
from repoint.explanations import explanations, near
from repoint.manifest.decode import decode
from repoint.reporting.explanations import blocks_for, markdown
from repoint.reporting.layout import plain

SOURCE = Path(repoint.__file__).parent

# What takes a code, or hands it on to `Finding`: the position of the code, and of the severity.
GIVERS = {
    "Finding": (3, 4),
    "Occurrence": (3, 4),
    "Kind": (0, 2),
    "say": (0, 1),
    "at_use": (1, 2),
    "at_line": (1, 2),
    "_finding": (1, 2),
    "Remark": (0, 1),
}

# Calls whose code is a variable or an attribute: where the codes are written instead.
ELSEWHERE = {
    "transforms/context.py": "hands on what `say` is given",
    "transforms/stubs/report.py": "hands on what `at_use` and `at_line` are given",
    "planning/codemodding.py": "hands on what a `Remark` is given",
    "codemods/remarks.py": "gives a local variable, whose values are literals beside it",
    "verifying/runtime.py": "hands on what `_finding` is given",
    "transforms/symbols.py": "gives a local variable, whose values are literals beside it",
    "compat/values.py": "gives a member of `compat.values.Code`",
    "compat/check.py": "gives a member of `compat.values.Code`, by its own `say`",
    "auditing/classify.py": "hands on the code of a `Kind`, or the id of a pattern",
    "compat/subclasses.py": "gives a member of `compat.values.Code`, by that `say`",
}


MANIFEST = b"""
name = "case"
[[move]]
old = "pkg.old:Engine"
new = "pkg.new:Engine"
[[pattern]]
id = "no-singletons"
message = "a module-level instance"
match = "$NAME = Engine()"
note = "Let whoever needs it make it."
severity = "error"
exclude = ["tests/**"]
"""


class Emitted(NamedTuple):
    code: str
    severity: str
    place: str


def literals(node: ast.expr) -> list[str] | None:
    """The texts that an expression can be, where it is a literal or a choice of them."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=other):
            one, two = literals(body), literals(other)
            return None if one is None or two is None else one + two
    return None


def is_of_pattern(node: ast.expr) -> bool:
    """Whether it is `f"pattern:{...}"`, which the manifest explains."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("pattern:")


def of_variable(name: str, tree: ast.AST) -> list[str]:
    """The texts that are given to a variable somewhere in a file, alone or in a row of targets."""
    found: list[str] = []
    for node in (item for item in ast.walk(tree) if isinstance(item, ast.Assign)):
        for target in node.targets:
            pairs: list[tuple[ast.expr, ast.expr]] = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for one, value in pairs:
                if isinstance(one, ast.Name) and one.id == name:
                    found += literals(value) or []
    return found


def argument(call: ast.Call, at: int, keyword: str) -> ast.expr | None:
    named = [item.value for item in call.keywords if item.arg == keyword]
    return named[0] if named else call.args[at] if len(call.args) > at else None


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield node, name


@cache
def emitted() -> tuple[tuple[Emitted, ...], tuple[str, ...]]:
    """Every code that a call in the source gives, and the places whose code cannot be told."""
    found: list[Emitted] = [Emitted(code.value, "", "compat/values.py") for code in Code]
    unknown: list[str] = []
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        shown = path.relative_to(SOURCE).as_posix()
        for call, name in calls(tree):
            if name == "replace":  # a finding made into another
                node = argument(call, 99, "code")
                severity = argument(call, 99, "severity")
            elif name in GIVERS and shown != "reporting/explanations.py":
                node, severity = argument(call, GIVERS[name][0], "code"), argument(call, GIVERS[name][1], "severity")
            else:
                continue
            if node is None:
                continue
            codes = literals(node)
            if codes is None and isinstance(node, ast.Name):
                codes = of_variable(node.id, tree)
            told = ast.unparse(severity) if isinstance(severity, ast.Attribute) else ""
            place = f"{shown}:{call.lineno}"
            found += [Emitted(code, told.removeprefix("Severity.").lower(), place) for code in codes or ()]
            if not codes and shown not in ELSEWHERE and not is_of_pattern(node):
                unknown.append(f"{place}: {ast.unparse(node)}")
    return tuple(found), tuple(unknown)


def test_the_code_of_every_finding_can_be_told() -> None:
    assert emitted()[1] == (), "write the code as a literal, or say in ELSEWHERE where it comes from"


def test_every_code_of_the_source_is_explained_and_no_other() -> None:
    given = {item.code for item in emitted()[0]}
    assert len(given) > 50, "the walk over the source finds too little"
    assert explanations().keys() == given


def test_an_explanation_tells_every_severity_that_the_code_is_given_with() -> None:
    wrong = [
        item
        for item in emitted()[0]
        if item.severity and item.severity not in {str(one) for one in explanations()[item.code].severities}
    ]
    assert wrong == []


@pytest.mark.parametrize("code", explanations())
def test_an_explanation_is_whole_and_fits_a_screen(code: str) -> None:
    item = explanations()[code]
    assert item.code == code
    assert item.severities == tuple(sorted(item.severities, key=["error", "warning", "info"].index))
    assert all(text.endswith(".") and text == " ".join(text.split()) for text in (item.meaning, item.why, item.mend))
    assert all(len(line) <= 76 for line in item.example.splitlines())
    shown = plain(blocks_for(code, None))
    assert f"[{code}]" in shown.splitlines()[0]
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 80


def test_a_code_that_there_is_not_gives_those_that_may_be_meant() -> None:
    with pytest.raises(UsageError, match="there is no code orphans; perhaps orphan"):
        blocks_for("orphans", None)
    assert "deprecated-import" in near("DEPRECATED_IMPORTS")
    with pytest.raises(UsageError, match="perhaps pattern:no-singletons"):
        blocks_for("pattern:no-singleton", decode(MANIFEST, "m.toml"))
    with pytest.raises(UsageError, match=r"there is no code zzz; docs/findings\.md lists all codes$"):
        blocks_for("zzz", None)


def test_a_pattern_is_explained_by_its_manifest() -> None:
    migration = decode(MANIFEST, "m.toml")
    shown = plain(blocks_for("pattern:no-singletons", migration))
    assert shown == plain(blocks_for("no-singletons", migration))
    for part in ("error[pattern:no-singletons]", "a module-level instance", "    $NAME = Engine()", "Let whoever"):
        assert part in shown
    assert "Looked for in **, but for tests/**." in shown
    assert "only tells" in shown
    with pytest.raises(UsageError, match="name the manifest"):
        blocks_for("pattern:no-singletons", None)


def test_the_page_has_a_section_and_a_link_for_every_code() -> None:
    page = markdown()
    for code in explanations():
        assert f"\n## `{code}`\n" in page
        assert f"(#{code})" in page
