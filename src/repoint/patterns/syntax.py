"""ast-grep's own language: rules and source text in, matched nodes out; what it refuses comes as `RuleRefused`.

`ast_grep_py` is imported when a rule is first used, never before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Found = TypeVar("Found")

LANGUAGE = "python"
STAND_IN = "µ"  # what ast-grep itself reads in the place of `$`, which is no Python
NESTED = ("inside", "has", "precedes", "follows")
_VARIABLE = re.compile(r"(?:\$\$\$|\$)[A-Z][A-Z0-9_]*")


class RuleRefused(Exception):
    """ast-grep does not take a rule; carries what it says of it, in one line."""


def parse_tree(source: str) -> SgNode:
    """The root of the syntax tree, which has a place for whatever the text is."""
    from ast_grep_py import SgRoot

    return guarded(lambda: SgRoot(source, LANGUAGE).root())


def find_all(root: SgNode, config: dict[str, Any]) -> list[SgNode]:
    """Every node below `root` that a rule matches, outer ones before inner ones. Raises RuleRefused."""
    return guarded(lambda: root.find_all(cast(Any, config)))


def guarded(ask: Callable[[], Found]) -> Found:
    """What ast-grep answers. Raises RuleRefused for any error of its own, a panic (no `Exception`) among them."""
    try:
        return ask()
    except Exception as error:
        raise RuleRefused(_reason(str(error))) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RuleRefused(_reason(str(error))) from None


def parse_pattern(pattern: str, selector: str | None = None) -> SgNode | None:
    """The tree of a pattern, metavariables as identifiers; below `selector` where there is one, None if that fails."""
    root = parse_tree(pattern.replace("$", STAND_IN))
    return root if selector is None else guarded(lambda: root.find(kind=selector))


def is_broken(node: SgNode) -> bool:
    """Whether a tree holds what is no Python, or had something put in that the text lacks."""
    if node.kind() == "ERROR":
        return True
    children = node.children()
    return any(map(is_broken, children)) if children else not node.text()


def identifiers(node: SgNode) -> Iterator[str]:
    """The identifiers below a node, metavariables aside."""
    if node.kind() == "identifier" and node.text().isascii():
        yield node.text()
    for child in node.children():
        yield from identifiers(child)


def variables(text: str) -> frozenset[str]:
    """The metavariables that a pattern or a fix names, with their `$` or `$$$`; `$_` and `$_NAME` catch nothing."""
    return frozenset(found[0] for found in _VARIABLE.finditer(text))


def substituted(template: str, value: Callable[[str], str]) -> str:
    """A fix with each metavariable replaced by the `value` of it, as it is written there."""
    return _VARIABLE.sub(lambda found: value(found[0]), template)


def patterns_in(rule: Any) -> Iterator[tuple[str, str | None]]:
    """Every pattern text in a rule, with its selector, wherever it stands."""
    if isinstance(rule, list | tuple):
        for item in rule:
            yield from patterns_in(item)
    if not isinstance(rule, dict):
        return
    pattern = rule.get("pattern")
    if isinstance(pattern, str):
        yield pattern, None
    elif isinstance(pattern, dict) and isinstance(pattern.get("context"), str):
        yield pattern["context"], pattern.get("selector")
    for key, value in rule.items():
        if key != "pattern":
            yield from patterns_in(value)


def _reason(text: str) -> str:
    """The innermost cause of a report that goes on for lines, and may end in a stack trace."""
    told = text.partition("Stack backtrace")[0].replace(STAND_IN, "$")
    lines = [re.sub(r"^\s*\d+: ", "", line).strip() for line in told.splitlines()]
    kept = [line for line in lines if line and line != "Caused by:"]
    at = next((at for at, line in enumerate(kept) if "parse error" in line), len(kept) - 1)
    return " ".join(kept[at:]).rstrip(".") or "it gives no reason"
