"""The proof for one changed file: its bytes before and after and its edits in, faults and what is left to check out.

Shown here: the edits lead from one to the other, the file after compiles as the one before did, their trees differ in
imports, names and named strings only, and every name means what it meant, up to pairs of import paths that only the
whole repository can judge.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import defaultdict
from typing import NamedTuple

from repoint.model import EditKind, splice
from repoint.proof.bindings import Comparison
from repoint.proof.model import Examined, NewImport, Pair, Subject
from repoint.proof.parsed import (
    BROKEN,
    Ground,
    Lines,
    Source,
    encoding_of,
    has_type_comments,
    parse,
    spelling,
    touched,
    tree_of,
)
from repoint.proof.shape import Shape
from repoint.proof.thin import outline, thin
from repoint.proof.trace import Imported, Trace, fault

_NONLOCAL = re.compile(rb"\bnonlocal[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)")
_NAME = re.compile(r"(?<![.\w])[^\W\d]\w*")


def examine(subject: Subject) -> Examined:
    """The verdict on one file; never raises for what a file may hold."""
    try:
        return _examine(subject)
    except RecursionError:
        return _refused(subject, 1, "shape check: nested too deep to be compared")


def _examine(subject: Subject) -> Examined:
    try:
        before = Source(subject.before, encoding_of(subject.before))
        thinning = _thinning(subject, before)
    except BROKEN as error:
        message = f"syntax check: does not compile before, so nothing can be shown: {error}"
        return _refused(subject, (error.lineno or 1) if isinstance(error, SyntaxError) else 1, message)
    try:
        encoding = encoding_of(subject.after)
    except BROKEN as error:
        return _refused(subject, 1, f"syntax check: would not compile after the migration: {error}")
    if before.encoding != encoding:
        return _refused(subject, 1, f"encoding check: {before.encoding} became {encoding}")
    try:
        spliced = splice(subject.before, subject.edits, encoding)
    except (ValueError, LookupError) as error:
        return _refused(subject, 1, f"edit check: {error}")
    if spliced != subject.after:
        return _refused(subject, 1, "edit check: the edits do not lead to the file after")
    try:
        trace = _traced(subject, before, thinning)
    except BROKEN as error:
        return _refused(subject, 1, f"syntax check: would not compile after the migration: {error}")
    if trace.faults:
        return Examined(subject.path, tuple(dict.fromkeys(trace.faults)))
    comparison = Comparison(subject.path, subject.module, trace)
    comparison.run()
    pairs = {*comparison.pairs, *(Pair(line, old, old, new) for line, old, new in trace.strings)}
    return Examined(
        subject.path,
        tuple(sorted(comparison.faults)),
        tuple(sorted(pairs)),
        _new_imports(*trace.imported),
        comparison.lost,
    )


def _refused(subject: Subject, line: int, message: str) -> Examined:
    return Examined(subject.path, (fault(subject.path, line, message),))


class _Thinning(NamedTuple):
    """How a file is thinned: its outline, its imports, and whether it has type comments that stand where they may."""

    outline: bytes
    imports: ast.Module
    comments: bool


def _thinning(subject: Subject, before: Source) -> _Thinning:
    """Raises one of `BROKEN` for a file that does not compile."""
    comments, tree = False, None
    if has_type_comments(before.data):
        comments, tree = _commented(before.data)
    outlined = subject.outline
    if outlined is None:
        outlined = outline(before, tree or tree_of(before.data, type_comments=False))
    imports = thin(before, outlined, touched(before, subject.edits))
    return _Thinning(outlined, tree_of(imports, comments), comments)


def _commented(data: bytes) -> tuple[bool, ast.Module | None]:
    """Whether every type comment of a whole file stands where one may, and the tree with them."""
    try:
        return True, tree_of(data, type_comments=True)
    except BROKEN:
        return False, None


def _traced(subject: Subject, before: Source, thinning: _Thinning) -> Trace:
    """The walk over what may matter, again with more names where changed ones start with names not looked for.

    Raises one of `BROKEN` where what matters does not compile after the migration.
    """
    words = frozenset(
        unicodedata.normalize("NFKC", word)
        for edit in subject.edits
        if edit.kind is EditKind.USE
        for text in (edit.before, edit.after)
        for word in _NAME.findall(text)
    )
    comments = thinning.comments
    declared = frozenset(  # whose bindings an outer function must keep for the file to compile
        word.decode() for match in _NONLOCAL.finditer(before.data) for word in match[1].replace(b",", b" ").split()
    )
    words |= _imported_names(thinning.imports, touched(before, subject.edits))
    while True:
        wanted = spelling(before, subject.edits, words | declared)
        thinned = thin(before, thinning.outline, wanted)
        ground = Ground(
            parse(thinned, comments),
            parse(splice(thinned, subject.edits, before.encoding), comments),
            subject.edits,
            wanted,
            before,
            comments,
        )
        bound = words | _imported_names(ground.after.tree, ground.touched_after)
        if bound == words:
            trace = Shape(ground, Trace(subject.path, words), subject.package).walk()
            if trace.roots <= words:
                return trace
            bound = words | trace.roots
        words = bound


def _imported_names(tree: ast.Module, touched: Lines) -> set[str]:
    """What import statements on touched lines bind, at any depth."""
    names: set[str] = set()
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            continue
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            below = getattr(node, field, ())
            queue += [item for item in below if _spans(item, touched)] if isinstance(below, list) else []
    return names - {"*"}


def _spans(node: ast.AST, touched: Lines) -> bool:
    if isinstance(node, ast.match_case):
        return touched.any_in(node.pattern.lineno, node.body[-1].end_lineno or 0)
    return touched.any_in(node.lineno, node.end_lineno or 0)  # type: ignore[attr-defined]


def _new_imports(before: list[Imported], after: list[Imported]) -> tuple[NewImport, ...]:
    known = {(one.module, one.name, one.import_time) for one in before}
    groups: dict[tuple[str, int, bool, bool], list[str]] = defaultdict(list)
    for one in after:
        if (one.module, one.name, one.import_time) not in known:
            groups[one.module, one.line, one.import_time, bool(one.name)].append(one.name)
    return tuple(
        sorted(
            NewImport(line, module, tuple(names) if named else (), import_time)
            for (module, line, import_time, named), names in groups.items()
        )
    )
