"""Takes an audit, gives it as one HTML file that needs nothing else: each number leads to its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from repoint.measures import Audit, ModuleFigures, PatternFigures, SymbolFigures, TargetResult
from repoint.reporting.audits import texts
from repoint.reporting.audits.page_parts import SCRIPT, STYLE, breakable
from repoint.reporting.audits.page_parts import harmless_html as text
from repoint.reporting.audits.page_places import Anchors, places
from repoint.reporting.layout import counted, number

_NONE: Mapping[str, str] = {}
_SECTIONS = {
    "canonical_share": "symbols",
    "fragmented_imports": "symbols",
    "implementations": "modules",
    "pattern_violations": "patterns",
}
_CODES = {
    "deprecated_imports": "deprecated-import",
    "alias_imports": "alias-import",
    "reexport_imports": "reexport-import",
    "unresolvable_imports": "unresolvable-import",
    "direct_instantiations": "direct-instantiation",
    "duplicate_definitions": "duplicate-definition",
    "deprecated_strings": "deprecated-string",
}


def html(audit: Audit, explained: Mapping[str, str] = _NONE) -> bytes:
    """The whole page; `explained` says more of a code. Same audit, same bytes."""
    anchors = Anchors(audit.occurrences)
    title = f"{text(audit.name)} at {text(audit.commit[:12])}"
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>{title}: audit</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        *_head(audit),
        *_figures(audit, anchors),
        *_symbols(audit.symbols, anchors),
        *_modules(audit.modules),
        *_patterns(audit.patterns, anchors),
        *places(audit, anchors, explained),
        f"<script>{SCRIPT}</script>\n" if audit.occurrences else "",
        "</body>\n</html>\n",
    ]
    return texts.encoded("".join(parts))


def _head(audit: Audit) -> Iterator[str]:
    missed = any(not item.met for item in audit.targets)
    tone = "bad" if missed else "good" if audit.targets else ""
    yield f"<header>\n<h1>{text(audit.name)}</h1>\n"
    yield f'<p class="verdict {tone}">{text(_capital(texts.headline(audit)))}</p>\n'
    looked_at = f"{counted(audit.files, 'file')} in scope, {number(audit.read)} read"
    yield f'<p class="quiet">Commit <code>{text(audit.commit[:12])}</code>; {looked_at}; {text(audit.tool)}.</p>\n'
    if audit.occurrences:
        label = "Show only what contains this text"
        yield '<p><input class="filter" type="search" placeholder="Filter by path, symbol or rule" '
        yield f'aria-label="{label}" hidden></p>\n'
    yield "</header>\n"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _figures(audit: Audit, anchors: Anchors) -> Iterator[str]:
    """A card for each target, and the other figures."""
    if audit.targets:
        yield '<h2>Targets</h2>\n<div class="cards">\n'
        yield from (_card(item, _place_of(item.metric, audit, anchors)) for item in texts.ranked_targets(audit))
        yield "</div>\n"
    else:
        yield "<h2>Figures</h2>\n"
    held = {item.metric for item in audit.targets}
    rows = [row for row in texts.metric_rows(audit.figures) if row[0] not in held]
    yield '<div class="figures">\n'
    for metric, name, value in rows:
        yield f"<div><span>{name}</span>{_linked(value, _place_of(metric, audit, anchors))}</div>\n"
    yield "</div>\n"


def _place_of(metric: str, audit: Audit, anchors: Anchors) -> str:
    """Where a figure opens up: into the places of its code, or the table that it sums up."""
    section = _SECTIONS.get(metric, "")
    rows = audit.patterns if section == "patterns" else audit.modules if section == "modules" else audit.symbols
    return (section if rows else "") or anchors.code(_CODES.get(metric, ""))


def _card(item: TargetResult, anchor: str) -> str:
    tone = "good" if item.met else "bad"
    linked = _linked(texts.shown(item.metric, item.value), anchor)
    bar = _bar(item.value) if item.metric in texts.SHARES else ""
    verdict = f'<span class="said {tone}">{text(_capital(texts.verdict(item)))}</span>'
    said = f'{verdict} <span class="quiet">wanted {text(item.wanted)}</span>'
    return f'<div class="card {tone}">{text(texts.words(item.metric))}<b>{linked}</b>{bar}{said}</div>\n'


def _symbols(symbols: tuple[SymbolFigures, ...], anchors: Anchors) -> Iterator[str]:
    """Every symbol, those that are split first."""

    def rank(item: SymbolFigures) -> tuple[int, int, str]:
        return item.canonical - item.imports, -item.instantiations - item.duplicates, item.symbol

    def is_whole(item: SymbolFigures) -> bool:
        return item.imports == item.canonical and not (item.instantiations or item.duplicates or item.kept)

    ordered = sorted(symbols, key=rank)
    told = [_symbol(item, anchors) for item in ordered if not is_whole(item)]
    whole = [_symbol(item, anchors) for item in ordered if is_whole(item)]
    if symbols:
        yield '<h2 id="symbols">Symbols</h2>\n'
    titles = "canonical deprecated alias re-export unresolvable kept instantiated duplicates"
    heads = ("symbol", "defined", "share", *titles.split())
    yield from _table("Symbols", heads, told, words=2)
    if whole:
        said = f"{counted(len(whole), 'symbol')} imported by the canonical path alone"
        yield f'<details>\n<summary class="good">{said}</summary>\n<div class="inside">\n'
        yield from _table("Symbols imported by the canonical path alone", heads, whole, words=2)
        yield "</div>\n</details>\n"


def _symbol(item: SymbolFigures, anchors: Anchors) -> str:
    module, _, name = item.symbol.partition(":")
    named = f'<td class="name"><code>{text(name or module)}</code><code class="quiet">{breakable(module)}</code></td>'
    tone = ' class="caution"' if item.defined in ("missing", "elsewhere") else ""
    counts = (
        ("deprecated-import", item.deprecated),
        ("alias-import", item.alias),
        ("reexport-import", item.reexport),
        ("unresolvable-import", item.unresolvable),
        ("kept-import", item.kept),
        ("direct-instantiation", item.instantiations),
        ("duplicate-definition", item.duplicates),
    )
    cells = "".join(_count(count, anchors.group(code, item.symbol)) for code, count in counts)
    share = f'<td class="n">{_bar(item.share)}<span class="share">{texts.percent(item.share)}</span></td>'
    return f"<tr data-row>{named}<td{tone}>{item.defined}</td>{share}{_count(item.canonical)}{cells}</tr>\n"


def _modules(modules: tuple[ModuleFigures, ...]) -> Iterator[str]:
    rows = [_module(item) for item in sorted(modules, key=lambda item: (item.role, -item.lines, item.module))]
    if rows:
        yield '<h2 id="modules">Modules</h2>\n'
    yield from _table("Modules", ("module", "role", "state", "lines"), rows, words=3)


def _module(item: ModuleFigures) -> str:
    named = f'<code>{breakable(item.module)}</code><code class="quiet">{breakable(item.path)}</code>'
    cells = f"<td>{item.role}</td><td>{item.state.value}</td>{_count(item.lines)}"
    return f'<tr data-row><td class="name">{named}</td>{cells}</tr>\n'


def _patterns(patterns: tuple[PatternFigures, ...], anchors: Anchors) -> Iterator[str]:
    rows = [
        f'<tr data-row><td class="name"><code>{text(item.id)}</code></td><td>{text(item.message)}</td>'
        f'<td class="{item.severity.value}">{item.severity.value}</td>'
        f"{_count(item.matches, anchors.code(texts.PATTERN + item.id))}</tr>\n"
        for item in sorted(patterns, key=lambda item: (-item.matches, item.id))
    ]
    if rows:
        yield '<h2 id="patterns">Patterns</h2>\n'
    yield from _table("Patterns", ("pattern", "message", "severity", "matches"), rows, words=3)


def _table(title: str, heads: tuple[str, ...], rows: Iterable[str], words: int) -> Iterator[str]:
    """A table that scrolls within itself; the columns after the first `words` are numeric."""
    body = "".join(rows)
    if not body:
        return
    cells = "".join(f"<th{'' if at < words else ' class=n'}>{head}</th>" for at, head in enumerate(heads))
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">\n<table>\n'
    yield f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"


def _count(value: int, anchor: str = "") -> str:
    return f'<td class="n{"" if value else " zero"}">{_linked(number(value), anchor)}</td>'


def _linked(shown: str, anchor: str) -> str:
    return f'<a href="#{text(anchor)}">{shown}</a>' if anchor else f"<span>{shown}</span>"


def _bar(share: float) -> str:
    return f'<span class="bar"><i style="width:{min(100.0, max(0.0, share)):.1f}%"></i></span>'
