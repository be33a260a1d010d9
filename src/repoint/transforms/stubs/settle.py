"""The names of an old module, each settled: its surface and the moves in; homes, and findings on the homeless, out."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Literal

from repoint.analysis.namespaces import Namespaces
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub, StubMode
from repoint.model import Frozen, Orphan, Place, Severity
from repoint.names import Symbol
from repoint.transforms.stubs.chain import stays
from repoint.transforms.stubs.report import Report
from repoint.transforms.stubs.surface import Surface
from repoint.transforms.stubs.text import Kept
from repoint.transforms.stubs.usage import Use, UseKind

_READS = (UseKind.IMPORT, UseKind.ATTRIBUTE)


class StubWorld(Frozen, frozen=True):
    """What stubs are made from: declared moves, those with the homes found by chain, and all namespaces.

    `excepted` are the files that may keep old paths, `keeping` those of stubs that keep something.
    """

    declared: MoveTable
    moves: MoveTable
    namespaces: Namespaces
    excepted: frozenset[str]
    stubs: dict[str, Stub]
    keeping: frozenset[str] = frozenset()


def settle(surface: Surface, world: StubWorld, kept: Kept | None, report: Report) -> dict[str, Symbol]:
    """The home of each name that the stub passes on; what has none, and what should have one, is reported."""
    settling = _Settling(surface, world, report)
    for name in sorted(surface.names):
        if name in surface.stub.keep or (kept is not None and name in kept.names):
            settling.kept(name)
        elif name in surface.stub.drop:
            settling.dropped(name)
        else:
            settling.find(name)
    settling.served_names()
    settling.absent_names()
    return settling.homes


class _Settling:
    def __init__(self, surface: Surface, world: StubWorld, report: Report) -> None:
        self.surface = surface
        self.stub = surface.stub
        self.world = world
        self.report = report
        self.homes: dict[str, Symbol] = {}

    def find(self, name: str) -> None:
        """Find the home of one name, or say that it has none."""
        reads, patches = self._reads(name), self._patches(name)
        symbol = Symbol(self.stub.module, name)
        declared = self._existing(self.world.declared.symbol(*symbol))
        home = declared or self._existing(self.world.moves.symbol(*symbol))
        if home is not None and stays(home, self.world.stubs):
            self.homes[name] = home
        elif reads:
            self._orphan(name, reads)
        elif not patches:
            self._lost(name)
        if declared is None:
            self._orphan(name, patches, patched=True)
            if not reads and patches:
                self.homes.pop(name, None)

    def kept(self, name: str) -> None:
        """What nothing but patches names is kept for the sake of other definitions: those are all that it reaches.

        Where `keep` does not say so, that is not known to be meant.
        """
        meant = name in self.stub.keep
        for use in [] if self._reads(name) else self._patches(name):
            self.report.at_use(
                use,
                "kept-name-patched" if meant else "orphan",
                Severity.WARNING if meant else Severity.ERROR,
                f"`{name}` of {self.stub.module} is only patched here; in the stub that reaches what is kept, "
                "and nothing that moved",
                "see that this test is of what is kept" if meant else "give it a [[move]], or list it in `keep` too",
            )

    def dropped(self, name: str) -> None:
        for use in self._reads(name):
            self.report.at_use(
                use,
                "dropped-name-used",
                Severity.ERROR,
                f"`{name}` of {self.stub.module} is to be dropped, but is used here",
                "stop using it, or take it from `drop`",
            )
        for use in self._patches(name):
            self.report.at_use(
                use,
                "dropped-name-patched",
                Severity.WARNING,
                f"`{name}` of {self.stub.module} is dropped, but patched here",
                "patch what takes its place, or delete this test",
            )

    def served_names(self) -> None:
        """A `__getattr__` that stays behind is lost, though nobody may be seen to use it."""
        settled = self._existing(self.world.declared.symbol(self.stub.module, "__getattr__"))
        if self.surface.serves_more and settled is None and "__getattr__" not in self.stub.drop:
            self._lost("__getattr__")

    def absent_names(self) -> None:
        """Names that the module never bound are no part of its surface: whoever imports or patches them is told."""
        for use in self.surface.uses:
            asked = use.name and use.kind in (*_READS, UseKind.PATCH) and self.surface.surely_lacks(use.name)
            if use.kind is UseKind.PATCH and (hasattr(builtins, use.name) or self.report.creates(use)):
                continue  # which mock makes where they are missing
            if asked and self.world.declared.symbol(self.stub.module, use.name) is None:
                self.report.at_use(
                    use,
                    "absent-name",
                    Severity.WARNING,
                    f"{self.stub.module} has no `{use.name}`, now or before",
                    "correct this patch" if use.kind is UseKind.PATCH else "correct this import",
                )

    def _reads(self, name: str) -> list[Use]:
        named = [use for use in self.surface.uses if use.name == name and use.kind in _READS]
        return named + self.surface.star_reads(name)

    def _patches(self, name: str) -> list[Use]:
        return [use for use in self.surface.uses if use.name == name and use.kind is UseKind.PATCH]

    def _existing(self, home: Symbol | None) -> Symbol | None:
        """A home that the new module is known not to have is none."""
        if home is None or home.module == self.stub.module:
            return None
        return None if self.world.namespaces.binds(*home) is False else home

    def _orphan(self, name: str, uses: Sequence[Use], *, patched: bool = False) -> None:
        if not uses:
            return
        homes = self.surface.candidates(name, patched=patched)
        pastes = [f'[[move]] old = "{self.stub.module}:{name}" new = "{home}"' for home in homes]
        served = self.surface.is_served(name) and not patched
        otherwise = f"{'`drop`' if patched else '`keep`'} {'`__getattr__`' if served else 'it'} in the stub"
        if pastes:
            same = "the code under test reads it there" if patched else "that is the same thing"
            mend = f"add {' or '.join(pastes)} if {same}, or {otherwise}"
        else:
            mend = f"give it a [[move]], or {otherwise}"
        what = "is only patched" if patched else "is used"
        for use in uses:
            message = f"`{name}` of {self.stub.module} {what} here and has no home"
            self.report.at_use(use, "orphan", Severity.ERROR, message, mend)
        places = sorted({Place(use.path, self.report.line_of(use), f"{self.stub.module}.{name}") for use in uses})
        told = tuple(str(home) for home in homes)
        settles = self._settles(name, served=served, patched=patched)
        self.report.orphans.append(Orphan("__getattr__" if served else name, patched, settles, tuple(places), told))

    def _settles(self, name: str, *, served: bool, patched: bool) -> Literal["keep", "drop", ""]:
        """The stub's list that would settle an orphan. What is read cannot be dropped, what a star gives not kept."""
        if patched:
            return "" if self._reads(name) else "drop"
        deleted = self.stub.mode is StubMode.DELETE
        return "" if deleted or not (served or name in self.surface.namespace.names) else "keep"

    def _lost(self, name: str) -> None:
        users = "" if name == "__getattr__" else " and no user"
        self.report.at_line(
            self.surface.line(name),
            "name-lost",
            Severity.WARNING,
            f"`{name}` has no home{users}, and goes with the implementation",
            "list it under `drop` if that is meant, else give it a [[move]] or `keep` it",
        )
