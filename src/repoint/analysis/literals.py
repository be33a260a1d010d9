"""A string literal's source in, the span of its content out, and whether the content is spelled as its value."""

from __future__ import annotations

import re
from typing import NamedTuple

_OPEN = re.compile(rb"([A-Za-z]{0,2})('''|\"\"\"|'|\")")


class Literal(NamedTuple):
    """Span of the content between the quotes; not `exact` for escapes, and for several literals joined."""

    value: str
    start: int
    end: int
    exact: bool


def read_literal(source: bytes, start: int, end: int, value: str) -> Literal | None:
    """The literal whose source is `source[start:end]` and whose value is `value`; None if there is none."""
    opening = _OPEN.match(source, start, end)
    if opening is None:
        return None
    inner, close = opening.end(), end - len(opening[2])
    exact = source[inner:close] == value.encode("utf-8", "surrogatepass")
    return Literal(value, inner, close if exact else end, exact)
