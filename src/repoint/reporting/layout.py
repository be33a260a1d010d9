"""Takes blocks of text and tables, gives them as plain aligned text or, for a terminal, through Rich."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from repoint.errors import ACTING
from repoint.model import Frozen

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 80
_SURROGATES = re.compile("[\ud800-\udfff]")


class Tone(StrEnum):
    """How a line is meant; only a terminal shows it."""

    PLAIN = ""
    STRONG = "bold"
    GOOD = "green"
    BAD = "bold red"
    CAUTION = "yellow"
    QUIET = "dim"


class Line(Frozen, frozen=True):
    """One paragraph, wrapped under its `indent` unless it is `exact`: a command to copy, a place to click."""

    text: str = ""
    tone: Tone = Tone.PLAIN
    indent: int = 0
    exact: bool = False


class Grid(Frozen, frozen=True):
    """A table; columns in `numeric` are aligned to the right, `shrink` is the one that gives way.

    On a terminal that is too narrow its cells are cut, or go on below where the table is `exact`.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    shrink: int = 0
    indent: int = 2
    exact: bool = False


Block = Line | Grid


def number(value: int) -> str:
    """`10377` gives `10,377`."""
    return f"{value:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`, `2 batches`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def harmless(text: str) -> str:
    """The text with what would act on a terminal as `<1b>`: a path or a message may come from a stranger."""
    return ACTING.sub(lambda found: f"<{ord(found[0]):02x}>", text)


def whole(text: str) -> str:
    """The text with half characters, of a path that is not UTF-8, as the mark for what cannot be shown."""
    return _SURROGATES.sub("\ufffd", text)


def plain(blocks: Iterable[Block], width: int = WIDTH) -> str:
    """The blocks as text without escapes; paths and commands are never cut."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Line():
                lines += _wrapped(block, width)
            case Grid():
                lines += _aligned(block)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def print_rich(blocks: Iterable[Block], console: Console) -> None:
    """The same on a terminal, with tones, and tables that fit its width."""
    from rich.padding import Padding
    from rich.text import Text

    for block in blocks:
        shown: RenderableType
        match block:
            case Line(exact=True):
                shown = Text(whole(_wrapped(block, console.width)[0]), style=block.tone.value)
                console.print(shown, soft_wrap=True)
                continue
            case Line():
                shown = Text(whole("\n".join(_wrapped(block, console.width))), style=block.tone.value)
            case Grid():
                shown = Padding(_rich_table(block), (0, 0, 0, block.indent))
        console.print(shown, highlight=False)


def _wrapped(line: Line, width: int) -> list[str]:
    margin = " " * line.indent
    if line.exact or not line.text:
        return [margin + harmless(line.text)]
    return textwrap.wrap(
        harmless(" ".join(line.text.split())),
        max(width, 40),
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(grid: Grid) -> list[str]:
    rows = [tuple(map(harmless, row)) for row in (*([grid.header] if any(grid.header) else []), *grid.rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [" " * grid.indent + "  ".join(aligned(row, widths, grid.numeric)) for row in rows]


def aligned(row: Sequence[str], widths: Sequence[int], numeric: frozenset[int]) -> list[str]:
    """The cells of a row, each as wide as its column."""
    return [
        cell.rjust(width) if column in numeric else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _rich_table(grid: Grid) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, show_header=any(grid.header), header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for column, title in enumerate(grid.header):
        justify: Literal["left", "right"] = "right" if column in grid.numeric else "left"
        table.add_column(title, justify=justify, no_wrap=column != grid.shrink)
    for row in grid.rows:
        table.add_row(*(_rich_cell(cell, folds=grid.exact and at == grid.shrink) for at, cell in enumerate(row)))
    return table


def _rich_cell(text: str, *, folds: bool) -> RenderableType:
    from rich.text import Text

    return Text(whole(harmless(text)), no_wrap=not folds, overflow="fold" if folds else "ellipsis")
