"""One stub decided: the old module's namespace, its uses and the moves in, the new file and findings out."""

from __future__ import annotations

from collections.abc import Mapping

from repoint.analysis.namespace import Namespaces
from repoint.analysis.parse import Unparsable
from repoint.analysis.text import Text
from repoint.analysis.words import has_any
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub, StubMode
from repoint.model import Finding, Frozen, Severity, SourceFile
from repoint.names import Symbol, is_at_or_under, is_package_file, last
from repoint.transforms.stubs.chain import moved_imports, stays
from repoint.transforms.stubs.effects import loaded_submodules, names_of
from repoint.transforms.stubs.keep import MAIN, CannotKeep, Needs, carry_over, with_submodules
from repoint.transforms.stubs.lost import lost_effects
from repoint.transforms.stubs.surface import Surface
from repoint.transforms.stubs.text import Kept, is_lazy_stub, render, styled
from repoint.transforms.stubs.usage import Use, UseKind

_READS = (UseKind.IMPORT, UseKind.ATTRIBUTE)


class StubResult(Frozen, frozen=True):
    """The stub's text (None for a deletion or where nothing can be made), and what is to be said.

    `typing` is the text of the `.pyi` beside it, if there is one: the redirects alone.
    """

    module: str
    text: str | None
    findings: tuple[Finding, ...]
    typing: str | None = None


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


def build(
    stub: Stub,
    source: SourceFile,
    uses: list[Use],
    texts: Mapping[str, Text],
    world: StubWorld,
    typing: SourceFile | None = None,
) -> StubResult:
    """Decide every name of the old module, and write its stub; `typing` is the `.pyi` beside it."""
    return _Builder(stub, source, uses, texts, world, typing).build()


class _Builder:
    def __init__(
        self,
        stub: Stub,
        source: SourceFile,
        uses: list[Use],
        texts: Mapping[str, Text],
        world: StubWorld,
        typing: SourceFile | None,
    ) -> None:
        self.stub = stub
        self.source = source
        self.uses = uses
        self.texts = texts
        self.world = world
        self.typing = typing
        self.findings: list[Finding] = []
        self.homes: dict[str, Symbol] = {}

    def build(self) -> StubResult:
        namespace = self.world.namespaces.get(self.stub.module)
        if namespace is None:
            self._say_at_top("stub-unreadable", "does not parse, so that its names cannot be told", "mend its syntax")
            return self._result(None)
        lazy = is_lazy_stub(self.source.data)
        self.surface = Surface(self.stub, namespace, tuple(self.uses), self.world.namespaces, self.world.declared, lazy)
        needs = self._needs()
        kept = needs.kept if needs is not None else None
        for name in sorted(self.surface.names):
            self._settle(name, kept)
        self._served_names()
        self._absent_names()
        self._refuse_homes()
        self._say_effects(needs)
        if self.stub.mode is StubMode.DELETE:
            self._refuse_uses()
            return self._result(None)
        if needs is None:
            return self._result(None)
        eager = self._eager(needs)
        whole = with_submodules(needs.kept, self._submodules_read(needs.kept), self.stub.module)
        text = styled(render(self.stub.mode, self.homes, whole, eager), self.source.data)
        return self._result(text, self._typing_text())

    def _result(self, text: str | None, typing: str | None = None) -> StubResult:
        return StubResult(self.stub.module, text, tuple(sorted(set(self.findings))), typing)

    def _submodules_read(self, kept: Kept) -> list[str]:
        """Submodules that the package loads and that others read as its attributes, unless a redirect loads them."""
        read = {use.name for use in self.uses if use.kind is not UseKind.IMPORT} - {*self.homes, *kept.names}
        own = loaded_submodules(self.source.data, self.stub.module, is_package_file(self.source.path))
        homes = () if self.stub.mode is StubMode.LAZY else {home.module for home in self.homes.values()}
        redirected = {name for name in own for home in homes if is_at_or_under(home, f"{self.stub.module}.{name}")}
        return sorted(read & own - redirected)

    def _eager(self, needs: Needs) -> frozenset[str]:
        """Names that a lazy stub has to import, because what it keeps reads them."""
        if self.stub.mode is not StubMode.LAZY:
            return frozenset()
        for name in sorted(needs.redirected):
            message = f"`{name}` is read by what is kept, so that the stub imports it at once and warns of no use"
            self.findings.append(
                Finding(self.source.path, self.surface.line(name), 1, "lazy-name-loaded", Severity.INFO, message, "")
            )
        return needs.redirected

    def _typing_text(self) -> str | None:
        """The `.pyi` beside the stub: the same redirects for type checkers, and what it says of kept names itself."""
        if self.typing is None:
            return None
        try:
            names = tuple(name for name in self.stub.keep if name in names_of(self.typing.data))
            kept = carry_over(self.typing.data, names, frozenset(self.homes), frozenset()).kept if names else Kept()
        except (CannotKeep, Unparsable) as error:
            message = f"cannot say what the stub keeps: {error.reason}"
            mend = "mend it, or delete it"
            self.findings.append(
                Finding(self.typing.path, error.line, 1, "stub-unreadable", Severity.ERROR, message, mend)
            )
            return None
        return styled(render(StubMode.REDIRECT, self.homes, kept), self.typing.data)

    def _say_effects(self, needs: Needs | None) -> None:
        told = MAIN in self.stub.drop
        carried = needs.lines if needs is not None else frozenset()
        self.findings += lost_effects(self.source.path, self.stub.module, self.source.data, carried, told)

    def _refuse_homes(self) -> None:
        """A module that names move to cannot become a redirect that lacks them."""
        moved = [(str(old), new) for old, new in self.world.declared.symbols.items()]
        moved += [(old, Symbol(new, "")) for old, new in self.world.declared.modules.items()]
        for old, new in moved:
            if new.module == self.stub.module and not stays(new, self.world.stubs):
                message = f"{old} moves to {self.stub.module}, which is to become a stub"
                keep = f"`keep` `{new.name}` in the stub, or correct the [[move]]"
                mend = keep if new.name else "take the [[move]] or the [[stub]] out"
                at = self.surface.line(new.name)
                self.findings.append(Finding(self.source.path, at, 1, "stub-of-a-home", Severity.ERROR, message, mend))

    def _settle(self, name: str, kept: Kept | None) -> None:
        """Find the home of one name, or say that it has none."""
        uses = [use for use in self.uses if use.name == name]
        reads = [use for use in uses if use.kind in _READS] + self._star_reads(name)
        patches = [use for use in uses if use.kind is UseKind.PATCH]
        symbol = Symbol(self.stub.module, name)
        if name in self.stub.keep or (kept is not None and name in kept.names):
            return
        if name in self.stub.drop:
            self._dropped(name, reads, patches)
            return
        declared = self._existing(self.world.declared.symbol(*symbol))
        home = declared or self._existing(self.world.moves.symbol(*symbol))
        if home is not None and not stays(home, self.world.stubs):
            home = None
        if home is not None:
            self.homes[name] = home
        elif reads:
            self._orphan(name, reads)
        elif not patches:
            self._lost(name)
        if declared is None:
            self._orphan(name, patches, patched=True)
            if not reads and patches:
                self.homes.pop(name, None)

    def _star_reads(self, name: str) -> list[Use]:
        """Star imports of the module in files whose text has the name."""
        if not self.world.namespaces.exports(self.stub.module, name):
            return []
        stars = [use for use in self.uses if use.kind is UseKind.STAR]
        return [use for use in stars if has_any(self.texts[use.path].utf8, [name.encode()])]

    def _existing(self, home: Symbol | None) -> Symbol | None:
        """A home that the new module is known not to have is none."""
        if home is None or home.module == self.stub.module:
            return None
        return None if self.world.namespaces.binds(*home) is False else home

    def _dropped(self, name: str, reads: list[Use], patches: list[Use]) -> None:
        for use in reads:
            self._say(
                use,
                "dropped-name-used",
                Severity.ERROR,
                f"`{name}` of {self.stub.module} is to be dropped, but is used here",
                "stop using it, or take it from `drop`",
            )
        for use in patches:
            self._say(
                use,
                "dropped-name-patched",
                Severity.WARNING,
                f"`{name}` of {self.stub.module} is dropped, but patched here",
                "patch what takes its place, or delete this test",
            )

    def _orphan(self, name: str, uses: list[Use], *, patched: bool = False) -> None:
        homes = self.surface.candidates(name)
        paste = "; ".join(f'[[move]] old = "{self.stub.module}:{name}" new = "{home}"' for home in homes)
        mend = (
            (f"add {paste}, or" if paste else "give it a [[move]],")
            + (" `drop`" if patched else " `keep`")
            + (" it" if patched or not self.surface.is_served(name) else " `__getattr__`")
            + " in the stub"
        )
        what = "is only patched" if patched else "is used"
        for use in uses:
            self._say(
                use,
                "orphan",
                Severity.ERROR,
                f"`{name}` of {self.stub.module} {what} here and has no home",
                mend,
            )

    def _served_names(self) -> None:
        """A `__getattr__` that stays behind is lost, though nobody may be seen to use it."""
        settled = self._existing(self.world.declared.symbol(self.stub.module, "__getattr__"))
        if self.surface.serves_more and settled is None and "__getattr__" not in self.stub.drop:
            self._lost("__getattr__")

    def _lost(self, name: str) -> None:
        users = "" if name == "__getattr__" else " and no user"
        self.findings.append(
            Finding(
                self.source.path,
                self.surface.line(name),
                1,
                "name-lost",
                Severity.WARNING,
                f"`{name}` has no home{users}, and goes with the implementation",
                "list it under `drop` if that is meant, else give it a [[move]] or `keep` it",
            )
        )

    def _absent_names(self) -> None:
        """Names that the module never bound are no part of its surface: whoever imports them is told."""
        for use in self.uses:
            asked = use.name and use.kind in _READS and self.surface.surely_lacks(use.name)
            if asked and self.world.declared.symbol(self.stub.module, use.name) is None:
                self._say(
                    use,
                    "absent-name",
                    Severity.WARNING,
                    f"{self.stub.module} has no `{use.name}`, now or before",
                    "correct this import",
                )

    def _refuse_uses(self) -> None:
        """A module may be deleted only when nothing will use it."""
        for use in self.uses:
            moved = use.name and self.world.moves.symbol(self.stub.module, use.name) is not None
            whole = self.world.moves.module(self.stub.module) is not None and use.kind is not UseKind.STAR
            attribute = use.kind is UseKind.MODULE and any(
                other.path == use.path and other.kind in (UseKind.ATTRIBUTE, UseKind.PATCH) for other in self.uses
            )
            if use.path in self.world.keeping and use.kind is not UseKind.IMPORT:
                moved = whole = attribute = False  # what a stub keeps is carried over as it is
            if use.kept or use.path in self.world.excepted or not (moved or whole or attribute):
                what = f"`{use.name}` of {self.stub.module}" if use.name else self.stub.module
                self._say(
                    use,
                    "deleted-module-used",
                    Severity.ERROR,
                    f"{what} is still used here, so the module cannot be deleted",
                    'rewrite this use, or choose mode = "redirect"',
                )

    def _needs(self) -> Needs | None:
        """What is carried over; None where it cannot be. What it reads of declared homes is redirected."""
        if not self.stub.keep:
            return Needs(Kept())
        names = self.surface.namespace.names
        declared = {name for name in names if self.world.declared.symbol(self.stub.module, name) is not None}
        owed = {name for name in self.surface.names if self.world.moves.symbol(self.stub.module, name) is not None}
        homes = frozenset(declared | (owed - set(self.stub.keep) - set(self.stub.drop)))
        used = frozenset(use.name for use in self.uses)
        try:
            own = sorted({"__getattr__", "__dir__"}.intersection(self.stub.keep))
            if own and self.stub.mode is StubMode.LAZY:
                raise CannotKeep(own[0], self.surface.line(own[0]), "is what a lazy stub has of its own")
            needs = carry_over(
                self.source.data, self.stub.keep, homes, used, moved_imports(self.surface.namespace, self.world.moves)
            )
        except CannotKeep as error:
            self.findings.append(
                Finding(
                    self.source.path,
                    error.line,
                    1,
                    "cannot-keep",
                    Severity.ERROR,
                    f"`{error.name}` cannot be kept: it {error.reason}",
                    "move it, or take it from `keep`",
                )
            )
            return None
        for name in sorted(needs.redirected):
            home = self.world.moves.symbol(self.stub.module, name)
            if home is not None:
                self.homes[name] = home
        return needs

    def _say(self, use: Use, code: str, severity: Severity, message: str, mend: str) -> None:
        text = self.texts[use.path]
        self.findings.append(
            Finding(use.path, text.line(use.offset), text.column(use.offset), code, severity, message, mend)
        )

    def _say_at_top(self, code: str, message: str, mend: str) -> None:
        name = f"{last(self.stub.module)} {message}"
        self.findings.append(Finding(self.source.path, 1, 1, code, Severity.ERROR, name, mend))
