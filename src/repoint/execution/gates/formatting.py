"""The step before a commit: takes a batch's tree, has its files formatted, gives the entries that changed.

A formatter may change how code looks. A name that it loses, or leads elsewhere, was proved to be there: refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repoint.errors import Problem, Refused
from repoint.execution.gates import commands, running
from repoint.execution.gates.linked import Linked
from repoint.execution.gates.running import Orders, Step, Words
from repoint.execution.repository.commits import Entry, Tree, read_blobs
from repoint.execution.repository.git import Git, listed, names
from repoint.model import FileChange
from repoint.proof.namespaces import Namespace, read
from repoint.proof.source import parse

_LINE = 24_000  # characters of a command line; Windows takes 32,767
_LAX = ("-c", "core.safecrlf=false")  # which would fail for a file whose line ends git does not keep
_SAME = "give [after] only what formats the files it is given"
_LEAVE = "have it leave this file alone, or leave the file out by --skip, and run apply again"


def formatted(
    orders: Orders, place: Linked, step: Step, tree: Tree, changes: Sequence[FileChange], told: running.Told
) -> Tree:
    """Run the formatters on a batch's files; the worktree shows the batch. `tree` holds the batch's entries.

    Gives the files that are other than planned now. Raises GateFailed for a formatter that fails, Refused for one
    that touches other files, or loses names.
    """
    paths = [change.path for change in changes if change.after is not None]
    if not paths:
        return {}
    before = _as_git_takes_it(place.git)
    for number, words in enumerate(orders.after, start=1):
        told(f"{step.brief}: {commands.shown(words)}")
        for command in _with_files(words, paths):
            ended = running.run(command, orders, place, step, number)
            if ended.failure is not None:
                raise running.failed(ended, f"[after] {commands.shown(words)!r}", step, running.MEND)
    return _taken(place.git, before, tree, step)


def _as_git_takes_it(git: Git) -> str:
    """The tree of the files as they lie there: line ends and filters need not lead back to the blob they come from."""
    git.run(*_LAX, "add", "-u")
    return git.run("write-tree").decode("ascii").strip()


def _taken(git: Git, before: str, tree: Tree, step: Step) -> Tree:
    """What of a worktree's files differs from `before`, as blobs; Refused for files beyond those of `tree`."""
    git.run("update-index", "--refresh", ok=(0, 1))
    touched = names(git.run("diff-index", "--name-only", "-z", "--ignore-submodules=all", before))
    new = names(git.run("ls-files", "-o", "--exclude-standard", "-z"))
    if beyond := {*touched, *new} - tree.keys():
        what = f"[after] touched files beyond {step.about}: {listed(beyond)}"
        raise Refused(what, mend=f"{step.state}: {_SAME}")
    if gone := {path for path in touched if (git.folder / path).is_symlink() or not (git.folder / path).is_file()}:
        raise Refused(f"[after] removed files of {step.about}: {listed(gone)}", mend=f"{step.state}: {_SAME}")
    given = "".join(f"{path}\0" for path in touched).encode("utf-8")
    git.run(*_LAX, "update-index", "-z", "--stdin", stdin=given)
    found = _entries(git, touched)
    other = [path for path in touched if found[path].blob != tree[path].blob]
    changed = {path: Entry(tree[path].mode, found[path].blob) for path in other}
    refuse_lost(git, tree, changed, "[after]", f"{step.state}: {_LEAVE}")
    return changed


def _with_files(words: Words, paths: Sequence[str]) -> Iterator[Words]:
    """The command with the files as its last arguments; several times where they are too many for one."""
    line: list[str] = []
    # Neither an option nor `@file`, from which some tools read more of them.
    for path in (f"./{path}" if path.startswith(("-", "@")) else path for path in paths):
        if line and sum(map(len, (*words, *line, path))) + 3 * len(line) > _LINE:
            yield (*words, *line)
            line = []
        line.append(path)
    yield (*words, *line)


def _entries(git: Git, paths: Sequence[str]) -> Tree:
    found: Tree = {}
    wanted = set(paths)
    for row in git.run("ls-files", "-s", "-z").split(b"\0")[:-1] if wanted else ():
        head, _, name = row.partition(b"\t")
        path = name.decode("utf-8", "surrogateescape")
        if path in wanted:
            mode, blob, _ = head.decode("ascii").split(" ")
            found[path] = Entry(mode, blob)
    return found


def refuse_lost(git: Git, before: Tree, after: Tree, who: str, mend: str) -> None:
    """Raises Refused, with a line for each, for modules whose top level no longer binds the same names to the same
    things."""
    paths = [path for path in after if path.endswith((".py", ".pyi"))]
    ids = [blob for path in paths for blob in (before[path].blob, after[path].blob)]
    data = read_blobs(git, ids)
    told = [(path, _lost(next(data), next(data))) for path in paths]
    if problems := tuple(Problem(f"{who} {what}", path, mend) for path, what in told if what):
        raise Refused.all_of(problems)


def _lost(before: bytes, after: bytes) -> str:
    """What became of a module, where that is more than its looks."""
    was, now = _space(before), _space(after)
    if was is None:
        return ""
    if now is None:
        return "left a file that does not parse"
    homes, left = _homes(was), _homes(now)
    lost = homes.keys() - left.keys()
    other = {name for name in homes.keys() & left.keys() if homes[name] != left[name]}
    told = (("lost", lost), ("led elsewhere", other))
    return " and ".join(f"{did} what is imported or defined: {listed(names)}" for did, names in told if names)


def _space(data: bytes) -> Namespace | None:
    tree = parse(data)
    return None if tree is None else read(tree, data, "", "")


def _homes(space: Namespace) -> dict[str, object]:
    """Each name with what it may stand for, star imports and `__all__` among them."""
    found: dict[str, object] = {name: {item.target for item in known} for name, known in space.bindings.items()}
    return found | {"*": {star.module for star in space.stars}, "__all__": space.exported}
