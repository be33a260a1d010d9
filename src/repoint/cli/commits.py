"""Which state of a repository a command looks at: options in, a commit, the index or the files on disk out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from repoint.errors import UsageError

if TYPE_CHECKING:
    from repoint.measures import Audit
    from repoint.sources.snapshot import Snapshot


@contextmanager
def opened(repo: Path, rev: str | None, *, worktree: bool = False, staged: bool = False) -> Iterator[Snapshot]:
    """The commit `rev` (HEAD if None), or what `worktree` or `staged` ask for instead. Raises UsageError."""
    from repoint.sources.snapshot import open_snapshot
    from repoint.sources.working_tree import staged_tree, working_tree

    asked = {"--rev": rev is not None, "--worktree": worktree, "--staged": staged}
    named = [name for name, given in asked.items() if given]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} name two states", mend="leave one of them out")
    if worktree or staged:
        with working_tree(repo) if worktree else staged_tree(repo) as snapshot:
            yield snapshot
    else:
        yield open_snapshot(repo, rev)


def named(found: Audit, *, worktree: bool = False, staged: bool = False) -> Audit:
    """The audit, by the name of what was looked at where that is no commit: its id would be nothing to look up."""
    from msgspec.structs import replace

    state = "working-tree" if worktree else "index" if staged else found.commit
    return replace(found, commit=state)
