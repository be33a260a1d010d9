"""Whatever is selected of a plan is a part of it, in its order, of whole groups."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from repoint.errors import UsageError
from repoint.model import Batch, Plan
from repoint.planning.selection import select
from tests.builders import changed, edit, plan


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans of a few batches, with groups of any size."""
    batches = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        names = [f"p{number}/{at}.py" for at in range(draw(st.integers(1, 6)))]
        cuts = draw(st.lists(st.integers(0, 2), min_size=len(names), max_size=len(names)))
        groups = [tuple(name for name, cut in zip(names, cuts, strict=True) if cut == kind) for kind in range(3)]
        files = tuple(changed(name, b"old", edit(0, "old", "new")) for name in names)
        whole = tuple(sorted(group for group in groups if len(group) > 1))
        batches.append(Batch(f"{number:02}-p{number}", f"p{number}", "subject", files, whole))
    return replace(plan(*batches), findings=())


POSITION = st.integers(1, 5)
SPECS = st.one_of(
    POSITION.map(str),
    st.tuples(POSITION, POSITION).map(lambda pair: f"{min(pair)}-{max(pair)}"),
    POSITION.map(lambda at: f"-{at}"),
    POSITION.map(lambda at: f"{at}-"),
    st.lists(POSITION, min_size=1, max_size=3).map(lambda many: ",".join(map(str, many))),
    POSITION.map(lambda at: f"{at:02}-p{at}"),
)
GLOBS = st.one_of(st.sampled_from(["**", "p1/**", "**/0.py", "*/[12].py"]), POSITION.map(lambda at: f"p{at}/0.py"))


@given(plans(), st.none() | SPECS, st.lists(st.one_of(SPECS, GLOBS), max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_selection_is_a_part_of_whole_groups_in_order(whole: Plan, batches: str | None, skip: list[str]) -> None:
    try:
        part = select(whole, batches, tuple(skip))
    except UsageError as error:
        assert "\n" not in str(error)
        return
    by_id = {batch.id: batch for batch in whole.batches}
    order = [batch.id for batch in whole.batches]
    assert [batch.id for batch in part.plan.batches] == sorted((b.id for b in part.plan.batches), key=order.index)
    for batch in part.plan.batches:
        full = by_id[batch.id]
        kept = {change.path for change in batch.files}
        assert batch.files == tuple(change for change in full.files if change.path in kept) and kept
        assert all(kept.issuperset(group) or kept.isdisjoint(group) for group in full.groups)
        assert batch.groups == tuple(group for group in full.groups if kept.issuperset(group))
    assert (part.plan is whole) == (part.plan.batches == whole.batches)
    assert part.plan.counts.changed == sum(len(b.files) for b in part.plan.batches) or part.plan is whole
