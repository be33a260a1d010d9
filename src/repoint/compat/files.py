"""One file against the new definitions: its bytes, facts and pairs in, the uses that cannot go on out.

A pure function of its arguments, so that it can run in any worker process.
"""

from __future__ import annotations

from repoint.analysis.parse import Unparsable, deep_recursion, parse
from repoint.analysis.text import Text
from repoint.compat.anchors import anchors_of, told_members
from repoint.compat.check import Check
from repoint.compat.instances import check_instances
from repoint.compat.subclasses import check_subclasses
from repoint.compat.syntax import Syntax
from repoint.compat.values import Checked, Job


def check(job: Job, data: bytes) -> Checked:
    """The uses in one file, with these bytes, that the new definitions cannot serve; none where it does not parse."""
    facts, pairs = job.facts, job.pairs
    text = Text(data)
    anchors = anchors_of(facts, text.utf8, frozenset(pairs), own=job.lines is not None)
    told = told_members(facts, pairs)
    if job.lines is not None:
        anchors = [anchor for anchor in anchors if text.line(anchor.start) in job.lines]
        told = [item for item in told if text.line(item.start) in job.lines]
    if not anchors and not told:
        return Checked(facts.path, {}, ())
    try:
        with deep_recursion():
            _, tree, _ = parse(data)
            syntax = Syntax(text, tree)
            starts = [anchor.start for anchor in anchors] + [item.start for item in told]
            syntax.walk(tree, text.lines_of(starts))
            check = Check(facts, syntax, pairs)
            uses = check.trusted(anchors)
            check.assigned(uses)
            for anchor, node in uses:
                check.use(node, pairs[anchor.old])
            for item in told:
                check.told(item)
            check_subclasses(check, uses)
            check_instances(check, uses)
    except (Unparsable, RecursionError):
        return Checked(facts.path, {}, ())
    return Checked(facts.path, dict(check.examined), tuple(sorted(set(check.found))))
