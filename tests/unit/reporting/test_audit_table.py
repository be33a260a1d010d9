"""An audit as text for people."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.console import Console

from repoint.errors import ACTING
from repoint.measures import Audit, SymbolFigures
from repoint.model import Severity
from repoint.reporting.audits.table import table
from repoint.reporting.layout import plain, print_rich
from tests.unit.reporting.samples import AGENTS, KINDS, TEXT, audit, empty, occurrence


def text(made: Audit, places: int | None = 5) -> str:
    return plain(table(made, places))


def rich(made: Audit, width: int = 80) -> str:
    out = io.StringIO()
    print_rich(table(made), Console(file=out, width=width, force_terminal=True, color_system=None))
    return out.getvalue()


def test_the_verdict_and_the_targets_come_first_missed_ones_before_met_ones() -> None:
    lines = text(audit()).splitlines()
    assert lines[:9] == [
        "execution-engine at 0123456789ab: 2 of 3 targets missed",
        "8,822 files in scope; 230 read.",
        "",
        "  figure                 value  target",
        "  deprecated imports        78  == 0    missed by 78",
        "  canonical share        91.9%  >= 95%  missed by 3.1 points",
        "  deprecated strings         0  == 0    met",
        "  alias imports             21",
        "  reexport imports          12",
    ]


def test_split_symbols_stand_under_their_modules_the_worst_first_and_whole_ones_in_one_line() -> None:
    shown = text(audit())
    assert (
        "                                  share  canon.  depr.  alias  re-exp.  unres.\n"
        f"  {AGENTS}.supervisor.user_execution_engine\n"
        "    UserExecutionEngine           91.9%   1,295     69     21        0      23\n"
        f"  {AGENTS}.supervisor.execution_engine_factory\n"
        "    ExecutionEngineFactory        80.3%      82      8      0       12       0\n"
        "    get_execution_engine_factory  96.8%      31      1      0        0       0\n"
    ) in shown
    assert "  40 symbols imported by the canonical path alone (280 imports).\n" in shown


def test_modules_that_are_not_yet_as_they_should_be_are_told_one_by_one() -> None:
    shown = text(audit())
    assert "    execution_engine               deprecated  implementation  1,556\n" in shown
    assert "  1 deprecated module: redirect (12 lines).\n" in shown


def test_a_message_is_told_once_above_its_places() -> None:
    shown = text(audit(occurrences=(occurrence("a.py", 3), occurrence("b.py", 4, column=9))))
    assert shown.endswith(
        "error[deprecated-import]: 2 places\n"
        "  `Engine` is imported from the deprecated `old`:\n"
        "    a.py:3:1\n"
        "    b.py:4:9\n"
        "  mend: import it from `new`\n"
    )
    assert "  a.py:3:1: `Engine` is imported" in text(audit(occurrences=(occurrence("a.py", 3),)))


def test_places_are_cut_short_with_the_way_to_the_rest_unless_all_are_wanted() -> None:
    assert "  +64 more\n" in text(audit())
    assert text(audit()).endswith("All places: --verbose; those of one symbol: --symbol; as data: --format json.\n")
    full = text(audit(), None)
    assert "more" not in full
    assert sum(line.startswith("    netra_backend/") for line in full.splitlines()) == sum(kind.count for kind in KINDS)


def test_errors_come_before_warnings_and_those_before_what_is_only_told() -> None:
    heads = [line.partition("[")[0] for line in text(audit()).splitlines() if line.endswith(" places")]
    assert heads == sorted(heads, key=["error", "warning", "info"].index)


def test_a_thousand_split_symbols_are_a_screenful() -> None:
    many = tuple(SymbolFigures(f"pkg.m:Name{at:04}", True, "class", 1, at, 0, 0, 0, 0, at, 0) for at in range(1, 1001))
    shown = text(audit(symbols=many))
    assert shown.count("    Name") == 40
    assert "    Name1000 " in shown
    assert shown.count("  +980 more symbols (--verbose shows them)\n") == 2
    assert text(audit(symbols=many), None).count("    Name") == 2000


@pytest.mark.parametrize("made", [audit(), empty()], ids=["audit", "empty"])
def test_it_fits_eighty_columns_but_for_what_is_to_be_copied(made: Audit) -> None:
    wide = [line for line in text(made).splitlines() if len(line) > 80 and not line.startswith("  mend: ")]
    assert not wide
    shown = rich(made)
    assert "…" not in shown
    for line in text(made).splitlines():
        assert line.strip() in shown or len(line) > 80 or line.endswith(":")


def test_a_long_name_goes_on_below_on_a_terminal_instead_of_being_cut() -> None:
    name = "create_execution_context_manager_for_one_user_and_one_run"
    shown = rich(audit(symbols=(SymbolFigures(f"pkg.m:{name}", True, "function", 1, 1, 0, 0, 0, 0, 0, 0),)))
    assert "…" not in shown
    assert name in "".join(line[4:34].strip() for line in shown.splitlines() if not line.startswith("  pkg"))


def test_nothing_to_tell_is_told() -> None:
    shown = text(empty())
    assert shown.startswith("execution-engine at 0123456789ab: 0 violations\n0 files in scope; 0 read.\n")
    assert "target" not in shown
    assert "Modules" not in shown


def test_all_targets_met() -> None:
    met = tuple(replace(item, met=True, distance=0) for item in audit().targets)
    assert "all 3 targets are met" in text(audit(targets=met))
    assert "the target is met" in text(audit(targets=met[:1]))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(TEXT, TEXT, TEXT)
def test_nothing_in_a_place_acts_on_the_terminal(path: str, message: str, mend: str) -> None:
    place = occurrence(path, message=message, mend=mend, symbol=message, severity=Severity.INFO)
    pattern = replace(audit().patterns[0], id=message or "x", message=message)
    made = audit(occurrences=(place,), patterns=(pattern,), symbols=(), modules=(), targets=(), name=path)
    assert not ACTING.search(text(made).replace("\n", ""))
    assert not ACTING.search(rich(made).replace("\n", ""))
    rich(made).encode()  # as a terminal does
