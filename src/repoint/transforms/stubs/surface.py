"""What an old module is to the rest of the tree: its namespace and its uses in; the names that its stub owes, out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import ModuleType

from repoint.analysis.namespace import Bound, Namespace
from repoint.analysis.namespaces import Found, Namespaces
from repoint.analysis.text import Text
from repoint.analysis.words import has_any
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub
from repoint.model import Frozen
from repoint.names import Symbol
from repoint.transforms.stubs.chain import arms, imported_names
from repoint.transforms.stubs.usage import Use, UseKind

_OF_MODULES = frozenset({"__all__", "__builtins__", "__cached__", "__file__", "__path__", *dir(ModuleType("any"))})


class Surface(Frozen, frozen=True, dict=True):
    """The names of one old module, as others see them; `texts` are the files of its users.

    `lazy`: the module is a lazy stub already.
    """

    stub: Stub
    namespace: Namespace
    uses: tuple[Use, ...]
    texts: Mapping[str, Text]
    namespaces: Namespaces
    declared: MoveTable
    lazy: bool

    @cached_property
    def names(self) -> frozenset[str]:
        """Public definitions, what `__all__` lists, and everything that is still used."""
        known = self.namespace.names | set(imported_names(self.namespace, self.namespaces))
        defined = {item.name for item in self.namespace.bindings if item.name[0] != "_"} - self._only_imported
        used = {use.name for use in self.uses if use.name in known or self._may_have(use.name)}
        if any(use.kind is UseKind.STAR for use in self.uses):
            exported = {name for name in known if self.namespaces.exports(self.stub.module, name)}
            used |= {name for name in exported if self._is_own(name) or self.star_reads(name)}
        listed = set(self.namespace.exported or ()) & known
        compiled = {item.name for item in self.namespace.bindings if item.module == "__future__"}
        names = (defined | used | listed) - compiled
        return frozenset(name for name in names if not self._is_submodule(name))

    def star_reads(self, name: str) -> list[Use]:
        """Star imports of the module in files whose text has the name."""
        if not self.namespaces.exports(self.stub.module, name):
            return []
        stars = [use for use in self.uses if use.kind is UseKind.STAR]
        return [use for use in stars if has_any(self.texts[use.path].utf8, [name.encode()])]

    @property
    def serves_more(self) -> bool:
        """Whether a `__getattr__` serves names that nobody can tell, which it would not in the stub."""
        return self.namespace.dynamic and not self.lazy and "__getattr__" not in self.stub.keep

    def is_served(self, name: str) -> bool:
        """Whether nothing but `__getattr__` may give a name."""
        return name not in self.namespace.names and self.serves_more

    def surely_lacks(self, name: str) -> bool:
        """Whether the module surely never had a name."""
        if (self.namespace.dynamic and not self.lazy) or self._outside_stars or name in _OF_MODULES:
            return False
        if name in self.namespace.names or self._is_module(name):
            return False
        return not any(self.namespaces.exports(star, name) for star in self.namespace.stars)

    def candidates(self, name: str, *, patched: bool) -> list[Symbol]:
        """Homes of this stub that define a name of this spelling, and what the module itself may have it from.

        For what is `patched` it is enough that a home imports it: that is where its code reads it.
        """
        modules = sorted({new.module for old, new in self.declared.symbols.items() if old.module == self.stub.module})
        found = [Symbol(module, name) for module in modules if self._is_home(module, name, patched)]
        if name not in self.namespace.names:
            found += [Symbol(star, name) for star in self._outside_stars]
        return list(dict.fromkeys(found + arms(self.namespace, name)))

    def _is_home(self, module: str, name: str, patched: bool) -> bool:
        if not self.namespaces.binds(module, name):
            return False
        return patched or self.namespaces.origin(module, name).module == module

    def line(self, name: str) -> int:
        """The line that binds a name first; the module's first where none does."""
        return next((item.line for item in self.namespace.of(name)), 1)

    def _is_own(self, name: str) -> bool:
        """Whether a name stands for something of this repository, which a star import may pass on to anywhere."""
        bindings = self.namespace.of(name)
        return not bindings or any(
            item.how is not Bound.IMPORT or item.module in self.namespaces.modules for item in bindings
        )

    @cached_property
    def _only_imported(self) -> frozenset[str]:
        """Names that are imported, or else given something in place of the import that failed."""
        imported = {item.name for item in self.namespace.bindings if item.how is Bound.IMPORT}
        return frozenset(
            name
            for name in imported
            if all(item.how is Bound.IMPORT or item.conditional for item in self.namespace.of(name))
        )

    @cached_property
    def _outside_stars(self) -> list[str]:
        return [star for star in self.namespace.stars if star not in self.namespaces.modules]

    def _may_have(self, name: str) -> bool:
        """Whether the module may have a name that no statement binds: by `__getattr__`, or a star import."""
        if not name or name in _OF_MODULES or self._is_module(name):
            return False
        return self.serves_more or bool(self._outside_stars)

    def _is_module(self, name: str) -> bool:
        return f"{self.stub.module}.{name}" in self.namespaces.modules

    def _is_submodule(self, name: str) -> bool:
        """Whether a name of a package is a submodule of it, and nothing else: it stays where it is."""
        if not self._is_module(name) or self.declared.symbol(self.stub.module, name) is not None:
            return False
        origin = self.namespaces.origin(self.stub.module, name)
        return origin.found is Found.MODULE and origin.module == f"{self.stub.module}.{name}"
