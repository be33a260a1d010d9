"""One file through all codemods, one after the other: its bytes in, edits and what there is to say out.

What a codemod makes of the file is taken only where it can stand: it is Python, nothing in it reads a name that is not
there, no line is touched that says `repoint: keep`, and the codemods would change it no further.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from repoint.analysis.parse import Unparsable, check, parse
from repoint.analysis.string_walk import KEEP
from repoint.codemods import remarks
from repoint.codemods.configured import Configured
from repoint.codemods.differences import differences
from repoint.codemods.names import defined, first_read, unbound
from repoint.codemods.remarks import Remark
from repoint.codemods.values import Fate, Outcome, Subject
from repoint.composing import compose, origin, overlaps
from repoint.model import Edit, splice

Asking = Callable[[int, Subject], Outcome]
_WELL = frozenset({Fate.DONE, Fate.SKIPPED})


class Item(NamedTuple):
    """A file in question: its path, its module, its bytes after the steps before, and the codemods that look at it."""

    path: str
    module: str
    data: bytes
    steps: tuple[Configured, ...]


class Done(NamedTuple):
    """What came of a file: edits of its bytes, things to say with lines of them, and the codemods that were asked.

    `lost` are names that it defined at its top level and defines no longer, with the codemod to blame; `changed`
    holds the positions of codemods that changed it, `failed` of those that left it alone against their will, `untried`
    of those that were given up before.
    """

    encoding: str = "utf-8"
    edits: tuple[Edit, ...] = ()
    remarks: tuple[Remark, ...] = ()
    asked: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()
    untried: frozenset[int] = frozenset()
    lost: tuple[tuple[str, int], ...] = ()


def run(item: Item, ask: Asking) -> Done:
    """All of it. What `ask` raises, goes through."""
    if not any(step.wants(item.data.decode("utf-8", "replace")) for step in item.steps):
        return Done()
    try:
        text, _, _ = parse(item.data)
    except Unparsable as error:
        return Done(remarks=(remarks.broken(error),), failed=frozenset(step.position for step in item.steps))
    chain = _Chain(item, text.encoding, text.bom, text.utf8.decode("utf-8"), ask)
    for step in item.steps:
        chain.take(step)
    chain.settle()
    return chain.done()


class _Refused(Exception):
    """What a codemod made of a file cannot be taken; carries what is said of it."""

    def __init__(self, what: Remark) -> None:
        super().__init__(what)
        self.what = what


class _Chain:
    """The text of a file as it goes from one codemod to the next, and the edits so far."""

    def __init__(self, item: Item, encoding: str, bom: int, text: str, ask: Asking) -> None:
        self.item = item
        self.encoding = encoding
        self.bom = bom
        self.text = text
        self.ask = ask
        self.edits: tuple[Edit, ...] = ()
        self.remarks: list[Remark] = []
        self.asked: set[int] = set()
        self.changed: set[int] = set()
        self.failed: set[int] = set()
        self.untried: set[int] = set()
        self.lost: list[tuple[str, int]] = []

    def take(self, step: Configured) -> None:
        """One codemod: its edits are added if they can stand."""
        if not step.wants(self.text):
            return
        outcome = self._outcome(step, self.text)
        if outcome.fate is Fate.UNTRIED:
            self.untried.add(step.position)
            return
        self.asked.add(step.position)
        self.remarks += [self._placed(item) for item in remarks.of_outcome(step, outcome)]
        if outcome.fate not in _WELL:
            self.failed.add(step.position)
            return
        if outcome.fate is Fate.SKIPPED or outcome.text == self.text:
            return
        try:
            made = self._judged(step, outcome.text)
        except _Refused as refused:
            self.remarks.append(refused.what)
            self.failed.add(step.position)
            return
        self.remarks += self._overlaps(step, made)
        lost = defined(self.text) - defined(outcome.text)
        self.lost += [(name, step.position) for name in sorted(lost)]
        self.edits = compose(self.item.data, self.edits, made, self.encoding)
        self.text = outcome.text
        self.changed.add(step.position)

    def settle(self) -> None:
        """Ask again those that promise to leave their results alone; where one does not, nothing of it all stands."""
        for step in self.item.steps if self.edits else ():
            if not (step.idempotent and step.wants(self.text)) or step.position in self.failed:
                continue
            outcome = self._outcome(step, self.text)
            again = self._again(step, outcome) if outcome.fate in _WELL else 1
            if again is None:
                continue
            if outcome.fate is Fate.UNTRIED:
                self.untried.add(step.position)
            else:
                self.remarks.append(self._placed(remarks.unsettled(step, outcome, again)))
            self.failed |= self.changed | {step.position}
            self.changed, self.edits, self.lost = set(), (), []
            return

    def _again(self, step: Configured, outcome: Outcome) -> int | None:
        """The line that a codemod would change in what there is now; None where it is done."""
        if outcome.fate is Fate.SKIPPED or outcome.text == self.text:
            return None
        made = differences(self.text, outcome.text, "utf-8", 0, step.rule)
        if self._kept_line(made) is not None:
            return None
        return self.text.encode().count(b"\n", 0, made[0].start) + 1

    def _outcome(self, step: Configured, text: str) -> Outcome:
        package = self.item.module if self.item.path.endswith(("/__init__.py", "/__init__.pyi")) else ""
        package = package or self.item.module.rpartition(".")[0]
        return self.ask(step.position, Subject(text, self.item.path, self.item.module, package))

    def _judged(self, step: Configured, after: str) -> tuple[Edit, ...]:
        """The edits from the text to `after`, whose offsets are into what the file is now. Raises _Refused."""
        try:
            made = differences(self.text, after, self.encoding, self.bom, step.rule)
            check(splice(self._now(), made, self.encoding), self._now())
        except UnicodeEncodeError as error:
            reason = f"its text cannot hold {error.object[error.start : error.end]!r} in {self.encoding}"
            raise _Refused(remarks.not_proved(step, 1, reason)) from None
        except Unparsable as error:
            reason = f"the result is no Python: {error.reason} (line {error.line} of it)"
            raise _Refused(remarks.not_proved(step, self._line_of(made[0].start), reason)) from None
        if (kept := self._kept_line(differences(self.text, after, "utf-8", 0, step.rule))) is not None:
            raise _Refused(self._placed(remarks.kept(step, kept)))
        for name in sorted(unbound(after) - unbound(self.text)):
            line = first_read(after, name)
            start = len("".join(_lines(after)[: line - 1]).encode(self.encoding)) + self.bom
            reason = f"`{name}` is read in the result (line {line} of it), and nothing binds it"
            raise _Refused(remarks.not_proved(step, self._line_of(origin(made, start, self.encoding)), reason))
        return made

    def _now(self) -> bytes:
        return splice(self.item.data, self.edits, self.encoding)

    def _kept_line(self, made: tuple[Edit, ...]) -> int | None:
        """The line of the text that is not to be touched, and would be by edits of it as UTF-8."""
        lines = self.text.encode()
        for edit in made:
            above = lines[edit.start - 1 : edit.start] in (b"", b"\n")
            if edit.start == edit.end and above and edit.after.endswith("\n"):
                continue  # whole lines are put above one
            start = lines.rfind(b"\n", 0, edit.start) + 1
            end = lines.find(b"\n", max(edit.end - (edit.end > edit.start), edit.start))
            if found := KEEP.search(lines, start, len(lines) if end < 0 else end):
                return lines.count(b"\n", 0, found.start()) + 1
        return None

    def _overlaps(self, step: Configured, made: tuple[Edit, ...]) -> list[Remark]:
        """Where a codemod rewrites what ones before it have written; one thing to say for each place of theirs."""
        first = dict(reversed(overlaps(self.edits, made, self.encoding)))
        return [
            remarks.overlap(step, self._line_of(made[at].start), self.edits[near].rule.split("+"))
            for near, at in sorted(first.items())
        ]

    def _placed(self, item: Remark) -> Remark:
        """The same with its line in the file as it was before all codemods."""
        start = sum(len(part.encode(self.encoding)) for part in _lines(self.text)[: item.line - 1]) + self.bom
        return item._replace(line=self._line_of(start))

    def _line_of(self, offset: int) -> int:
        """The line, before all codemods, of an offset into the file as it is now."""
        return self.item.data.count(b"\n", 0, origin(self.edits, offset, self.encoding)) + 1

    def done(self) -> Done:
        return Done(
            self.encoding,
            self.edits,
            tuple(self.remarks),
            frozenset(self.asked),
            frozenset(self.changed),
            frozenset(self.failed),
            frozenset(self.untried),
            tuple(self.lost),
        )


def _lines(text: str) -> list[str]:
    return re.split(r"(?<=\n)", text)
