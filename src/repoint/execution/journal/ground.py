"""Whether a plan still stands on what it was made on: a plan and a newer commit in, one line of refusal out.

A plan's own files are compared by their blobs. Here it is about the others, of those that changed since: a home that
no longer has what moves there, and a file that has begun to use an old path, which the plan does not know of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from repoint.errors import Stale
from repoint.execution.repository.branch import Branch, tip_of
from repoint.execution.repository.commits import read_blobs, read_tree, refuse_stale
from repoint.execution.repository.git import Git, listed
from repoint.model import Ground, Home, Plan
from repoint.names import is_dotted_name, last, module_of, parent
from repoint.proof.namespaces import read
from repoint.proof.reads import reads
from repoint.proof.source import package_of, parse

_NO_BLOB = ("0" * 40, "0" * 64)
_WORD = re.compile(rb"[\w\x80-\xff]+")


class _Change(NamedTuple):
    """A file that differs: its bytes then and now, None where there is no file."""

    path: str
    before: bytes | None
    after: bytes | None


class _Old(NamedTuple):
    """The old paths, so that many files and many paths do not multiply: a plan may name millions."""

    paths: Set[str]
    apart: Set[str]
    parents: Set[str]
    words: Set[bytes]
    roots: tuple[str, ...]

    @classmethod
    def of(cls, ground: Ground) -> _Old:
        parents, words = {parent(old) for old in ground.old}, {last(old).encode() for old in ground.old}
        return cls(set(ground.old), set(ground.apart), parents, words, ground.roots)

    def holds(self, path: str) -> bool:
        """Whether a dotted path is at or under an old one, and not under one that stays."""
        ends = [at for at, letter in enumerate(path) if letter == "."] + [len(path)]
        heads = {path[:end] for end in ends}
        return heads.isdisjoint(self.apart) and not heads.isdisjoint(self.paths)


def refuse_lost(git: Git, plan: Plan, branch: Branch) -> None:
    """Raises Refused where the plan is no longer right for the branch; or, for a new branch, for what HEAD has become.

    A new branch begins at the plan's base, where the plan is right; but HEAD is what it is to be merged with. There
    the plan's own files count as well: two changes of a file that git can merge need not go together.
    """
    tip, where = branch.tip, branch.name
    if tip is None:
        tip, where = tip_of(git, "HEAD"), "HEAD"
        if tip is None or git.ask("merge-base", "--is-ancestor", plan.base, tip) is None:
            return
    if tip == plan.base:
        return
    if branch.tip is None:
        refuse_stale(read_tree(git, tip), [change for batch in plan.batches for change in batch.files], where)
    changes = list(_changes(git, plan.base, tip))
    homes = {home.path: home for home in plan.ground.homes}
    lost = [what for item in changes if item.path in homes for what in _lost(homes[item.path], item, plan.ground)]
    own = {change.path for batch in plan.batches for change in batch.files}
    old = _Old.of(plan.ground)
    late = [place for item in changes if item.path not in own for place in _late(item, old)]
    told = [*lost[:3], *([f"an old path has come into use since: {listed(late, 3)}"] if late else [])]
    if told:
        raise Stale(f"stale: {'; '.join(told)}", where=where, mend=f"plan again on {where}")


def _changes(git: Git, base: str, tip: str) -> Iterator[_Change]:
    """The Python files that differ between two commits."""
    raw = git.run("diff-tree", "-r", "-z", "--no-renames", "--full-index", base, tip).split(b"\0")
    rows = []
    for head, name in zip(raw[0::2], raw[1::2], strict=False):
        modes_and_blobs = head.decode("ascii").lstrip(":").split(" ")
        path = name.decode("utf-8", "surrogateescape")
        if path.endswith((".py", ".pyi")):
            blobs = modes_and_blobs[2:4]
            regular = [mode.startswith("100") for mode in modes_and_blobs[:2]]
            rows.append((path, [blob if ok else "" for blob, ok in zip(blobs, regular, strict=True)]))
    ids = sorted({blob for _, blobs in rows for blob in blobs if blob and blob not in _NO_BLOB})
    data = dict(zip(ids, read_blobs(git, ids), strict=True)) if ids else {}
    for path, (before, after) in rows:
        yield _Change(path, data.get(before), data.get(after))


def _lost(home: Home, change: _Change, ground: Ground) -> Iterator[str]:
    """What of a home is no longer there."""
    if change.after is None:
        yield f"{home.path}, a home of the plan, is gone"
        return
    tree = parse(change.after)
    if tree is None:
        yield f"{home.path}, a home of the plan, does not parse"
        return
    module = module_of(home.path, ground.roots)
    space = read(tree, change.after, module, package_of(module, home.path))
    if space.stars or space.dynamic:
        return
    was = parse(change.before or b"")
    known = read(was, change.before or b"", module, package_of(module, home.path)) if was else space
    gone = {name for name in home.names if known.run_time(name) and not space.run_time(name)}
    if gone:
        yield f"{home.path}, a home of the plan, has no {listed(gone)} any longer"


def _late(change: _Change, old: _Old) -> Iterator[str]:
    """Places where a file has begun to use an old path."""
    if change.after is None or old.words.isdisjoint(_WORD.findall(change.after)):
        return
    known = {path for _, path in _paths(change.path, change.before or b"", old)}
    new = sorted(item for item in _paths(change.path, change.after, old) if item[1] not in known)
    if new:  # one for each file says it all
        yield f"{change.path}:{new[0][0]} ({new[0][1]})"


def _paths(path: str, data: bytes, old: _Old) -> set[tuple[int, str]]:
    """The old paths that a file uses, with their lines: imported, read through imports, or spelled as a string."""
    tree = parse(data)
    if tree is None:
        return set()
    module = module_of(path, old.roots)
    found = reads(tree, package_of(module, path))
    used = {(line, item) for line, item in found.paths if old.holds(item)}
    for line, item in found.stars:
        if old.holds(item) or item in old.parents:
            used.add((line, f"{item}.*"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.replace(":", ".", 1)
            if "." in text and is_dotted_name(text) and old.holds(text):
                used.add((node.lineno, text))
    return used
