"""Takes what runs a codemod on one file and may raise anything, gives a `Transform` that raises nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from repoint.codemods.runners.blame import told
from repoint.codemods.values import Fate, Outcome, Subject

Run = Callable[[Subject, list[str]], str]  # gives the new text, and puts the codemod's warnings into the list


class Skipped(Exception):
    """The codemod says that the file is none of its business; the text says why."""


class Unreadable(Exception):
    """The parser that the codemod builds on cannot read the file, from this line on; the text says why."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Runner:
    """A codemod, ready to run in this process; `home` is the module that holds it."""

    run: Run
    home: str

    def __call__(self, subject: Subject) -> Outcome:
        return self.attempt(subject)[0]

    def attempt(self, subject: Subject) -> tuple[Outcome, BaseException | None]:
        """What came of the file, and the error that it came of if it failed."""
        warnings: list[str] = []
        try:
            text = self.run(subject, warnings)
        except BaseException as error:
            fate, reason, line = _fate_of(error, self.home)
            return Outcome(fate, reason=reason, line=line, warnings=_texts(warnings)), error
        return Outcome(Fate.DONE, text=text, warnings=_texts(warnings)), None


def _fate_of(error: BaseException, home: str) -> tuple[Fate, str, int]:
    match error:
        case Skipped():
            return Fate.SKIPPED, str(error) or "it gives no reason", 1
        case Unreadable():
            return Fate.UNREADABLE, error.reason, error.line
        case MemoryError():
            return Fate.OUT_OF_MEMORY, "it ran out of memory", 1
        case KeyboardInterrupt() | SystemExit():
            return Fate.EXITED, told(error, home), 1
        case RecursionError():
            return Fate.FAILED, f"the file nests too deeply for it, or it calls itself for ever: {told(error, home)}", 1
        case _:
            return Fate.FAILED, told(error, home), 1


def _texts(warnings: list[str]) -> tuple[str, ...]:
    return tuple(map(str, warnings))  # a codemod may warn of anything


def first_difference(text: str, other: str) -> int:
    """The first line of `text` that `other` has otherwise."""
    lines, others = text.split("\n"), other.split("\n")
    pairs = enumerate(zip(lines, others, strict=False), 1)
    return next((number for number, (line, back) in pairs if line != back), len(lines))
