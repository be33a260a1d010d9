"""The proof for one changed file: its bytes before and after and its edits in, faults and what is left to check out.

Shown here: the edits lead from one to the other, both compile, their trees differ in imports, names and named strings
only, and every name means what it meant, up to pairs of import paths that only the whole repository can judge.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import defaultdict

from repoint.model import EditKind, Finding, splice
from repoint.proof.bindings import Comparison
from repoint.proof.model import Examined, NewImport, Pair, Subject
from repoint.proof.parsed import BROKEN, Ground, Lines, Version, has_type_comments, parse
from repoint.proof.shape import Shape
from repoint.proof.trace import Imported, Trace, fault

_NAME = re.compile(r"(?<![.\w])[^\W\d]\w*")


def examine(subject: Subject) -> Examined:
    """The verdict on one file; never raises for what a file may hold."""
    try:
        return _examine(subject)
    except RecursionError:
        return _refused(subject, 1, "shape check: nested too deep to be compared")


def _examine(subject: Subject) -> Examined:
    versions = _versions(subject)
    if isinstance(versions, Finding):
        return Examined(subject.path, (versions,))
    before, after = versions
    if before.encoding != after.encoding:
        return _refused(subject, 1, f"encoding check: {before.encoding} became {after.encoding}")
    try:
        spliced = splice(subject.before, subject.edits, before.encoding)
    except (ValueError, LookupError) as error:
        return _refused(subject, 1, f"edit check: {error}")
    if spliced != subject.after:
        return _refused(subject, 1, "edit check: the edits do not lead to the file after")
    ground = Ground(before, after, subject.edits)
    trace = _traced(subject, ground)
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


def _versions(subject: Subject) -> tuple[Version, Version] | Finding:
    """Both versions, with their type comments where they have some and those stand where they may."""
    comments = has_type_comments(subject.before)
    try:
        try:
            before = parse(subject.before, comments)
        except BROKEN:
            comments = False
            before = parse(subject.before, comments)
    except BROKEN as error:
        return fault(
            subject.path, _line(error), f"syntax check: does not compile before, so nothing can be shown: {error}"
        )
    try:
        return before, parse(subject.after, comments)
    except BROKEN as error:
        return fault(subject.path, 1, f"syntax check: would not compile after the migration: {error}")


def _line(error: Exception) -> int:
    return (error.lineno or 1) if isinstance(error, SyntaxError) else 1


def _traced(subject: Subject, ground: Ground) -> Trace:
    """The walk, again with more names where changed ones start with names that were not looked for."""
    words = _words(subject, ground)
    while True:
        trace = Shape(ground, Trace(subject.path, words), subject.package).walk()
        if trace.roots <= words:
            return trace
        words |= trace.roots


def _words(subject: Subject, ground: Ground) -> frozenset[str]:
    """The names that touched imports bind, before or after, and those that edits of uses write or remove."""
    words = _imported_names(ground.before.tree, ground.touched) | _imported_names(
        ground.after.tree, ground.touched_after
    )
    for edit in subject.edits:
        if edit.kind is EditKind.USE:
            words |= {
                unicodedata.normalize("NFKC", word)
                for text in (edit.before, edit.after)
                for word in _NAME.findall(text)
            }
    return frozenset(words)


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
