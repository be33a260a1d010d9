"""What each counted thing is: tallies and the namespaces of the tree in, occurrences out, one for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from repoint.analysis.namespaces import Found, Namespaces
from repoint.auditing.subject import Subject
from repoint.auditing.tally import Imported, Tally
from repoint.manifest.schema import Pattern
from repoint.measures import Occurrence
from repoint.model import Failed, Severity
from repoint.names import Symbol, is_dunder
from repoint.patterns.scan import Hit

CANONICAL = "canonical-import"
DEPRECATED = "deprecated-import"
ALIAS = "alias-import"
REEXPORT = "reexport-import"
UNRESOLVABLE = "unresolvable-import"
KEPT = "kept-import"
INSTANTIATION = "direct-instantiation"
DUPLICATE = "duplicate-definition"
STRING = "deprecated-string"
UNPARSABLE = "unparsable"
MISSING = "missing-symbol"
FRAGMENTED = (DEPRECATED, ALIAS, REEXPORT, UNRESOLVABLE)

_COMMENT = "a comment says so"
_BUILT = "take it from its factory, or from a function beside its definition"


class Kind(NamedTuple):
    """What an import is: its code, the symbol that it leads to, and what to say; canonical ones are only counted."""

    code: str
    symbol: Symbol
    severity: Severity = Severity.INFO
    message: str = ""
    mend: str = ""


class Classifier:
    """Decides for one tree; asks its namespaces where re-exports lead."""

    def __init__(self, subject: Subject, namespaces: Namespaces) -> None:
        self.subject = subject
        self.namespaces = namespaces

    def occurrences(self, path: str, module: str, found: Tally | Failed) -> Iterator[Occurrence]:
        """Everything that one file adds to the figures."""
        if isinstance(found, Failed):
            yield _unparsable(path, found, "names what is governed")
            return
        reason = self.subject.exception(path)
        for item in found.imports:
            kind = self._import(item, module)
            if kind is not None:
                if kind.code in FRAGMENTED and (item.kept or reason is not None):
                    kind = self._meant(item, kind, reason)
                alias = f" as {item.local}" if item.local != item.name else ""
                yield self._at(path, item.line, item.column, kind, f"{item.module}:{item.name}{alias}")
        if module not in self.subject.homes:
            for call in found.calls:
                if (symbol := self._class(call.path)) is not None:
                    yield self._at(path, call.line, call.column, self._built(symbol), call.path)
        for definition in found.definitions:
            kind = self._duplicate(definition.name, module)
            if kind is not None:
                yield self._at(path, definition.line, definition.column, kind, definition.name)
        if reason is None:
            for named in found.strings:
                if (kind := self._string(named.value)) is not None:
                    yield self._at(path, named.line, named.column, kind, named.value)

    def _at(self, path: str, line: int, column: int, kind: Kind, subject: str) -> Occurrence:
        symbol = str(kind.symbol).strip(":")
        return Occurrence(path, line, column, kind.code, kind.severity, symbol, subject, kind.message, kind.mend)

    def _meant(self, item: Imported, kind: Kind, reason: str | None) -> Kind:
        """The same import, which somebody said is to stay."""
        return Kind(KEPT, kind.symbol, message=f"{self._spelled(item)} is meant to stay: {reason or _COMMENT}")

    def _import(self, item: Imported, module: str) -> Kind | None:
        """What an import in the file of `module` is; None where it leads to nothing governed."""
        old = Symbol(item.module, item.name)
        home = self._home(item)
        if home is not None:
            row = home if self.subject.governs(home) or not home.name else old
            message = f"{self._spelled(item)} is deprecated"
            return Kind(DEPRECATED, row, Severity.WARNING, message, f"import {self._written(home)}")
        kind = self._by_no_old_path(old, item)
        resolves = kind is not None and kind.code != UNRESOLVABLE
        return None if resolves and self._is_redirect(old, module, item) else kind

    def _by_no_old_path(self, old: Symbol, item: Imported) -> Kind | None:
        if old.module in self.subject.stubs:
            return self._of_stub(old)
        if item.read and self._lacks_module(old.module):
            return None  # an attribute of what is imported: a class has no names that are imported from it
        if old.module in self.subject.homes or self.subject.governs(old):
            return self._of_home(old, item)
        return self._passed_on(old, item)

    def _is_redirect(self, old: Symbol, module: str, item: Imported) -> bool:
        """Whether an import is what makes an old path, the module it stands in, still lead to a symbol."""
        declared = self.subject.migration.moves.symbol(module, item.local)
        if declared is not None:
            return old == declared or old in self.subject.symbols
        renamed = module in self.subject.deprecated and item.top and item.local != item.name
        return renamed and old in self.subject.symbols

    def _home(self, item: Imported) -> Symbol | None:
        """The new home of what is imported by an old path: of a symbol, or of a module (without a name)."""
        if item.name and item.name != "*":
            return self.subject.moves.symbol(item.module, item.name)
        moved = self.subject.moves.module(item.module)
        if moved is not None:
            return Symbol(moved, "")
        if item.module in self.subject.deprecated:
            return Symbol(item.module, "")
        return None

    def _spelled(self, item: Imported) -> str:
        if item.name == "*":
            return f"the star import of {item.module}"
        return f"{item.module}.{item.name}" if item.name else item.module

    def _written(self, home: Symbol) -> str:
        if home.module in self.subject.deprecated:
            return "what is used from where it lives now"
        return f"{home.name} from {home.module}" if home.name else home.module

    def _of_stub(self, old: Symbol) -> Kind | None:
        """A name of a stub's module that has no other home; None for a submodule, which is a module of its own."""
        if old in self.subject.kept:
            return Kind(KEPT, old, message=f"{old.dotted} has no other home, and is kept in the stub")
        if self.namespaces.origin_of_binding(*old) is Found.MODULE and old.dotted in self.namespaces.modules:
            return None
        if self.namespaces.binds(*old) is False or old.module not in self.namespaces.modules:
            return self._unresolvable(old, old)
        mend = f"declare a [[move]] for {old}, or `keep` it"
        return Kind(DEPRECATED, old, Severity.WARNING, f"{old.dotted} is deprecated and has no home", mend)

    def _of_home(self, old: Symbol, item: Imported) -> Kind | None:
        if item.name in ("", "*"):
            return Kind(CANONICAL, old._replace(name=""), message=f"{old.module} is imported as it is meant")
        if is_dunder(item.name):
            return None
        if old not in self.subject.symbols:
            origin = self.namespaces.origin(*old)
            if origin.found is Found.ABSENT or self._lacks_module(old.module):
                return self._unresolvable(old, old)
            end = Symbol(origin.module, origin.name)
            if end != old and end in self.subject.symbols:
                return self._reexport(old, end)
            if end != old and not self.subject.governs(old):
                return None
        elif self.subject.symbols[old] == "missing":
            return self._unresolvable(old, old)
        if item.local == item.name or not self.subject.governs(old):
            return Kind(CANONICAL, old, message=f"{old.dotted} is imported as it is meant")
        severity = Severity.WARNING if old in self.subject.migration.forbidden_aliases else Severity.INFO
        message = f"{old.name} is called {item.local} here"
        return Kind(ALIAS, old, severity, message, f"import it as {old.name}, and call it so")

    def _passed_on(self, old: Symbol, item: Imported) -> Kind | None:
        """A governed name from a module that is not governed."""
        if item.name in ("", "*"):
            return None
        if old.module not in self.namespaces.modules:
            named = self.subject.by_name.get(item.name)
            if named is None or item.name not in self.subject.names or item.read or not self._lacks_module(old.module):
                return None
            return self._unresolvable(old, named)
        origin = self.namespaces.origin(*old)
        end = Symbol(origin.module, origin.name)
        if origin.found not in (Found.DEFINED, Found.OUTSIDE, Found.UNKNOWN):
            return None
        home = end if end in self.subject.symbols else self.subject.moves.symbol(*end)
        return self._reexport(old, home) if home is not None and home != old else None

    def _lacks_module(self, module: str) -> bool:
        """Whether `module` would be one of the tree's own, and is not there."""
        return module not in self.namespaces.modules and module.partition(".")[0] in self.namespaces.modules

    def _reexport(self, old: Symbol, home: Symbol) -> Kind:
        severity = Severity.WARNING if home in self.subject.migration.canonical else Severity.INFO
        message = f"{old.dotted} only passes on {home.dotted}"
        return Kind(REEXPORT, home, severity, message, f"import {self._written(home)}")

    def _unresolvable(self, old: Symbol, row: Symbol) -> Kind:
        there = old.module in self.namespaces.modules
        message = f"{old.module} has no {old.name}" if there else f"there is no module {old.module}"
        home = f"import {self._written(row)}" if row != old else "correct the import, or take it out"
        return Kind(UNRESOLVABLE, row, Severity.WARNING, message, home)

    def _class(self, dotted: str) -> Symbol | None:
        """The governed class that a dotted path leads to."""
        module, _, name = dotted.rpartition(".")
        if not module:
            return None
        old = Symbol(module, name)
        end = self.subject.moves.symbol(*old) or old
        if end not in self.subject.symbols and module in self.namespaces.modules:
            origin = self.namespaces.origin(*old)
            end = Symbol(origin.module, origin.name)
            end = self.subject.moves.symbol(*end) or end
        return end if self.subject.symbols.get(end) == "class" else None

    def _built(self, symbol: Symbol) -> Kind:
        severity = Severity.WARNING if symbol in self.subject.migration.forbidden_construction else Severity.INFO
        return Kind(INSTANTIATION, symbol, severity, f"{symbol.name} is built here", _BUILT)

    def _duplicate(self, name: str, module: str) -> Kind | None:
        own = Symbol(module, name)
        symbol = self.subject.moves.symbol(*own) or self.subject.by_name.get(name)
        if symbol is None or own in self.subject.symbols or module == symbol.module:
            return None
        message = f"{name} is defined here, beside {symbol.dotted}"
        mend = f"import {symbol.name} from {symbol.module} instead, or call this one otherwise"
        if module in self.subject.deprecated:
            mend = f"make {module} a redirect: declare a [[stub]], plan and apply"
        return Kind(DUPLICATE, symbol, Severity.WARNING, message, mend)

    def _string(self, value: str) -> Kind | None:
        moved = self.subject.moves.path(value)
        if moved is None and value not in self.subject.deprecated:
            return None
        head, new = moved if moved is not None else (value, value)
        module = new.rpartition(".")
        home = Symbol(module[0], module[2]) if Symbol(module[0], module[2]) in self.subject.symbols else Symbol(new, "")
        mend = f"name {new} instead" if moved is not None else "name where it lives now"
        return Kind(STRING, home, Severity.WARNING, f"the text names {head}, which is deprecated", mend)


def hits_in(
    path: str, matches: tuple[Hit, ...] | Failed, subject: Subject, *, told: bool = False
) -> Iterator[Occurrence]:
    """What the patterns find in one file; `told`: that it does not parse is known already."""
    if isinstance(matches, Failed):
        if not told:
            yield _unparsable(path, matches, "may match a pattern")
        return
    patterns = {pattern.id: pattern for pattern in subject.migration.manifest.pattern}
    for hit in matches:
        if not hit.kept:
            yield _hit(path, hit, patterns[hit.pattern])


def missing_symbols(subject: Subject, files: Mapping[str, str]) -> Iterator[Occurrence]:
    """The governed symbols that are not where the manifest says that they are; `files` has the path of each module."""
    for symbol, defined in subject.symbols.items():
        if defined == "missing" and symbol.module in files:
            message = f"{symbol.name} is to be imported from here, but the module does not bind it"
            mend = f"correct {symbol} in the manifest, or define it here"
            path, warning = files[symbol.module], Severity.WARNING
            yield Occurrence(path, 1, 1, MISSING, warning, str(symbol), symbol.name, message, mend)


def _unparsable(path: str, failure: Failed, what: str) -> Occurrence:
    message = f"{what}, but {failure.reason}, and is not counted"
    mend = "mend the file, or take it out of [scope]"
    return Occurrence(path, failure.line, 1, UNPARSABLE, Severity.WARNING, "", failure.reason, message, mend)


def _hit(path: str, hit: Hit, pattern: Pattern) -> Occurrence:
    code, text = f"pattern:{pattern.id}", " ".join(hit.text.split())
    place = path, hit.line, hit.column
    return Occurrence(*place, code, pattern.severity, pattern.id, text, pattern.message, pattern.note)
