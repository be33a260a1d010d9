"""One file through all codemods, one after the other: its bytes in, edits and what there is to say out.

What a codemod makes of the file is taken only where it can stand: it is Python, nothing in it reads a name that is not
there, no line is touched that says `repoint: keep`, and the codemods would change it no further.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from repoint.analysis.parse import Unparsable, check, readable
from repoint.analysis.string_walk import KEEP
from repoint.analysis.text import Text, Undecodable
from repoint.codemods import remarks
from repoint.codemods.configured import Configured
from repoint.codemods.differences import differences
from repoint.codemods.names import Names, first_read, names_of
from repoint.codemods.remarks import Remark
from repoint.codemods.values import Fate, Outcome, Subject
from repoint.composing import compose, line_at, origin, overlaps, start_of_line
from repoint.model import Edit, splice
from repoint.names import is_package_file, parent

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

    `lost` are names that it had at its top level and has no longer, each with the codemod to blame, `gained` those that
    it has now; `changed` holds the positions of codemods that changed it, `failed` of those that left it alone against
    their will, `untried` of those that were given up before.
    """

    encoding: str = "utf-8"
    edits: tuple[Edit, ...] = ()
    remarks: tuple[Remark, ...] = ()
    asked: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()
    untried: frozenset[int] = frozenset()
    lost: tuple[Lost, ...] = ()
    gained: frozenset[str] = frozenset()


class Lost(NamedTuple):
    """A name that is gone from a module's top level, by the codemod at a position; whether it was only `imported`."""

    name: str
    position: int
    imported: bool


def run(item: Item, ask: Asking) -> Done:
    """All of it. What `ask` raises, goes through."""
    try:
        decoded = Text(item.data).utf8.decode("utf-8")
    except Undecodable:
        decoded = item.data.decode("utf-8", "replace")
    if not any(step.wants(decoded) for step in item.steps):
        return Done()
    try:
        text = readable(item.data)
        check(item.data)
    except Unparsable as error:
        return Done(remarks=(remarks.broken(error),), failed=frozenset(step.position for step in item.steps))
    chain = _Chain(item, _State(item.data, decoded, text.bom), text.encoding, ask)
    for step in item.steps:
        chain.take(step)
    chain.settle()
    return chain.done()


class _Refused(Exception):
    """What a codemod made of a file cannot be taken; carries what is said of it."""

    def __init__(self, what: Remark) -> None:
        super().__init__(what)
        self.what = what


class _State:
    """A file at one moment: its bytes, its text without the byte order mark of so many bytes, and its names."""

    def __init__(self, data: bytes, text: str, bom: int) -> None:
        self.data = data
        self.text = text
        self.bom = bom

    @cached_property
    def names(self) -> Names:
        return names_of(self.text)


class _Chain:
    """A file as it goes from one codemod to the next, and the edits so far."""

    def __init__(self, item: Item, state: _State, encoding: str, ask: Asking) -> None:
        self.item = item
        self.first = self.state = state
        self.encoding = encoding
        self.ask = ask
        self.edits: tuple[Edit, ...] = ()
        self.remarks: list[Remark] = []
        self.asked: set[int] = set()
        self.changed: set[int] = set()
        self.failed: set[int] = set()
        self.untried: set[int] = set()
        self.lost: list[Lost] = []
        self.content: dict[int, str] = {}  # the text that each codemod left as it was, when it was asked last

    def take(self, step: Configured) -> None:
        """One codemod: its edits are added if they can stand."""
        if not step.wants(self.state.text):
            return
        outcome = self._outcome(step)
        if outcome.fate is Fate.UNTRIED:
            self.untried.add(step.position)
            return
        self.asked.add(step.position)
        self.remarks += [self._placed(item) for item in remarks.of_outcome(step, outcome)]
        if outcome.fate not in _WELL:
            self.failed.add(step.position)
        elif self._is_left(outcome):
            self.content[step.position] = self.state.text
        else:
            try:
                self._accept(step, outcome.text)
            except _Refused as refused:
                self.remarks.append(refused.what)
                self.failed.add(step.position)

    def _accept(self, step: Configured, text: str) -> None:
        """Take what a codemod makes of the file. Raises _Refused."""
        made, after = self._judged(step, text)
        self.remarks += self._overlaps(step, made)
        before = self.state.names
        gone = sorted(before.top - after.names.top) if not after.names.open else ()
        self.lost += [Lost(name, step.position, name in before.imported) for name in gone]
        self.edits = compose(self.item.data, self.edits, made, self.encoding)
        self.state = after
        self.changed.add(step.position)

    def settle(self) -> None:
        """Ask again those that promise to leave their results alone; where one does not, nothing of it all stands."""
        for step in self.item.steps if self.changed else ():
            asked = step.idempotent and step.position not in self.failed | self.untried
            if not asked or self.content.get(step.position) == self.state.text or not step.wants(self.state.text):
                continue
            outcome = self._outcome(step)
            again = self._again(step, outcome) if outcome.fate in _WELL else 1
            if again is None:
                continue
            if outcome.fate is Fate.UNTRIED:
                self.untried.add(step.position)
            else:
                self.remarks.append(self._placed(remarks.unsettled(step, outcome, again)))
            self.failed |= self.changed | {step.position}
            self.changed, self.edits, self.state = set(), (), self.first
            return

    def _is_left(self, outcome: Outcome) -> bool:
        return outcome.fate is Fate.SKIPPED or outcome.text == self.state.text

    def _again(self, step: Configured, outcome: Outcome) -> int | None:
        """The line that a codemod would change in what there is now; None where it is done."""
        if self._is_left(outcome):
            return None
        if self._kept_line(step, outcome.text) is not None:
            return None
        made = differences(self.state.text, outcome.text, "utf-8", 0, step.rule)
        return line_at(self.state.text.encode(), made[0].start)

    def _outcome(self, step: Configured) -> Outcome:
        package = self.item.module if is_package_file(self.item.path) else parent(self.item.module)
        return self.ask(step.position, Subject(self.state.text, self.item.path, self.item.module, package))

    def _judged(self, step: Configured, text: str) -> tuple[tuple[Edit, ...], _State]:
        """The edits from the text to `text`, whose offsets are into what the file is now. Raises _Refused."""
        made, data = self._encoded(step, text)
        try:
            check(data, self.state.data)
        except Unparsable as error:
            reason = f"the result is no Python: {error.reason} (line {error.line} of it)"
            place = self._place_in(data, error.line, made)
            raise _Refused(remarks.not_proved(step, place, reason)) from None
        if (kept := self._kept_line(step, text)) is not None:
            raise _Refused(self._placed(remarks.kept(step, kept)))
        after = _State(data, text, self.state.bom)
        before, now = self.state.names, after.names
        promised = frozenset[str]() if is_package_file(self.item.path) else now.promised - before.promised
        for name in sorted((now.unbound - before.unbound) | promised):
            line = first_read(text, name)
            place = self._line_of(origin(made, start_of_line(data, line), self.encoding))
            read = "read" if name in now.unbound else "in `__all__`"
            reason = f"`{name}` is {read} in the result (line {line} of it), and nothing binds it"
            raise _Refused(remarks.not_proved(step, place, reason))
        return made, after

    def _encoded(self, step: Configured, text: str) -> tuple[tuple[Edit, ...], bytes]:
        """The same edits, and the bytes that they lead to, which are read as `text`. Raises _Refused."""
        try:
            made = differences(self.state.text, text, self.encoding, self.state.bom, step.rule)
            data = splice(self.state.data, made, self.encoding)
            alike = Text(data).utf8 == text.encode()
        except UnicodeEncodeError as error:
            reason = f"its text cannot hold {error.object[error.start : error.end]!r} in {self.encoding}"
            raise _Refused(remarks.not_proved(step, 1, reason)) from None
        except (Undecodable, ValueError):  # with a codec that does not write each character for itself, for one
            made, data, alike = (), b"", False
        if not alike:
            reason = f"it is read as another text than was meant: the file is in {self.encoding}"
            raise _Refused(remarks.not_proved(step, 1, reason))
        return made, data

    def _kept_line(self, step: Configured, text: str) -> int | None:
        """The line that is not to be touched, and would be if the file became `text`."""
        lines = self.state.text.encode()
        if KEEP.search(lines) is None:
            return None
        for edit in differences(self.state.text, text, "utf-8", 0, step.rule):
            above = lines[edit.start - 1 : edit.start] in (b"", b"\n")
            if edit.start == edit.end and above and edit.after.endswith("\n"):
                continue  # whole lines are put above one
            start = lines.rfind(b"\n", 0, edit.start) + 1
            end = lines.find(b"\n", max(edit.end - (edit.end > edit.start), edit.start))
            if found := KEEP.search(lines, start, len(lines) if end < 0 else end):
                return line_at(lines, found.start())
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
        return item._replace(line=self._line_of(start_of_line(self.state.data, item.line)))

    def _place_in(self, data: bytes, line: int, made: tuple[Edit, ...]) -> int:
        """The same of a line in what `made` would make of the file, which is `data`."""
        return self._line_of(origin(made, start_of_line(data, line), self.encoding))

    def _line_of(self, offset: int) -> int:
        """The line, before all codemods, of an offset into the file as it is now."""
        return line_at(self.item.data, origin(self.edits, offset, self.encoding))

    def done(self) -> Done:
        top = self.state.names.top if self.changed else frozenset[str]()
        return Done(
            self.encoding,
            self.edits,
            tuple(self.remarks),
            frozenset(self.asked),
            frozenset(self.changed),
            frozenset(self.failed),
            frozenset(self.untried),
            tuple(item for item in self.lost if item.name not in top) if self.changed else (),
            top - self.first.names.top if self.changed else frozenset(),
        )
