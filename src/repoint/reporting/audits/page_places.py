"""Takes the places of an audit, gives them as HTML that unfolds: by code, then by symbol; and where each part is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from repoint.measures import Audit, Occurrence
from repoint.reporting.audits import texts
from repoint.reporting.audits.page_parts import breakable
from repoint.reporting.audits.page_parts import harmless_html as text
from repoint.reporting.layout import number


class Anchors:
    """The names of the parts of the page, for links to them: empty where there is no such part."""

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        codes = sorted({item.code for item in occurrences})
        groups = sorted({(item.code, item.symbol) for item in occurrences})
        self._codes = {code: f"code-{at}" for at, code in enumerate(codes, 1)}
        self._groups = {group: f"places-{at}" for at, group in enumerate(groups, 1)}

    def code(self, code: str) -> str:
        """Where the places of a code are."""
        return self._codes.get(code, "")

    def group(self, code: str, symbol: str) -> str:
        """Where the places of a code are that count for one symbol."""
        return self._groups.get((code, symbol), "")


def places(audit: Audit, anchors: Anchors, explained: Mapping[str, str]) -> Iterator[str]:
    """All of them, each once. A link into a part that is folded unfolds it."""
    if not audit.occurrences:
        return
    yield "<h2>Places</h2>\n"
    met: set[str] = set()
    for code, severity, group in texts.by_code(audit.occurrences):
        title = texts.title(code, audit)
        yield f'<details>\n<summary><span class="count">{number(len(group))}</span>'
        yield f'<b class="{severity.value}">{severity.value}</b> <code>{text(code)}</code> '
        yield f'<span class="quiet">{text(title)}</span></summary>\n'
        named = _name(anchors.code(code), met)
        said = f"<p>{text(explained[code])}</p>\n" if code in explained else ""
        yield f'<div class="inside"{named}>\n{said}'
        yield from _by_symbol(group, anchors, met)
        yield "</div>\n</details>\n"


def _by_symbol(group: list[Occurrence], anchors: Anchors, met: set[str]) -> Iterator[str]:
    by_symbol: dict[str, list[Occurrence]] = {}
    for item in group:
        by_symbol.setdefault(item.symbol, []).append(item)
    for symbol, items in sorted(by_symbol.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        count = f'<span class="count">{number(len(items))}</span>'
        yield f"<details>\n<summary>{count}<code>{breakable(symbol)}</code></summary>\n"
        yield f'<div class="inside"{_name(anchors.group(items[0].code, symbol), met)}>\n'
        yield from _told_once(items)
        yield "</div>\n</details>\n"


def _name(anchor: str, met: set[str]) -> str:
    """The attribute, once: where a code is met with two severities, links lead to the worse one, which comes first."""
    if anchor in met:
        return ""
    met.add(anchor)
    return f' id="{anchor}"'


def _told_once(items: list[Occurrence]) -> Iterator[str]:
    """Each message with its mend once, and its places below."""
    for message, mend, found in texts.told_once(items):
        said = f'<br><span class="mend">{_words(mend)}</span>' if mend else ""
        yield f"<p>{_words(message)}{said}</p>\n<ul>\n"
        yield from (f"<li><code>{breakable(item.path)}:{item.line}:{item.column}</code></li>\n" for item in found)
        yield "</ul>\n"


def _words(said: str) -> str:
    """Prose, in which what stands between backticks is code."""
    parts = text(said).split("`")
    if len(parts) % 2 == 0:
        return text(said)
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
