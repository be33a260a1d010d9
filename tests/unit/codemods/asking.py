"""Codemods that are plain functions of texts, for tests of what comes after them."""

from __future__ import annotations

from collections.abc import Callable

from repoint.codemods.chain import Done, Item, run
from repoint.codemods.configured import Configured, configure
from repoint.codemods.values import Fate, Outcome, Subject
from repoint.manifest.schema import Codemod, CodemodKind

Transform = Callable[[str], str | Outcome]


def step(name: str, **settings: object) -> Codemod:
    return Codemod(kind=CodemodKind.LIBCST, ref="m:f", id=name, **settings)  # type: ignore[arg-type]


def steps(*tables: Codemod) -> tuple[Configured, ...]:
    return configure(tables)


class Asked:
    """Answers what a process would, and keeps the questions: the codemod's position and the file."""

    def __init__(self, *transforms: Transform) -> None:
        self.transforms = transforms
        self.questions: list[tuple[int, Subject]] = []

    def __call__(self, position: int, subject: Subject) -> Outcome:
        self.questions.append((position, subject))
        made = self.transforms[position](subject.text)
        return made if isinstance(made, Outcome) else Outcome(Fate.DONE, made)


def chained(
    data: bytes,
    *transforms: Transform,
    tables: tuple[Codemod, ...] | None = None,
    path: str = "pkg/m.py",
    module: str = "pkg.m",
) -> tuple[Done, Asked]:
    """What comes of a file, and what was asked; the codemods are called `a`, `b` and so on."""
    asked = Asked(*transforms)
    named = tables or tuple(step(chr(ord("a") + at)) for at in range(len(transforms)))
    return run(Item(path, module, data, steps(*named)), asked), asked
