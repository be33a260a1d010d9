"""The branch is the journal: takes its commits, tells which batches of which plans they brought and took back.

A batch that a commit brought stands until a commit takes that away; a revert of the revert brings it back. So two
commits that bring the same batch, on two sides of a merge, count each for itself, as they do for git.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from repoint.errors import ACTING
from repoint.execution.journal.trailers import Brings, Mark, Takes, Undoes, marks
from repoint.execution.journal.trailers import Stamp as Stamp
from repoint.execution.journal.trailers import message as message
from repoint.execution.repository.git import Git

_FORMAT = "--format=%H%n%P%n%an%n%aI%n%s%n%B"
_LOG = (
    *("log", "-z", "--topo-order", "--reverse", "--no-color", "--no-show-signature", "--encoding=UTF-8"),
    _FORMAT,
)

BY_APPLY = "repoint: batch "
"""How the reflog's lines begin that `apply` writes."""


@dataclass(frozen=True)
class Commit:
    """A commit as far as it matters here; `date` is the author's, `formatted` says that a formatter had its say."""

    id: str
    parents: tuple[str, ...]
    author: str = ""
    date: str = ""
    subject: str = ""
    marks: tuple[Mark, ...] = ()
    formatted: bool = False

    @property
    def short(self) -> str:
        """For lists: the id in short, and the subject."""
        return f"{self.id[:10]} {self.subject}"


@dataclass(frozen=True)
class Brought:
    """A batch, as one commit brought it."""

    commit: str
    stamp: Stamp


@dataclass(frozen=True)
class Effect:
    """What a commit brings, and what it takes back."""

    brings: tuple[Brought, ...] = ()
    takes: tuple[Brought, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.brings or self.takes)

    @property
    def undone(self) -> Effect:
        """What a revert of the commit does."""
        return Effect(self.takes, self.brings)


@dataclass(frozen=True)
class Journal:
    """Commits, oldest first, and what they come to.

    `effects` holds the commits that have one. `standing` and `taken` tell for each batch by which commit it stands, or
    was taken back, in the order in which that came about.
    """

    commits: tuple[Commit, ...]
    effects: Mapping[str, Effect]
    standing: Mapping[Brought, str]
    taken: Mapping[Brought, str]


def read(git: Git, base: str, tip: str) -> Journal:
    """The journal of all commits since `base`, those that came in by merges included."""
    return fold(history(git, tip, f"^{base}"))


def read_all(git: Git, tip: str) -> Journal:
    """The journal from the first commit on that brought a batch, however long the history is before that."""
    marked = git.run(
        *("log", "-F", "--topo-order", "--no-color", "--no-show-signature", "--encoding=UTF-8"),
        *("--grep=Repoint-Batch: ", "--format=%H%x20%P%x00%B%x00", tip, "--"),
    )
    fields = marked.decode("utf-8", "replace").split("\0")
    oldest = [head.split() for head, text in zip(fields[0::2], fields[1::2], strict=False) if _brings(text)]
    if not oldest:
        return fold(())
    return fold(history(git, tip, *(f"^{parent}" for parent in oldest[-1][1:])))


def history(git: Git, *revisions: str) -> tuple[Commit, ...]:
    """The commits that `revisions` name, parents before children."""
    log = git.run(*_LOG, *revisions, "--").decode("utf-8", "replace")
    return tuple(_commit(entry) for entry in log.split("\0") if entry)


def made_here(git: Git, ref: str) -> tuple[Commit, ...]:
    """The batches' commits as `apply` made them on a branch, as far as its reflog goes, whatever became of them."""
    log = git.run(
        *("log", "-z", "-g", "--no-color", "--no-show-signature", "--encoding=UTF-8"),
        *("-F", f"--grep-reflog={BY_APPLY}", _FORMAT, ref, "--"),
    )
    return tuple(_commit(entry) for entry in log.decode("utf-8", "replace").split("\0") if entry)


def _brings(text: str) -> bool:
    return any(isinstance(mark, Brings) for mark in marks(text)[0])


def _commit(entry: str) -> Commit:
    name, parents, author, date, subject, text = entry.split("\n", 5)
    found, formatted = marks(text)
    return Commit(name, tuple(parents.split()), clean(author), date, clean(subject), found, formatted)


def clean(text: str) -> str:
    """One line that does nothing to a terminal."""
    return ACTING.sub(lambda found: f"<{ord(found[0]):02x}>", " ".join(text.split()))


def fold(commits: Iterable[Commit]) -> Journal:
    """What the commits, parents before children, come to."""
    state = _Fold(tuple(commits))
    for commit in state.commits:
        state.add(commit)
    return Journal(state.commits, state.effects, state.standing, state.taken)


@dataclass
class _Fold:
    """The journal as far as it is read."""

    commits: tuple[Commit, ...]
    effects: dict[str, Effect] = field(default_factory=dict)
    standing: dict[Brought, str] = field(default_factory=dict)
    taken: dict[Brought, str] = field(default_factory=dict)
    _batches: dict[tuple[str, int], list[Brought]] = field(default_factory=dict)
    _parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _sorted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._parents = {commit.id: commit.parents for commit in self.commits}
        self._sorted = sorted(self._parents)

    def add(self, commit: Commit) -> None:
        effect = self._effect(commit)
        if not effect:
            return
        self.effects[commit.id] = effect
        for brought in effect.takes:
            self.standing.pop(brought, None)
            self.taken.pop(brought, None)
            self.taken[brought] = commit.id
        for brought in effect.brings:
            self.taken.pop(brought, None)
            self.standing.setdefault(brought, commit.id)
            known = self._batches.setdefault((brought.stamp.plan, brought.stamp.position), [])
            if brought.commit == commit.id:
                known.append(brought)

    def _effect(self, commit: Commit) -> Effect:
        """The marks in their order: a squashed commit may bring a batch and take it back again."""
        brings: dict[Brought, None] = {}
        takes: dict[Brought, None] = {}
        is_known = False  # a trailer below git's own line says the same, for when that commit cannot be found
        for mark in commit.marks:
            match mark:
                case Undoes(name, mainline):
                    undone = self._undone(name, mainline)
                    is_known = bool(undone)
                    takes |= {item: None for brought in undone.takes for item in self._meant(brought)}
                    brings |= dict.fromkeys(undone.brings)
                case Takes(stamp) if not is_known:
                    for brought in [brought for brought in brings if _is_batch(brought, stamp)]:
                        del brings[brought]
                    takes |= dict.fromkeys(self._stands(stamp))
                case Brings(stamp):
                    brings[Brought(commit.id, stamp)] = None
                    is_known = False
                case Takes():
                    pass
        for brought in [brought for brought in takes if brought in self.standing]:
            if again := next((item for item in brings if _is_batch(item, brought.stamp)), None):
                del brings[again], takes[brought]  # taken back and brought in one: it goes on standing
        return Effect(tuple(brings), tuple(takes))

    def _stands(self, stamp: Stamp) -> list[Brought]:
        known = self._batches.get((stamp.plan, stamp.position), [])
        return [brought for brought in known if brought in self.standing]

    def _meant(self, brought: Brought) -> list[Brought]:
        """What a revert takes back: where that is gone already, the same batch as another commit brought it since."""
        return [brought] if brought in self.standing else self._stands(brought.stamp) or [brought]

    def _undone(self, name: str, mainline: str) -> Effect:
        """What a revert of the commit does; nothing where it is not in this history."""
        found = self._find(name)
        if found is None:
            return Effect()
        parents = self._parents[found]
        if len(parents) < 2:
            return self.effects.get(found, Effect()).undone
        kept = next((parent for parent in parents if mainline and parent.startswith(mainline)), parents[0])
        return self._net(self._reach(found) - self._reach(kept)).undone

    def _find(self, name: str) -> str | None:
        at = bisect_left(self._sorted, name)
        match self._sorted[at : at + 2]:
            case [found, *more] if found.startswith(name) and not any(other.startswith(name) for other in more):
                return found
        return None

    def _reach(self, commit: str) -> set[str]:
        """The commits of this history that are in that of `commit`, itself included."""
        seen: set[str] = set()
        left = [commit]
        while left:
            name = left.pop()
            if name in self._parents and name not in seen:
                seen.add(name)
                left += self._parents[name]
        return seen

    def _net(self, commits: set[str]) -> Effect:
        """What these commits come to, taken together."""
        brings: dict[Brought, None] = {}
        takes: dict[Brought, None] = {}
        for name, effect in self.effects.items():
            if name not in commits:
                continue
            for brought in effect.takes:
                if brought in brings:
                    del brings[brought]
                else:
                    takes[brought] = None
            for brought in effect.brings:
                if brought in takes:
                    del takes[brought]
                else:
                    brings[brought] = None
        return Effect(tuple(brings), tuple(takes))


def _is_batch(brought: Brought, stamp: Stamp) -> bool:
    return (brought.stamp.plan, brought.stamp.position) == (stamp.plan, stamp.position)
