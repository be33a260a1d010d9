"""Takes an audit, gives it as blocks of text for people: the verdict first, every place last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from repoint.measures import Audit, ModuleFigures, Occurrence, SymbolFigures
from repoint.model import Severity, State
from repoint.reporting.audits import texts
from repoint.reporting.layout import Block, Grid, Line, Tone, aligned, counted, number

PLACES = 5
ROWS = 20
UNFINISHED = frozenset({State.IMPLEMENTATION, State.PARTIAL})
_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CAUTION, Severity.INFO: Tone.QUIET}

Groups = dict[str, list[tuple[str, ...]]]


def table(audit: Audit, places: int | None = PLACES) -> Iterator[Block]:
    """The blocks; of each code at most `places` places, and of each table a screenful (everything if None)."""
    rows = None if places is None else ROWS
    yield from _head(audit)
    yield from _imports(audit, rows)
    yield from _beside(audit, rows)
    yield from _modules(audit, rows)
    yield from _patterns(audit, rows)
    yield from place_blocks(audit.occurrences, places)


def _head(audit: Audit) -> Iterator[Block]:
    missed = any(not item.met for item in audit.targets)
    tone = Tone.BAD if missed else Tone.GOOD if audit.targets else Tone.STRONG
    yield Line(f"{audit.name} at {audit.commit[:12]}: {texts.headline(audit)}", tone)
    yield Line(f"{counted(audit.files, 'file')} in scope; {number(audit.read)} read.", Tone.QUIET)
    yield Line()
    held = {item.metric for item in audit.targets}
    rows = [
        (texts.words(item.metric), texts.shown(item.metric, item.value), item.wanted, texts.verdict(item))
        for item in texts.ranked_targets(audit)
    ]
    rows += [(name, value, "", "") for metric, name, value in texts.metric_rows(audit.figures) if metric not in held]
    wide = 4 if held else 2
    yield Grid(("figure", "value", "target", "")[:wide], tuple(row[:wide] for row in rows), frozenset({1}))


def _imports(audit: Audit, rows: int | None) -> Iterator[Block]:
    """The symbols that are imported by several paths, the worst first; the others in one line."""
    split = [item for item in audit.symbols if item.imports > item.canonical]
    whole = [item for item in audit.symbols if item.imports == item.canonical]
    if audit.symbols:
        yield Line()
        yield Line("Imports of governed symbols", Tone.STRONG)
    ordered = sorted(split, key=lambda item: (item.canonical - item.imports, item.symbol))
    groups: Groups = {}
    for item in ordered[:rows]:
        groups.setdefault(module_of(item.symbol), []).append(_import_row(item))
    yield from _grouped(("", "share", "canon.", "depr.", "alias", "re-exp.", "unres."), groups)
    yield from _left_out(len(ordered), rows, "symbol")
    if whole:
        imports = sum(item.canonical for item in whole)
        told = f"{counted(len(whole), 'symbol')} imported by the canonical path alone"
        yield Line(f"{told} ({counted(imports, 'import')}).", Tone.GOOD, indent=2)


def _import_row(item: SymbolFigures) -> tuple[str, ...]:
    counts = (item.canonical, item.deprecated, item.alias, item.reexport, item.unresolvable)
    return (name_of(item.symbol), texts.percent(item.share), *map(number, counts))


def _beside(audit: Audit, rows: int | None) -> Iterator[Block]:
    """What else there is to tell of a symbol: only of those where there is something."""

    def rank(item: SymbolFigures) -> tuple[int, str]:
        return -(item.instantiations + item.duplicates + item.kept), item.symbol

    told = [
        item
        for item in audit.symbols
        if item.kept or item.instantiations or item.duplicates or item.defined in ("missing", "elsewhere")
    ]
    groups: Groups = {}
    for item in sorted(told, key=rank)[:rows]:
        figures = (number(item.instantiations), number(item.duplicates), number(item.kept))
        groups.setdefault(module_of(item.symbol), []).append((name_of(item.symbol), item.defined, *figures))
    if groups:
        yield Line()
        yield Line("Definitions, direct instantiations and imports that are kept", Tone.STRONG)
    yield from _grouped(("", "defined", "instantiated", "duplicates", "kept"), groups, words=1)
    yield from _left_out(len(told), rows, "symbol")


def _modules(audit: Audit, rows: int | None) -> Iterator[Block]:
    """Modules that are not yet what they should be; the others in a line for each state."""
    if not audit.modules:
        return
    yield Line()
    yield Line("Modules", Tone.STRONG)
    told = [item for item in audit.modules if not _settled(item)]
    groups: Groups = {}
    for item in sorted(told, key=lambda item: (-item.lines, item.module))[:rows]:
        parent, _, name = item.module.rpartition(".")
        groups.setdefault(parent, []).append((name, item.role, item.state.value, number(item.lines)))
    yield from _grouped(("", "role", "state", "lines"), groups, words=2)
    yield from _left_out(len(told), rows, "module")
    settled = [item for item in audit.modules if _settled(item)]
    for role, state in dict.fromkeys((item.role, item.state) for item in settled):
        same = [item for item in settled if (item.role, item.state) == (role, state)]
        lines = counted(sum(item.lines for item in same), "line")
        yield Line(f"{counted(len(same), f'{role} module')}: {state.value} ({lines}).", Tone.GOOD, indent=2)


def _settled(item: ModuleFigures) -> bool:
    return (item.role == "home") == (item.state in UNFINISHED)


def _patterns(audit: Audit, rows: int | None) -> Iterator[Block]:
    found = sorted((item for item in audit.patterns if item.matches), key=lambda item: (-item.matches, item.id))
    if audit.patterns:
        yield Line()
        yield Line("Patterns", Tone.STRONG)
    if found:
        cells = tuple((item.id, item.severity.value, number(item.matches)) for item in found[:rows])
        yield Grid(("", "severity", "matches"), cells, frozenset({2}), exact=True)
    yield from _left_out(len(found), rows, "pattern")
    if clean := len(audit.patterns) - len(found):
        yield Line(f"{counted(clean, 'pattern')} without a match.", Tone.GOOD, indent=2)


def _grouped(header: tuple[str, ...], groups: Groups, words: int = 0) -> Iterator[Block]:
    """One table in parts, each under the dotted path that its rows share; columns after `words` are numeric."""
    if not groups:
        return
    rows = [row for group in groups.values() for row in group]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    numeric = frozenset(range(1 + words, len(header)))
    first, *others = (tuple(aligned(row, widths, numeric)) for row in (header, *rows))
    padded = iter(others)
    yield Grid(first, (), numeric, indent=4)
    for path, group in groups.items():
        yield Line(path or "(top level)", Tone.QUIET, indent=2, exact=True)
        yield Grid(("",) * len(header), tuple(islice(padded, len(group))), numeric, indent=4, exact=True)


def place_blocks(occurrences: Iterable[Occurrence], places: int | None) -> Iterator[Block]:
    """The places by code, worst first; at most `places` of each (all of them if None)."""
    cut = False
    for code, severity, group in texts.by_code(occurrences):
        yield Line()
        yield Line(f"{severity.value}[{code}]: {counted(len(group), 'place')}", _TONES[severity])
        yield from _told_once(group[:places])
        if places is not None and len(group) > places:
            cut = True
            yield Line(f"+{number(len(group) - places)} more", Tone.QUIET, indent=2)
    if cut:
        yield Line()
        yield Line("All places: --verbose; those of one symbol: --symbol; as data: --format json.", Tone.QUIET)


def _told_once(group: list[Occurrence]) -> Iterator[Block]:
    """Each message once, above its places, and each mend once."""
    for message, _, items in texts.told_once(group):
        alone = len(items) == 1
        if not alone:
            yield Line(f"{message}:", indent=2)
        for item in items:
            place = f"{item.path}:{item.line}:{item.column}"
            yield Line(f"{place}: {message}" if alone else place, indent=2 if alone else 4, exact=True)
    for mend in dict.fromkeys(item.mend for item in group if item.mend):
        yield Line(f"mend: {mend}", Tone.QUIET, indent=2, exact=True)


def _left_out(count: int, rows: int | None, what: str) -> Iterator[Block]:
    if rows is not None and count > rows:
        yield Line(f"+{counted(count - rows, f'more {what}')} (--verbose shows them)", Tone.QUIET, indent=2)


def module_of(symbol: str) -> str:
    """`pkg.mod` of `pkg.mod:Name`."""
    return symbol.partition(":")[0]


def name_of(symbol: str) -> str:
    """`Name` of `pkg.mod:Name`; a module as such is imported without a name."""
    return symbol.partition(":")[2] or "(the module)"
