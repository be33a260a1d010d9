"""Takes a caption, a head and rows of cells, gives them as an aligned table for a terminal, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import MIB

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Table:
    """Figures as text; all rows are as long as the head."""

    caption: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def plain(self) -> str:
        rows = [self.head, *self.rows]
        widths = [max(len(row[at]) for row in rows) for at in range(len(self.head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([self.caption, "", *lines])

    def markdown(self) -> str:
        rows = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join([self.caption, "", *(f"| {' | '.join(row)} |" for row in rows), ""])


def write(name: str, figures: dict[str, Any], table: Table) -> None:
    """Write `results/<name>.json` and `results/<name>.md`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / f"{name}.md").write_text(table.markdown(), "utf-8")


def seconds(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def ratio(figure: float | None) -> str:
    return "" if figure is None else seconds(figure)


def mebibytes(size: int | None) -> str:
    return "?" if size is None else f"{size / MIB:,.0f}"
