"""What one file does with governed names: its bytes and the question in, a `Tally` out; pure, safe in any worker."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import MODULE, FileFacts, Reference, RefKind, StringUse
from repoint.analysis.query import Query
from repoint.analysis.string_walk import KEEP
from repoint.analysis.text import Text
from repoint.model import Failed, SourceFile
from repoint.names import is_at_or_under, is_dunder, last, parent

_CALL = re.compile(rb"[ \t\r\n\\]*\(")
_RAISED = re.compile(rb"\braise[ \t\r\n\\]+\Z")
_MATCHED = re.compile(rb"[ \t]*case(?:[ \t]+(?![=:])|[(\[])(?:(?!\bif\b)[^:])*\Z")
_SILENT = (StringUse.PLAIN, StringUse.DOCSTRING, StringUse.TOLD_NAME, StringUse.ALL, StringUse.ATTRIBUTE_NAME)


class _Item(msgspec.Struct, frozen=True, array_like=True):
    """Base of what a tally holds: written as an array, since a cache holds thousands of them."""


class Imported(_Item, frozen=True):
    """A name that is imported, or read through an import of its module (`read`): `local` is what it is called here.

    `top`: the module itself binds `local`, so that others may take it from there.
    """

    module: str
    name: str
    local: str
    line: int
    column: int
    top: bool
    kept: bool
    read: bool


class Called(_Item, frozen=True):
    """A call of what an import bound: the dotted path as the import spells it."""

    path: str
    line: int
    column: int


class Defined(_Item, frozen=True):
    """A class or a function that the module defines at its top level."""

    name: str
    line: int
    column: int


class Named(_Item, frozen=True):
    """A string that is used as the path of a module or an attribute."""

    value: str
    line: int
    column: int
    kept: bool


class Tally(_Item, frozen=True):
    """All that an audit wants to know of one file."""

    imports: tuple[Imported, ...]
    calls: tuple[Called, ...]
    definitions: tuple[Defined, ...]
    strings: tuple[Named, ...]


NOTHING = Tally((), (), (), ())


def tally(source: SourceFile, module: str, query: Query) -> Tally | Failed:
    """The tally of `source`, imported as `module`, for what `query` asks about."""
    facts = analyse(source, module, query)
    if isinstance(facts, Failed):
        return facts
    text = Text(source.data)
    variables = _variables(facts)
    return Tally(
        imports=tuple(_imports(facts, text, query, variables)),
        calls=tuple(_calls(facts, text, variables)),
        definitions=tuple(_definitions(facts, text, query)),
        strings=tuple(_strings(facts, text, query)),
    )


class _Bound(NamedTuple):
    """One import that binds a variable: the path that the variable `stands` for, and the one that the import `loads`.

    They differ for `import a.b`, which binds `a`. `start` is the offset of the name in the import.
    """

    stands: str
    loads: str
    start: int


_Variables = dict[tuple[int, str], list[_Bound]]


def _variables(facts: FileFacts) -> _Variables:
    """The imports that bind each variable, by its scope and its name."""
    binders = {item.start: item for item in facts.references if item.kind is RefKind.IMPORT}
    found: _Variables = defaultdict(list)
    for statement in facts.imports:
        for position, alias in enumerate(statement.names):
            if (binder := binders.get(alias.start)) is not None:
                stands = statement.path(position)
                loads = stands if statement.is_from else alias.name
                found[binder.binds, binder.name].append(_Bound(stands, loads, alias.start))
    return found


def _imports(facts: FileFacts, text: Text, query: Query, variables: _Variables) -> Iterator[Imported]:
    for statement in facts.imports:
        for position, alias in enumerate(statement.names):
            if statement.is_from and _asks(query, statement.target, alias.name):
                place = text.line(alias.start), text.column(alias.start)
                local, top = statement.local(position), statement.scope == MODULE
                yield Imported(statement.target, alias.name, local, *place, top, statement.kept, False)
    yield from _reads(facts, text, query, variables)


def _asks(query: Query, module: str, name: str) -> bool:
    """Whether `from module import name` counts, as a name: what leads to a governed module is counted as it is read."""
    if not module or f"{module}.{name}" in query.whole:
        return False
    named = name in query.names or module in query.whole or _is_below_a_home(query, module)
    return named or query.moves.symbol(module, name) is not None


def _is_below_a_home(query: Query, module: str) -> bool:
    """Whether `module` has come to its place with a package that moved as a whole."""
    return any(is_at_or_under(module, home) for home in query.moves.modules.values())


def _reads(facts: FileFacts, text: Text, query: Query, variables: _Variables) -> Iterator[Imported]:
    """Names read through a module that is imported as such, each once, at the import; and bare imports of old ones."""
    read = _names_read(facts, query, variables)
    for statement in facts.imports:
        for alias in statement.names:
            place = text.line(alias.start), text.column(alias.start)
            found = sorted(read.get(alias.start, ()))
            loaded = f"{statement.target}.{alias.name}" if statement.is_from else alias.name
            if loaded in query.whole and not any(module == loaded for module, _ in found):
                found.append((loaded, ""))
            elif not (found or statement.is_from) and _is_below_a_move(query, loaded):
                found.append((parent(loaded), last(loaded)))
            for module, name in found:
                yield Imported(module, name, name, *place, False, statement.kept, True)


def _is_below_a_move(query: Query, module: str) -> bool:
    return query.moves.module(module) is not None or _is_below_a_home(query, module)


def _names_read(facts: FileFacts, query: Query, variables: _Variables) -> dict[int, set[tuple[str, str]]]:
    """The names (each with its module) that are read through modules, by the offset of the import that loads it."""
    read: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for reference in facts.references:
        bound = variables.get((reference.binds, reference.name))
        if bound is None or reference.kind is RefKind.IMPORT:
            continue
        path = bound[0].stands
        for attribute in reference.chain:
            inner = f"{path}.{attribute.name}"
            if is_dunder(attribute.name):
                break
            if path in query.whole or (attribute.name in query.names and inner not in query.whole):
                read[_loading(bound, path)].add((path, attribute.name))
                break
            path = inner
    return read


def _loading(bound: list[_Bound], module: str) -> int:
    """Which of a variable's imports loads `module`, or comes closest; the first one where none does."""
    near = [item for item in bound if item.stands == bound[0].stands and is_at_or_under(module, item.loads)]
    return max(near, key=lambda item: len(item.loads), default=bound[0]).start


def _calls(facts: FileFacts, text: Text, variables: _Variables) -> Iterator[Called]:
    for reference in facts.references:
        bound = variables.get((reference.binds, reference.name))
        if bound is None or reference.kind is not RefKind.LOAD or _kept(text, reference):
            continue
        if _is_called(text, reference):
            path = ".".join([bound[0].stands, *(attribute.name for attribute in reference.chain)])
            yield Called(path, text.line(reference.start), text.column(reference.start))


def _is_called(text: Text, reference: Reference) -> bool:
    """Whether the value is called right there, and not only to be raised or, as a pattern, to be matched."""
    end = reference.chain[-1].end if reference.chain else reference.end
    if not reference.exact or _CALL.match(text.utf8, end) is None:
        return False
    if _MATCHED.match(text.utf8, text.line_span(reference.start)[0], reference.start) is not None:
        return False
    return _RAISED.search(text.utf8, max(0, reference.start - 40), reference.start) is None


def _kept(text: Text, reference: Reference) -> bool:
    """Whether the line says that this is meant."""
    return KEEP.search(text.utf8, *text.line_span(reference.start)) is not None


def _definitions(facts: FileFacts, text: Text, query: Query) -> Iterator[Defined]:
    for reference in facts.references:
        named = reference.kind is RefKind.DEFINITION and reference.name in query.names
        if named and reference.binds == MODULE and not _kept(text, reference):
            yield Defined(reference.name, text.line(reference.start), text.column(reference.start))


def _strings(facts: FileFacts, text: Text, query: Query) -> Iterator[Named]:
    for fact in facts.strings:
        if fact.use in _SILENT or fact.kept:
            continue
        value = (fact.module or fact.value).replace(":", ".")
        if query.moves.path(value) is not None or any(value == item for item in query.whole):
            yield Named(value, text.line(fact.start), text.column(fact.start), fact.kept)
