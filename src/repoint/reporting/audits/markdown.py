"""Takes an audit, gives it as Markdown for a comment on GitHub, as much as one comment holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape

from repoint.measures import Audit, Checked, Occurrence, SymbolFigures, TargetResult
from repoint.reporting import marking
from repoint.reporting.audits import texts
from repoint.reporting.audits.verdict import against
from repoint.reporting.layout import counted, number

LIMIT = 65_536  # characters of a comment; counted as bytes of UTF-8, which are never fewer
FOR_SYMBOLS = 20_000
LONGEST = 300  # characters of a message or a path
LEAST = 4_000  # bytes for the places of a code, while there are so many left
TOLD = 120  # bytes for telling what is left out

_code = partial(marking.code, longest=LONGEST)
_words = partial(marking.words, longest=LONGEST)
_html = partial(marking.html, longest=LONGEST)


def markdown(audit: Audit) -> bytes:
    """Verdict, targets and symbols, then the places of each code, folded; what is left out is counted."""
    text = "\n".join([*_head(audit), *_symbols(audit)]) + "\n"
    return texts.encoded(text + "".join(_sections(audit, audit.occurrences, LIMIT - _size(text) - TOLD)))


def markdown_check(done: Checked, baseline: str) -> bytes:
    """What speaks against a commit: missed targets, what is new, folded, and what is to be taken off the baseline."""
    audit = done.audit
    known = f"; {counted(done.known, 'known violation')}" if done.known else ""
    head = [f"## repoint check: {_words(audit.name)}", "", f"**{_capital(against(done))}** at "]
    head[-1] += f"{_code(audit.commit[:12])}{known}{'' if done.whole else '; only changed files'}."
    if done.missed:
        head += ["", *marking.table_head(("target", "value", "wanted", ""), frozenset({1})), *map(_target, done.missed)]
    if done.gone:
        more = f"take them off {_code(baseline)} with `--update-baseline`"
        head += ["", f"No longer there, but still in the baseline; {more}:", ""]
        gone = [f"- {_code(item.path)}: {_code(item.code)} {_code(item.subject)}" for item in done.gone]
        kept = _fitting(gone, FOR_SYMBOLS)
        head += [*kept, *([f"- {counted(len(gone) - len(kept), 'more')}"] if len(kept) < len(gone) else [])]
    text = "\n".join(head) + "\n"
    return texts.encoded(text + "".join(_sections(audit, done.new, LIMIT - _size(text) - TOLD)))


def _sections(audit: Audit, occurrences: Iterable[Occurrence], room: int) -> Iterator[str]:
    """The places of each code, as many as there is room for."""
    groups = [(code, severity.value, group) for code, severity, group in texts.by_code(occurrences)]
    for at, (code, severity, group) in enumerate(groups):
        # Each code has an equal share of what is left; one that needs less leaves more to the others.
        share = max(room // (len(groups) - at), min(room, LEAST))
        section = _section(code, severity, texts.title(code, audit), group, share)
        if section is None:
            left = sum(len(group) for _, _, group in groups[at:])
            yield f"\n{counted(left, 'more place')} of {counted(len(groups) - at, 'code')} left out here.\n"
            break
        yield section
        room -= _size(section)


def _head(audit: Audit) -> Iterator[str]:
    yield f"## repoint audit: {_words(audit.name)}"
    yield ""
    looked_at = f"{counted(audit.files, 'file')} in scope, {number(audit.read)} read"
    yield f"**{_capital(texts.headline(audit))}** at {_code(audit.commit[:12])}; {looked_at}."
    held = {item.metric for item in audit.targets}
    if audit.targets:
        yield from ("", *marking.table_head(("target", "value", "wanted", ""), frozenset({1})))
    yield from map(_target, texts.ranked_targets(audit))
    rest = [(name, value) for metric, name, value in texts.metric_rows(audit.figures) if metric not in held]
    if rest:
        yield ""
        yield "; ".join(f"{name} {value}" for name, value in rest) + "."


def _target(item: TargetResult) -> str:
    missed = texts.verdict(item)
    verdict = missed if item.met else f"**{missed}**"
    return marking.row((texts.words(item.metric), texts.shown(item.metric, item.value), _code(item.wanted), verdict))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _symbols(audit: Audit) -> Iterator[str]:
    """A table of the symbols that are not imported by one path alone, the worst first."""

    def rank(item: SymbolFigures) -> tuple[int, int, str]:
        return item.canonical - item.imports, -item.instantiations - item.duplicates, item.symbol

    told = [item for item in audit.symbols if item.imports > item.canonical or item.instantiations or item.duplicates]
    rows = [_symbol(item) for item in sorted(told, key=rank)]
    kept = _fitting(rows, FOR_SYMBOLS)
    if kept:
        titles = "symbol, share, canonical, deprecated, alias, re-export, unresolvable, instantiated, duplicates"
        yield from ("", *marking.table_head(titles.split(", "), frozenset(range(1, 9))))
        yield from kept
    left = len(rows) - len(kept)
    whole = len(audit.symbols) - len(told)
    if left:
        yield ""
        yield f"{counted(left, 'more symbol')} left out here."
    if whole:
        yield ""
        yield f"{counted(whole, 'symbol')} imported by the canonical path alone."


def _symbol(item: SymbolFigures) -> str:
    counts = (item.canonical, item.deprecated, item.alias, item.reexport, item.unresolvable)
    figures = map(number, (*counts, item.instantiations, item.duplicates))
    return marking.row((_code(item.symbol), texts.percent(item.share), *figures))


def _section(code: str, severity: str, title: str, group: list[Occurrence], room: int) -> str | None:
    """The places of a code in what room there is; None where there is none."""
    said = f"<code>{escape(marking.line(code, LONGEST))}</code> {_html(title)}"
    head = f"\n<details><summary>{said} ({severity}, {counted(len(group), 'place')})</summary>\n\n"
    tail = "\n</details>\n"
    kept = _fitting(_places(group), room - _size(head + tail) - TOLD)
    left = len(group) - sum(_is_place(line) for line in kept)
    if left == len(group):
        return None
    more = f"- {counted(left, 'more place')} left out here\n" if left else ""
    return "".join([head, *(f"{line}\n" for line in kept), more, tail])


def _places(group: list[Occurrence]) -> Iterator[str]:
    """Each message with its mend once, and its places below."""
    for message, mend, items in texts.told_once(group):
        yield f"- {_words(message)}{f'; {_words(mend)}' if mend else ''}"
        yield from (f"  - {_code(f'{item.path}:{item.line}:{item.column}')}" for item in items)


def _is_place(line: str) -> bool:
    return line.startswith("  ")


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines that fit."""
    kept: list[str] = []
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _size(text: str) -> int:
    return len(texts.encoded(text))
