"""Targets: what is met, and how far off it is where it is not."""

from __future__ import annotations

import pytest

from repoint.auditing.targets import result
from tests.audit_tools import audited
from tests.transform_tools import RENAMED


@pytest.mark.parametrize(
    ("wanted", "value", "met", "distance"),
    [
        ("== 0", 0, True, 0),
        ("== 0", 3, False, 3),
        ("== 5", 3, False, 2),
        ("<= 5", 5, True, 0),
        ("<= 5", 7, False, 2),
        ("< 5", 4, True, 0),
        ("< 5", 5, False, 1),
        ("< 5", 7, False, 3),
        (">= 5", 5, True, 0),
        (">= 5", 1, False, 4),
        ("> 5", 6, True, 0),
        ("> 5", 5, False, 1),
        ("  ==0 ", 1, False, 1),
    ],
)
def test_counts(wanted: str, value: float, met: bool, distance: float) -> None:
    found = result("deprecated_imports", wanted, value)
    assert (found.met, found.distance, found.wanted) == (met, distance, wanted.strip())


@pytest.mark.parametrize(
    ("wanted", "value", "met", "distance"),
    [
        (">= 95%", 95.0, True, 0),
        (">= 95", 94.99, False, 0.01),
        (">= 95.5 %", 90.0, False, 5.5),
        ("> 95%", 95.0, False, 0.01),
        ("== 100%", 99.99, False, 0.01),
    ],
)
def test_shares(wanted: str, value: float, met: bool, distance: float) -> None:
    found = result("canonical_share", wanted, value)
    assert (found.met, found.distance) == (met, distance)


def test_the_share_is_100_only_where_nothing_is_fragmented() -> None:
    files = {f"a{at}.py": "from pkg.new import New\n" * 200 for at in range(150)}
    audit = audited(
        {**files, "b.py": "from pkg.old import Old\n"}, RENAMED + '[targets]\ncanonical_share = "== 100%"\n'
    )
    assert audit.figures.canonical_share == 99.99
    assert not audit.targets[0].met


def test_only_what_the_manifest_names_is_a_target() -> None:
    assert audited({}).targets == ()
    (target,) = audited(
        {"a.py": "from pkg.old import Old\n"}, RENAMED + '[targets]\ndeprecated_imports = "== 0"\n'
    ).targets
    assert (target.metric, target.value, target.met, target.distance) == ("deprecated_imports", 1, False, 1)
