"""Texts in, GitHub-flavoured Markdown out in which nothing of them acts: no markup, no HTML, no mention, no link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from repoint.reporting.layout import harmless

_CODED = re.compile(r"`|\\(?=\|)|^$")  # what a span between single backticks cannot hold, wherever it stands
_MARKUP = re.compile(r"(?![,;:/'(]|(?<=[A-Za-z])[-.=)])[!-/:-@\[-`{-~]")  # a dash after a blank begins a list
_LINKED = re.compile(r"\S*(?:[@#]|://|www\.)\S*")


def line(text: str, longest: int | None = None) -> str:
    """One line, of so many characters at the most, with nothing in it that acts on a reader."""
    shown = harmless(" ".join(text.split()))
    if longest is None or len(shown) <= longest:
        return shown
    return f"{shown[: longest // 2]}...{shown[-longest // 2 :]}"


def code(text: str, longest: int | None = None) -> str:
    """As code: nobody is mentioned by it, nothing is linked."""
    shown = line(text, longest)
    return f"<code>{_entities(shown)}</code>" if _CODED.search(shown) else f"`{shown}`"


def words(text: str, longest: int | None = None) -> str:
    """As prose, in which what stands between backticks stays code."""
    parts = line(text, longest).split("`")
    if len(parts) % 2 == 0:
        return _prose("`".join(parts))
    return "".join((code(part) if at % 2 else _prose(part)) if part else "" for at, part in enumerate(parts))


def html(text: str, longest: int | None = None) -> str:
    """As text of an HTML element."""
    shown = escape(line(text, longest))
    return f"<code>{shown}</code>" if "@" in shown else shown


def row(cells: Sequence[str]) -> str:
    """A row of a table. A bar in a cell is escaped, in code too: GFM looks for cells first."""
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def table_head(titles: Sequence[str], numeric: frozenset[int] = frozenset()) -> tuple[str, str]:
    """The first two rows of a table; the columns `numeric` are aligned on the right."""
    return row(titles), row(["---:" if at in numeric else "---" for at in range(len(titles))])


def _prose(text: str) -> str:
    """What would mention or link becomes code."""
    found, at = [], 0
    for linked in _LINKED.finditer(text):
        found += [_entities(text[at : linked.start()]), code(linked[0])]
        at = linked.end()
    return "".join([*found, _entities(text[at:])])


def _entities(text: str) -> str:
    """Nothing that Markdown or HTML would take for markup; plain marks of a sentence stay legible."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)
