"""What becomes of the names of import statements, as values: decided in one place, written out in another."""

from __future__ import annotations

from repoint.model import Frozen


class FromImport(Frozen, frozen=True):
    """`from module import name as asname`; `asname` None for none."""

    module: str
    name: str
    asname: str | None = None

    @property
    def local(self) -> str:
        return self.asname or self.name

    @property
    def text(self) -> str:
        return f"{self.name} as {self.asname}" if self.asname else self.name


class ModuleImport(Frozen, frozen=True):
    """`import path as asname`."""

    path: str
    asname: str | None = None

    @property
    def text(self) -> str:
        return f"{self.path} as {self.asname}" if self.asname else self.path


New = FromImport | ModuleImport


class Outcome(Frozen, frozen=True):
    """The fate of one imported name: it stays as it is (`stays`), and the imports in `news` take or join its place.

    Neither staying nor with news, it goes. `rule` names the rule for the plan.
    """

    stays: bool
    news: tuple[New, ...]
    rule: str


class Replacement(Frozen, frozen=True):
    """Bytes `start:end` (offsets of the text) that become `after`."""

    start: int
    end: int
    after: str
