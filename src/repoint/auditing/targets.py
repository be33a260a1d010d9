"""The manifest's `[targets]` and the figures in, what is met and what is missed by how much out."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

import msgspec

from repoint.manifest.schema import Targets
from repoint.measures import Figures, TargetResult

_PARTS = re.compile(r"\s*(==|<=|<|>=|>)\s*([\d.]+)\s*%?\s*")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}


def results(targets: Targets, figures: Figures) -> tuple[TargetResult, ...]:
    """Each target of the manifest, in the order of the reference."""
    wanted = msgspec.structs.asdict(targets)
    return tuple(
        result(metric, comparison, float(getattr(figures, metric)))
        for metric, comparison in wanted.items()
        if comparison is not None
    )


def result(metric: str, comparison: str, value: float) -> TargetResult:
    """Whether `value` is as `comparison` wants it (`<= 5`, `>= 95%`), which the manifest's schema has checked."""
    parts = _PARTS.fullmatch(comparison)
    assert parts is not None
    limit = float(parts[2])
    met = _HOLDS[parts[1]](value, limit)
    beyond = parts[1] in ("<", ">") and (0.01 if metric == "canonical_share" else 1)  # what the limit itself lacks
    return TargetResult(metric, comparison.strip(), value, met, 0.0 if met else round(abs(value - limit) + beyond, 2))
