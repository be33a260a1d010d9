"""Trailers: what a commit message says, and which batches a history is found to hold."""

from __future__ import annotations

from pathlib import Path
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.execution.journal.history import Commit, Stamp, fold, message, read, read_all
from repoint.execution.journal.trailers import marks, revert_message
from repoint.execution.repository.git import Git
from tests.builders import added, batch
from tests.conftest import MakeRepo, git

PLAN, OTHER = "a" * 64, "b" * 64


def committed(repo: Path, text: bytes) -> str:
    git(repo, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", data=text)
    return git(repo, "rev-parse", "HEAD").decode().strip()


def stamp(position: int, plan: str = PLAN) -> Stamp:
    return Stamp("case", plan, position, 5)


def stamped(position: int, plan: str = PLAN) -> bytes:
    return message(batch(position, added("a.py", "")), stamp(position, plan))


def name(number: int) -> str:
    """An id like git's."""
    return f"{number:08x}".ljust(40, "e")


def commit(number: int, text: bytes | str = b"work\n", parents: tuple[int, ...] | None = None) -> Commit:
    """A commit upon the one before it, or upon `parents`."""
    said = text if isinstance(text, str) else text.decode()
    above = (number - 1,) if parents is None else parents
    return Commit(name(number), tuple(map(name, above)), marks=marks(said)[0])


def reverting(number: int, *, mainline: int | None = None) -> str:
    to = "" if mainline is None else f", reversing\nchanges made to {name(mainline)}"
    return f'Revert "it"\n\nThis reverts commit {name(number)}{to}.\n'


def standing(*commits: Commit) -> set[int]:
    return {brought.stamp.position for brought in fold(commits).standing}


def test_message() -> None:
    assert stamped(2) == (
        b"refactor(imports): pkg\n\n1 file\n\n"
        b"Repoint-Migration: case\nRepoint-Plan: " + PLAN.encode() + b"\nRepoint-Batch: 2/5\n"
    )


def test_message_of_a_revert() -> None:
    text = revert_message("refactor(imports): pkg", "c" * 40, "", [stamp(2)]).decode()
    assert text == (
        f'Revert "refactor(imports): pkg"\n\nThis reverts commit {"c" * 40}.\n\n'
        f"Repoint-Migration: case\nRepoint-Plan: {PLAN}\nRepoint-Reverts: 2/5\n"
    )
    assert ", reversing\nchanges made to " + "d" * 40 in revert_message("it", "c" * 40, "d" * 40, []).decode()


def test_only_this_plan_s_batches_since_the_base(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    committed(repo, stamped(5))
    base = git(repo, "rev-parse", "HEAD").decode().strip()
    for text in (stamped(1), b"work\n", stamped(2, OTHER), stamped(3) + b"Signed-off-by: A <a@localhost>\n"):
        committed(repo, text)
    found = read(Git(repo), base, "HEAD").standing
    assert [(item.stamp.plan, item.stamp.position) for item in found] == [(PLAN, 1), (OTHER, 2), (PLAN, 3)]
    assert not read(Git(repo), base, base).standing


def test_the_whole_journal_begins_with_the_first_batch(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    assert read_all(Git(repo), "HEAD").commits == ()
    committed(repo, b"about\n\n    Repoint-Batch: 1/5\n")
    first = committed(repo, stamped(1))
    last = committed(repo, f"Revert\n\nThis reverts commit {first}.\n".encode())
    found = read_all(Git(repo), "HEAD")
    assert [item.id for item in found.commits] == [first, last]
    assert list(found.taken.values()) == [last]


def test_a_first_commit_may_hold_a_batch(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    git(repo, "commit", "-q", "--amend", "--allow-empty", "--cleanup=verbatim", "-F", "-", data=stamped(1))
    assert len(read_all(Git(repo), "HEAD").standing) == 1


def test_what_a_commit_says_is_one_line_without_control_characters(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    committed(repo, b"a \x1b[31mred\tone\x07\nof two lines\n\n" + stamped(1))
    assert read_all(Git(repo), "HEAD").commits[0].subject == "a <1b>[31mred one<07> of two lines"


def test_squashed_commits_count_for_all_their_batches() -> None:
    assert standing(commit(1, b"squashed\n\n" + stamped(1) + b"\n" + stamped(2))) == {1, 2}


def test_a_squashed_revert_counts_where_it_stands() -> None:
    gone = revert_message("it", "f" * 40, "", [stamp(1)])
    assert standing(commit(1, stamped(1) + stamped(2) + gone)) == {2}
    assert standing(commit(1, stamped(1) + stamped(2) + gone + stamped(1))) == {1, 2}


def test_a_batch_that_a_squash_takes_back_and_brings_again_goes_on_standing() -> None:
    gone = revert_message("it", name(1), "", [stamp(1)])
    history = [commit(1, stamped(1)), commit(2, gone + stamped(1) + stamped(2))]
    assert standing(*history) == {1, 2}
    assert standing(*history, commit(3, reverting(2))) == {1}
    assert standing(*history, commit(3, reverting(2)), commit(4, reverting(3))) == {1, 2}


def test_a_quoted_trailer_does_not_count() -> None:
    quoted = b"".join(b"    " + line for line in stamped(1).splitlines(keepends=True))
    assert standing(commit(1, b"about\n\n" + quoted)) == set()
    assert standing(commit(1, b"about\n\n" + quoted.replace(b"    ", b"> "))) == set()


def test_trailers_among_others() -> None:
    said = stamped(1).replace(b"Repoint-Plan", b"Change-Id: I1\nRepoint-Plan").replace(b"\n", b"\r\n")
    assert standing(commit(1, said + b"Signed-off-by: A <a@localhost>\n")) == {1}


def test_trailers_that_say_nothing_of_use() -> None:
    for wrong in (
        stamped(1).replace(b"1/5", b"0/5"),
        stamped(1).replace(b"1/5", b"one"),
        stamped(1).replace(b"a" * 64, b"a" * 63),
        stamped(1).replace(b"Repoint-Plan", b"Plan"),
    ):
        assert standing(commit(1, wrong)) == set()


def test_formatted_is_said() -> None:
    assert marks((stamped(1) + b"Repoint-Formatted: 2\n").decode())[1]
    assert not marks(stamped(1).decode())[1]


def test_reverts_and_their_reverts() -> None:
    history = [commit(1, stamped(1)), commit(2, reverting(1)), commit(3, reverting(2)), commit(4, reverting(3))]
    assert [standing(*history[:end]) for end in (1, 2, 3, 4)] == [{1}, set(), {1}, set()]


def test_reverts_in_short(make_repo: MakeRepo) -> None:
    """`git revert --reference` names the commit like this."""
    short = reverting(1).replace(name(1), f"{name(1)[:9]} (it, 2024-01-31)")
    assert standing(commit(1, stamped(1)), commit(2, short)) == set()
    both = [commit(1, stamped(1)), Commit(name(1)[:-1] + "0", (), marks=marks(stamped(2).decode())[0])]
    assert standing(*both, commit(3, short)) == {1, 2}  # it may be either


def test_a_revert_that_was_rebased_away_from_its_commit() -> None:
    """git's line names a commit that is gone; the trailer still tells the batch."""
    history = [commit(1, stamped(1)), commit(2, stamped(2)), commit(3, reverting(9))]
    assert standing(*history) == {1, 2}
    gone = revert_message("it", name(9), "", [stamp(2)])
    assert standing(*history[:2], commit(3, gone)) == {1}
    assert standing(*history[:2], commit(3, gone), commit(4, reverting(3))) == {1, 2}


def test_batches_that_came_in_by_a_merge_count() -> None:
    side = [commit(1, parents=()), commit(2, stamped(1), (1,)), commit(3, stamped(2), (2,)), commit(4, parents=(1,))]
    merge = commit(5, parents=(4, 3))
    assert standing(*side, merge) == {1, 2}


def merged(*, first: int, second: int) -> list[Commit]:
    """Batch 1 stands; batches 2 and 3 and the revert of 1 came in by the merge 7, whose parents are told."""
    return [
        commit(1, stamped(1), ()),
        commit(2, parents=(1,)),
        commit(3, stamped(2), (1,)),
        commit(4, stamped(3), (3,)),
        commit(5, reverting(1), (4,)),
        commit(7, parents=(first, second)),
    ]


def test_the_revert_of_a_merge_takes_back_what_it_brought() -> None:
    history = merged(first=2, second=5)
    assert standing(*history) == {2, 3}
    assert standing(*history, commit(8, reverting(7, mainline=2), (7,))) == {1}
    assert standing(*history, commit(8, reverting(7), (7,))) == {1}
    again = (commit(8, reverting(7, mainline=2), (7,)), commit(9, reverting(8), (8,)))
    assert standing(*history, *again) == {2, 3}


def test_the_revert_of_a_merge_against_its_other_parent() -> None:
    history = merged(first=5, second=2)
    assert standing(*history, commit(8, reverting(7, mainline=2), (7,))) == {1}
    assert standing(*history, commit(8, reverting(7, mainline=5), (7,))) == {2, 3}


def test_a_batch_on_two_sides_stands_while_one_of_them_does() -> None:
    twice = [commit(1, parents=()), commit(2, stamped(1), (1,)), commit(3, stamped(1), (1,)), commit(4, parents=(2, 3))]
    assert standing(*twice, commit(5, reverting(2))) == {1}
    assert standing(*twice, commit(5, reverting(2)), commit(6, reverting(3))) == set()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["apply", "git", "ours", "squash", "work"]), st.integers(0, 9)), max_size=12))
def test_any_line_of_commits_and_reverts(steps: list[tuple[str, int]]) -> None:
    """A model that only knows sets: what stands, and what each commit added and removed."""
    now: set[int] = set()
    deltas: list[tuple[set[int], set[int]]] = []
    history: list[Commit] = []
    for what, pick in steps:
        at = len(history)
        added_, removed, text = set(), set(), b"work\n"
        if what == "apply" and pick not in now and pick:
            added_, text = {pick}, stamped(pick)
        elif what == "squash" and (fresh := {pick + 1, pick + 2} - now):
            added_, text = fresh, b"".join(map(stamped, sorted(fresh)))
        elif what in ("git", "ours") and history:
            plus, minus = deltas[pick % at]
            if plus <= now and not minus & now:  # git would revert nothing else without a conflict
                added_, removed = minus, plus
                text = revert_message("it", name(pick % at), "", [stamp(n) for n in sorted(plus)])
                text = text if what == "ours" and plus and not minus else reverting(pick % at).encode()
        now = (now | added_) - removed
        deltas.append((added_, removed))
        history.append(commit(at, text, (at - 1,) if at else ()))
        assert standing(*history) == now


def test_the_same_commit_reverted_twice_takes_back_what_came_in_its_place() -> None:
    again = [commit(1, stamped(1)), commit(2, reverting(1)), commit(3, stamped(1)), commit(4, reverting(1))]
    assert standing(*again) == set()
    assert standing(*again, commit(5, reverting(4))) == {1}


def test_blanks_in_a_message_cost_nothing() -> None:
    began = process_time()
    assert marks(f"Repoint-Migration: {' ' * 20_000}x\nRepoint-Plan: x{chr(13) * 20_000}y\n") == ((), False)
    assert process_time() - began < 1
