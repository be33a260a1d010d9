"""Check: once the stubs stand, moving their users changes no object: the old path leads to the new one's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from repoint.model import Finding, Severity
from repoint.names import parent
from repoint.proof.model import Examined, Pair
from repoint.proof.pairs import fault, there
from repoint.proof.resolve import OF_EVERY_MODULE, Tree


def looked_at(files: Iterable[Examined]) -> list[tuple[str, Pair]]:
    """The pairs of paths that `files` use, each once for a file: what others read there is theirs to show."""
    found = {(file.path, pair.before, pair.after): pair for file in files for pair in file.pairs if not pair.outside}
    return [(path, pair) for (path, _, _), pair in found.items()]


def not_neutral(
    pairs: Iterable[tuple[str, Pair]], stubbed: Tree, after: Tree, stubs: frozenset[str]
) -> Iterator[Finding]:
    """Where the old path leads to one object in the tree `stubbed`, and the new one to another in the end.

    In `stubbed` the `stubs` stand and no user has moved. An error below a stub, whose users were to be safe; a warning
    where the old module is no stub. A stub itself is another module than its home, of the same names.
    """
    for path, pair in pairs:
        old, new = there(stubbed.origins(pair.before)), there(after.origins(pair.after))
        module = _module(pair.before, stubbed)
        if not old or old == new or pair.before in stubs or pair.before.removeprefix(f"{module}.") in OF_EVERY_MODULE:
            continue
        what = f"{pair.before} is not {pair.after} yet where only the stubs stand"
        if module in stubs:
            yield fault(path, pair.line, what)
        else:
            mend = "make its old module a [[stub]], or let a gate look at this batch"
            found = fault(path, pair.line, f"{what}, so that this commit changes what runs", mend)
            yield replace(found, code="not-neutral", severity=Severity.WARNING)


def _module(path: str, tree: Tree) -> str:
    """The module that the names of `path` are read from."""
    while path and path not in tree.modules:
        path = parent(path)
    return path
