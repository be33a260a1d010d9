"""A file's bytes and rules in, every place that a rule matches out. Runs in any process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from repoint.analysis.parse import Unparsable, parse, readable
from repoint.analysis.string_walk import KEEP
from repoint.analysis.text import Text
from repoint.manifest.schema import Pattern
from repoint.model import Frozen
from repoint.patterns.rules import Rules, config_of
from repoint.patterns.syntax import find_all, parse_tree, variables

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LONE = re.compile(r"\r(?!\n)")


class Hit(Frozen, frozen=True, order=True):
    """A match of the pattern `pattern`: line and column are 1-based, `start` and `end` are bytes of the file.

    `kept`: the line says `# repoint: keep`.
    """

    start: int
    end: int
    pattern: str
    line: int
    column: int
    text: str
    kept: bool = False


class Unread(Frozen, frozen=True):
    """A file that is no Python, from which line on and why; and what was found in it all the same."""

    line: int
    reason: str
    hits: tuple[Hit, ...] = ()


class Match(NamedTuple):
    """A hit; and by characters of the source, its span and what each metavariable of the fix caught."""

    hit: Hit
    start: int
    end: int
    caught: dict[str, tuple[int, int]]


def scan(data: bytes, rules: Rules) -> tuple[Hit, ...] | Unread:
    """Every hit in the file, by place, outer ones first and then in the order of the rules."""
    asked = rules.in_question(data)
    if not asked.patterns:
        return ()
    try:
        text = readable(data)
    except Unparsable as error:
        return Unread(error.line, error.reason)
    hits = tuple(match.hit for match in matches_in(text, asked.patterns))
    try:
        parse(data)
    except Unparsable as error:
        return Unread(error.line, error.reason, hits)
    return hits


def matches_in(text: Text, patterns: tuple[Pattern, ...]) -> list[Match]:
    """Every match of every pattern, by place, outer ones first and then in the order of the patterns."""
    source = _LONE.sub("\n", text.utf8.decode("utf-8"))  # ast-grep knows no lines that end in a carriage return alone
    root = parse_tree(source)
    found = []
    for order, pattern in enumerate(patterns):
        names = variables(pattern.fix or "")
        for node in find_all(root, config_of(pattern)):
            span = node.range()
            start, end = span.start.index, span.end.index
            caught = {name: place for name in names if (place := _caught(node, name, source)) is not None}
            match = Match(_hit(text, source, pattern.id, start, end), start, end, caught)
            found.append(((start, -end, order), match))
    return [match for _, match in sorted(found, key=lambda item: item[0])]


def _hit(text: Text, source: str, pattern: str, start: int, end: int) -> Hit:
    """The hit with its place in the file; ast-grep counts characters."""
    first = start if source.isascii() else len(source[:start].encode())
    last = first + len(source[start:end].encode())
    kept = any(KEEP.search(text.utf8, *text.line_span(offset)) for offset in (first, max(first, last - 1)))
    line, column = text.line(first), text.column(first)
    return Hit(text.raw(first), text.raw(last), pattern, line, column, text.slice(first, last), kept)


def _caught(node: SgNode, variable: str, source: str) -> tuple[int, int] | None:
    """The span of what a metavariable stands for in a match; None where that is nothing.

    A comment at its end comes with the end of its line, so that nothing which is put behind it becomes a part of it.
    """
    name = variable.lstrip("$")
    one = None if variable.startswith("$$$") else node.get_match(name)
    nodes = node.get_multiple_matches(name) if variable.startswith("$$$") else [one] if one is not None else []
    if not nodes:
        return None
    end = nodes[-1].range().end.index
    if nodes[-1].kind() == "comment":
        outer = node.range().end.index
        end = outer - len(source[end:outer].lstrip())
    return nodes[0].range().start.index, end
