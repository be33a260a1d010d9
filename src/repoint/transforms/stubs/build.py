"""One stub decided: the old module's namespace, its uses and the moves in, the new file and findings out."""

from __future__ import annotations

from collections.abc import Mapping

from repoint.analysis.namespace import Bound, Namespace, Namespaces
from repoint.analysis.text import Text
from repoint.analysis.words import has_any
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub, StubMode
from repoint.model import Finding, Frozen, Severity, SourceFile
from repoint.names import Symbol, last
from repoint.transforms.stubs.keep import CannotKeep, Wish, carry_over
from repoint.transforms.stubs.text import Kept, in_style_of, render, with_imports
from repoint.transforms.stubs.usage import Use, UseKind

_READS = (UseKind.IMPORT, UseKind.ATTRIBUTE)


class StubResult(Frozen, frozen=True):
    """The stub's text (None for a deletion or where nothing can be made), and what is to be said."""

    module: str
    text: str | None
    findings: tuple[Finding, ...]


class StubWorld(Frozen, frozen=True):
    """What stubs are made from: declared moves, those with the homes found by chain, and all namespaces."""

    declared: MoveTable
    moves: MoveTable
    namespaces: Namespaces
    excepted: frozenset[str]


def build(stub: Stub, source: SourceFile, uses: list[Use], texts: Mapping[str, Text], world: StubWorld) -> StubResult:
    """Decide every name of the old module, and write its stub."""
    return _Builder(stub, source, uses, texts, world).build()


class _Builder:
    def __init__(
        self, stub: Stub, source: SourceFile, uses: list[Use], texts: Mapping[str, Text], world: StubWorld
    ) -> None:
        self.stub = stub
        self.source = source
        self.uses = uses
        self.texts = texts
        self.world = world
        self.findings: list[Finding] = []
        self.homes: dict[str, Symbol] = {}

    def build(self) -> StubResult:
        namespace = self.world.namespaces.get(self.stub.module)
        if namespace is None:
            self._say_at_top("stub-unreadable", "does not parse, so that its names cannot be told", "mend its syntax")
            return self._result(None)
        surface = self._surface(namespace)
        kept = self._kept(namespace)
        for name in sorted(surface):
            self._settle(name, namespace, kept)
        self._absent_names(namespace)
        if self.stub.mode is StubMode.DELETE:
            self._refuse_uses()
            return self._result(None)
        if kept is None:
            return self._result(None)
        return self._result(in_style_of(self.source.data, render(self.stub.mode, self.homes, kept)))

    def _result(self, text: str | None) -> StubResult:
        return StubResult(self.stub.module, text, tuple(sorted(set(self.findings))))

    def _surface(self, namespace: Namespace) -> set[str]:
        """Public definitions, what `__all__` lists, and everything that is still used."""
        defined = {item.name for item in namespace.bindings if item.how is not Bound.IMPORT and item.name[0] != "_"}
        used = {use.name for use in self.uses if use.name and use.name in namespace.names}
        if any(use.kind is UseKind.STAR for use in self.uses):
            exported = {name for name in namespace.names if self.world.namespaces.exports(self.stub.module, name)}
            used |= {name for name in exported if self._is_own(name, namespace) or self._star_reads(name)}
        listed = set(namespace.exported or ()) & namespace.names
        compiled = {item.name for item in namespace.bindings if item.module == "__future__"}
        return (defined | used | listed) - compiled

    def _is_own(self, name: str, namespace: Namespace) -> bool:
        """Whether a name stands for something of this repository, which a star import may pass on to anywhere."""
        modules = self.world.namespaces.modules
        return any(item.how is not Bound.IMPORT or item.module in modules for item in namespace.of(name))

    def _settle(self, name: str, namespace: Namespace, kept: Kept | None) -> None:
        """Find the home of one name, or say that it has none."""
        uses = [use for use in self.uses if use.name == name]
        reads = [use for use in uses if use.kind in _READS] + self._star_reads(name)
        patches = [use for use in uses if use.kind is UseKind.PATCH]
        symbol = Symbol(self.stub.module, name)
        if name in self.stub.keep or (kept is not None and name in kept.names):
            if not reads:
                self._kept_but_patched(name, patches)
            return
        if name in self.stub.drop:
            self._dropped(name, reads, patches)
            return
        declared = self._existing(self.world.declared.symbol(*symbol))
        home = declared or self._existing(self.world.moves.symbol(*symbol))
        if home is not None:
            self.homes[name] = home
        elif reads:
            self._orphan(name, reads)
        elif not patches:
            self._lost(name, namespace)
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

    def _kept_but_patched(self, name: str, patches: list[Use]) -> None:
        """What nothing but patches names is kept for the sake of other definitions: those are all that it reaches.

        Where `keep` does not say so, that is not known to be meant.
        """
        meant = name in self.stub.keep
        for use in patches:
            self._say(
                use,
                "kept-name-patched" if meant else "orphan",
                Severity.WARNING if meant else Severity.ERROR,
                f"`{name}` of {self.stub.module} is only patched here; in the stub that reaches what is kept, "
                "and nothing that moved",
                "see that this test is of what is kept" if meant else "give it a [[move]], or list it in `keep` too",
            )

    def _orphan(self, name: str, uses: list[Use], *, patched: bool = False) -> None:
        pastes = [f'[[move]] old = "{self.stub.module}:{name}" new = "{home}"' for home in self._candidates(name)]
        otherwise = f"{'`drop`' if patched else '`keep`'} it in the stub"
        if pastes:
            same = "the code under test reads it there" if patched else "that is the same thing"
            mend = f"add {' or '.join(pastes)} if {same}, or {otherwise}"
        else:
            mend = f"give it a [[move]], or {otherwise}"
        what = "is only patched" if patched else "is used"
        for use in uses:
            self._say(
                use,
                "orphan",
                Severity.ERROR,
                f"`{name}` of {self.stub.module} {what} here and has no home",
                mend,
            )

    def _candidates(self, name: str) -> list[Symbol]:
        """Homes of this stub that bind a name of this spelling."""
        modules = sorted(
            {new.module for old, new in self.world.declared.symbols.items() if old.module == self.stub.module}
        )
        return [Symbol(module, name) for module in modules if self.world.namespaces.binds(module, name)]

    def _lost(self, name: str, namespace: Namespace) -> None:
        binding = namespace.of(name)[0]
        self.findings.append(
            Finding(
                self.source.path,
                binding.line,
                1,
                "name-lost",
                Severity.WARNING,
                f"`{name}` has no home and no user, and goes with the implementation",
                "list it under `drop` if that is meant, else give it a [[move]] or `keep` it",
            )
        )

    def _absent_names(self, namespace: Namespace) -> None:
        """Names that the module never bound are no part of its surface: whoever imports them is told."""
        if namespace.dynamic or any(star not in self.world.namespaces.modules for star in namespace.stars):
            return
        for use in self.uses:
            absent = use.name and use.name not in namespace.names and use.kind in _READS
            submodule = f"{self.stub.module}.{use.name}" in self.world.namespaces.modules
            moved = self.world.declared.symbol(self.stub.module, use.name) if absent else None
            if absent and not submodule and moved is None and not self._starred(namespace, use.name):
                self._say(
                    use,
                    "absent-name",
                    Severity.WARNING,
                    f"{self.stub.module} has no `{use.name}`, now or before",
                    "correct this import",
                )

    def _starred(self, namespace: Namespace, name: str) -> bool:
        return any(self.world.namespaces.exports(star, name) for star in namespace.stars)

    def _refuse_uses(self) -> None:
        """A module may be deleted only when nothing will use it."""
        for use in self.uses:
            moved = use.name and self.world.moves.symbol(self.stub.module, use.name) is not None
            whole = self.world.moves.module(self.stub.module) is not None and use.kind is not UseKind.STAR
            attribute = use.kind is UseKind.MODULE and any(
                other.path == use.path and other.kind in (UseKind.ATTRIBUTE, UseKind.PATCH) for other in self.uses
            )
            if use.kept or use.path in self.world.excepted or not (moved or whole or attribute):
                what = f"`{use.name}` of {self.stub.module}" if use.name else self.stub.module
                self._say(
                    use,
                    "deleted-module-used",
                    Severity.ERROR,
                    f"{what} is still used here, so the module cannot be deleted",
                    'rewrite this use, or choose mode = "redirect"',
                )

    def _kept(self, namespace: Namespace) -> Kept | None:
        """What is carried over; None where it cannot be. What it reads of declared homes is redirected."""
        if not self.stub.keep:
            return Kept()
        declared = {name for name in namespace.names if self.world.declared.symbol(self.stub.module, name) is not None}
        used = frozenset(use.name for use in self.uses)
        wish = Wish(self.stub.keep, frozenset(declared), frozenset(self.stub.drop), used, self.world.declared)
        try:
            needs = carry_over(self.source, self.stub.module, wish)
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
        for name, line in needs.left:
            self.findings.append(
                Finding(
                    self.source.path,
                    line,
                    1,
                    "kept-name-left-behind",
                    Severity.WARNING,
                    f"`{name}` is kept, but this statement about it goes with the implementation",
                    "see whether what is kept works without it",
                )
            )
        redirected = {
            name: home
            for name in sorted(needs.redirected)
            if (home := self.world.declared.symbol(self.stub.module, name)) is not None
        }
        if self.stub.mode is StubMode.LAZY:  # a global name is not looked up by the module's `__getattr__`
            return with_imports(needs.kept, redirected)
        self.homes |= redirected
        return needs.kept

    def _say(self, use: Use, code: str, severity: Severity, message: str, mend: str) -> None:
        text = self.texts[use.path]
        self.findings.append(
            Finding(use.path, text.line(use.offset), text.column(use.offset), code, severity, message, mend)
        )

    def _say_at_top(self, code: str, message: str, mend: str) -> None:
        name = f"{last(self.stub.module)} {message}"
        self.findings.append(Finding(self.source.path, 1, 1, code, Severity.ERROR, name, mend))
