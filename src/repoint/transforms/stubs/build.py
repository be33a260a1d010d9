"""One stub decided: the old module's namespace, its uses and the moves in, the new file and findings out."""

from __future__ import annotations

from collections.abc import Mapping

from repoint.analysis.namespace import Bound
from repoint.analysis.parse import Unparsable
from repoint.analysis.text import Text
from repoint.manifest.schema import Stub, StubMode
from repoint.model import Finding, Frozen, Severity, SourceFile, Unsettled
from repoint.names import Symbol, is_at_or_under, is_package_file, last
from repoint.transforms.stubs.chain import moved_imports, stays
from repoint.transforms.stubs.effects import loaded_submodules, names_of
from repoint.transforms.stubs.keep import MAIN, CannotKeep, Needs, Wish, carry_over, with_submodules
from repoint.transforms.stubs.lost import lost_effects
from repoint.transforms.stubs.report import Report, merged
from repoint.transforms.stubs.settle import StubWorld, settle
from repoint.transforms.stubs.surface import Surface
from repoint.transforms.stubs.text import Kept, is_lazy_stub, render, styled
from repoint.transforms.stubs.usage import Use, UseKind


class StubResult(Frozen, frozen=True):
    """The stub's text (None for a deletion or where nothing can be made), and what is to be said.

    `typing` is the text of the `.pyi` beside it, if there is one: the redirects alone. `names` are what the stub has,
    `lines` those of the old module that are carried over.
    """

    module: str
    text: str | None
    findings: tuple[Finding, ...]
    typing: str | None = None
    unsettled: Unsettled | None = None
    lines: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()

    def lacks(self, use: Use) -> bool:
        """Whether a use of the old module does not find in the stub what it asks for, or may not."""
        return self.text is None or use.kind is UseKind.STAR or (use.name != "" and use.name not in self.names)


def build(
    stub: Stub,
    source: SourceFile,
    uses: list[Use],
    texts: Mapping[str, Text],
    world: StubWorld,
    typing: SourceFile | None = None,
) -> StubResult:
    """Decide every name of the old module, and write its stub; `typing` is the `.pyi` beside it."""
    namespace = world.namespaces.get(stub.module)
    if namespace is None:
        message = f"{last(stub.module)} does not parse, so that its names cannot be told"
        finding = Finding(source.path, 1, 1, "stub-unreadable", Severity.ERROR, message, "mend its syntax")
        return StubResult(stub.module, None, (finding,))
    lazy = is_lazy_stub(source.data)
    surface = Surface(stub, namespace, tuple(uses), texts, world.namespaces, world.declared, lazy)
    return _Builder(source, surface, world, typing).build()


class _Builder:
    def __init__(self, source: SourceFile, surface: Surface, world: StubWorld, typing: SourceFile | None) -> None:
        self.stub = surface.stub
        self.source = source
        self.uses = surface.uses
        self.surface = surface
        self.world = world
        self.typing = typing
        self.report = Report(source.path, surface.texts)
        self.homes: dict[str, Symbol] = {}
        self.lines: frozenset[int] = frozenset()

    def build(self) -> StubResult:
        needs = self._needs()
        self.homes |= settle(self.surface, self.world, needs.kept if needs is not None else None, self.report)
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
        if not self._is_redirect():
            self._say_unknown()
        return self._result(text, self._typing_text(), frozenset({*self.homes, *whole.names}))

    def _result(self, text: str | None, typing: str | None = None, names: frozenset[str] = frozenset()) -> StubResult:
        findings = tuple(sorted(set(self.report.findings)))
        return StubResult(self.stub.module, text, findings, typing, self._unsettled(), self.lines, names)

    def _unsettled(self) -> Unsettled | None:
        """The orphans, and the lists that would settle them: what is read is kept, what is only patched dropped."""
        orphans = merged(self.report.orphans)
        if not orphans:
            return None
        keep = dict.fromkeys([*self.stub.keep, *(item.name for item in orphans if item.settles == "keep")])
        drop = dict.fromkeys([*self.stub.drop, *(item.name for item in orphans if item.settles == "drop")])
        return Unsettled(self.stub.module, orphans, tuple(keep), tuple(drop))

    def _is_redirect(self) -> bool:
        """Whether the module defines nothing of its own any more but what its stub keeps."""
        own = {item.name for item in self.surface.namespace.bindings if item.how is not Bound.IMPORT}
        return own <= {*self.stub.keep, "__all__", "__getattr__", "__dir__", "_HOMES"}

    def _say_unknown(self) -> None:
        """Names to drop that the module never had: most likely misspelled. (A stub has none of them left.)"""
        used = {use.name for use in self.uses}
        for name in self.stub.drop:
            if name not in used and name not in (MAIN, "__getattr__") and self.surface.surely_lacks(name):
                message = f"{self.stub.module} has no `{name}`, which its [[stub]] is to drop"
                self.report.at_line(1, "drop-unknown", Severity.INFO, message, "correct `drop`, or take it out")

    def _needs(self) -> Needs | None:
        """What is carried over; None where it cannot be. What it reads of declared homes is redirected."""
        if not self.stub.keep:
            return Needs(Kept())
        try:
            own = sorted({"__getattr__", "__dir__"}.intersection(self.stub.keep))
            if own and self.stub.mode is StubMode.LAZY:
                raise CannotKeep(own[0], self.surface.line(own[0]), "is what a lazy stub has of its own")
            needs = carry_over(self.source.data, self._wish())
        except CannotKeep as error:
            message = f"`{error.name}` cannot be kept: it {error.reason}"
            mend = "move it, or take it from `keep`"
            self.report.at_line(error.line, "cannot-keep", Severity.ERROR, message, mend)
            return None
        self.lines = needs.spans
        for name in sorted(needs.redirected):
            home = self.world.moves.symbol(self.stub.module, name)
            if home is not None:
                self.homes[name] = home
        for name, line in needs.left:
            message = f"`{name}` is kept, but this statement about it goes with the implementation"
            mend = "see whether what is kept works without it"
            self.report.at_line(line, "kept-name-left-behind", Severity.WARNING, message, mend)
        return needs

    def _wish(self) -> Wish:
        namespace = self.surface.namespace
        declared = {name for name in namespace.names if self.world.declared.symbol(self.stub.module, name) is not None}
        owed = {name for name in self.surface.names if self.world.moves.symbol(self.stub.module, name) is not None}
        return Wish(
            self.stub.keep,
            homes=frozenset(declared | owed.difference(self.stub.keep, self.stub.drop)),
            dropped=frozenset(self.stub.drop),
            used=frozenset(use.name for use in self.uses),
            moved=moved_imports(namespace, self.world.moves),
        )

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
            self.report.at_line(self.surface.line(name), "lazy-name-loaded", Severity.INFO, message, "")
        return needs.redirected

    def _typing_text(self) -> str | None:
        """The `.pyi` beside the stub: the same redirects for type checkers, and what it says of kept names itself."""
        if self.typing is None:
            return None
        try:
            names = tuple(name for name in self.stub.keep if name in names_of(self.typing.data))
            kept = carry_over(self.typing.data, Wish(names, frozenset(self.homes))).kept if names else Kept()
        except (CannotKeep, Unparsable) as error:
            message = f"cannot say what the stub keeps: {error.reason}"
            mend = "mend it, or delete it"
            self.report.at_line(error.line, "stub-unreadable", Severity.ERROR, message, mend, self.typing.path)
            return None
        return styled(render(StubMode.REDIRECT, self.homes, kept), self.typing.data)

    def _say_effects(self, needs: Needs | None) -> None:
        told = MAIN in self.stub.drop
        settled = needs.lines.union(line for _, line in needs.left) if needs is not None else frozenset[int]()
        self.report.findings += lost_effects(self.source.path, self.stub.module, self.source.data, settled, told)

    def _refuse_homes(self) -> None:
        """A module that names move to cannot become a redirect that lacks them."""
        moved = [(str(old), new) for old, new in self.world.declared.symbols.items()]
        moved += [(old, Symbol(new, "")) for old, new in self.world.declared.modules.items()]
        for old, new in moved:
            if new.module == self.stub.module and not stays(new, self.world.stubs):
                message = f"{old} moves to {self.stub.module}, which is to become a stub"
                keep = f"`keep` `{new.name}` in the stub, or correct the [[move]]"
                mend = keep if new.name else "take the [[move]] or the [[stub]] out"
                self.report.at_line(self.surface.line(new.name), "stub-of-a-home", Severity.ERROR, message, mend)

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
                self.report.at_use(
                    use,
                    "deleted-module-used",
                    Severity.ERROR,
                    f"{what} is still used here, so the module cannot be deleted",
                    'rewrite this use, or choose mode = "redirect"',
                )
