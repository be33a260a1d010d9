"""Commands of a manifest: a command line or a list of words in, the words that are run without a shell out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from repoint.manifest.schema import Command

_UNITS = {"h": 3600, "m": 60, "s": 1}
_OPERATORS = frozenset("();<>|&")
_EXPANDED = re.compile(r"\$[A-Za-z_{(]|`")
_SINGLE_QUOTED = re.compile(r"""'[^']*'|("[^"]*")""")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def words_of(command: Command) -> tuple[str, ...]:
    """The program and its arguments. A line is split as a POSIX shell splits it; nothing in it is expanded.

    Raises ValueError for a line with an open quotation.
    """
    return tuple(shlex.split(command)) if isinstance(command, str) else command


def seconds_of(duration: str) -> int:
    """`1h30m` as 5400."""
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([hms])", duration))


def problem_of(command: Command) -> tuple[str, str] | None:
    """What is wrong with a command and how to mend it, or None."""
    return next(_problems(command), None)


def _problems(command: Command) -> Iterator[tuple[str, str]]:
    try:
        words = words_of(command)
        unquoted = _unquoted(command) if isinstance(command, str) else []
    except ValueError as error:
        yield f"cannot be split into words: {str(error).lower()}", "close the quotation"
        return
    if not words or not words[0].strip():
        yield "names no program", "write the program and its arguments"
        return
    if any("\0" in word for word in words):
        yield "holds a NUL", "take it out"
    if not isinstance(command, str):
        return
    asked = 'no shell is involved; ask for one, as in ["sh", "-c", "..."], or write a script'
    if operator := next((token for token in unquoted if set(token) <= _OPERATORS), None):
        yield f"holds the shell operator {operator}", asked
    if expanded := _EXPANDED.search(_SINGLE_QUOTED.sub(r"\1", command)):
        yield f"holds {expanded[0]!r}, which only a shell would expand", asked
    if _ASSIGNMENT.match(words[0]):
        yield "begins with an assignment", f'write ["env", {words[0]!r}, ...]'


def _unquoted(line: str) -> list[str]:
    """The tokens of a line, operators apart from words, quotes kept."""
    lexer = shlex.shlex(line, posix=False, punctuation_chars=True)
    lexer.commenters = ""
    return list(lexer)
