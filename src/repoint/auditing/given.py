"""Names that files of two commits give by `as` to what may be governed: the commits in, the names out.

They are more than truly lead to something governed, which the namespaces tell of each use.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from repoint.analysis.namespace import Bound
from repoint.analysis.tree import ModuleTree
from repoint.auditing.subject import Subject
from repoint.errors import UsageError
from repoint.names import is_at_or_under
from repoint.sources.snapshot import Snapshot

_FILES = ("*.py", "*.pyi")


def given_names(snapshot: Snapshot, other: Snapshot, changed: Collection[str], asked: frozenset[str]) -> frozenset[str]:
    """Every `B` of an `A as B` where `A` is `asked` for, every `C` of a `B as C`, and so on.

    `other` differs from `snapshot` in the files `changed`.
    """
    names: frozenset[str] = frozenset()
    while asked:
        found = (_anywhere(snapshot, asked) | _among(other, changed, asked)) - names
        names |= found
        asked = found
    return names


def may_be_governed(subject: Subject, tree: ModuleTree) -> frozenset[str]:
    """Names of governed symbols, those that they had, and what modules define that move as a whole.

    What such a module only imports itself (`Optional`, `os`) has names that stand everywhere, and is left out.
    """
    moves = subject.moves
    named = {symbol.name for symbol in (*subject.symbols, *moves.symbols)}
    whole = (*moves.modules, *moves.modules.values())
    modules = [item for item in tree.namespaces.modules if any(is_at_or_under(item, top) for top in whole)]
    spaces = (tree.namespaces.get(module) for module in modules)
    bindings = [item for space in spaces if space is not None for item in space.bindings]
    return subject.names.union(named, (item.name for item in bindings if item.how in (Bound.CLASS, Bound.FUNCTION)))


def _anywhere(snapshot: Snapshot, names: frozenset[str]) -> frozenset[str]:
    """What `names` are called in any Python file of the commit."""
    trees = () if snapshot.folder is not None else (snapshot.commit,)
    asked = ("grep", "-h", "-a", "--no-color")
    try:
        output = snapshot.git.run(*asked, "-P", "-e", _pattern(names), *trees, "--", *_FILES, ok=(0, 1))
    except UsageError:  # git was built without that kind of pattern
        words = [part for name in sorted(names) for part in ("-e", name)]
        output = snapshot.git.run(*asked, "-w", "-F", *words, *trees, "--", *_FILES, ok=(0, 1))
    return _given(output, names) | _among(snapshot, snapshot.stale, names)


def _among(snapshot: Snapshot, paths: Collection[str], names: frozenset[str]) -> frozenset[str]:
    """The same in some of the files, by git's objects."""
    read = [path for path in sorted(paths) if path.endswith((".py", ".pyi")) and snapshot.is_regular(path)]
    return _given(b"\n".join(snapshot.read(read).values()), names)


def _given(text: bytes, names: frozenset[str]) -> frozenset[str]:
    found = re.findall(_pattern(names).encode(), text)
    return frozenset(name.decode("utf-8", "replace") for name in found)


def _pattern(names: frozenset[str]) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\s+as\s+(\w+)"
