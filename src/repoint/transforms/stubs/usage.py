"""Who uses which names of an old module: the facts of all files in, uses with their places out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum

from repoint.analysis.facts import FileFacts, Reference, RefKind, StringUse
from repoint.model import Frozen
from repoint.names import is_at_or_under


class UseKind(StrEnum):
    """How a module, or a name of it, is used."""

    IMPORT = "import"
    ATTRIBUTE = "attribute"
    PATCH = "patch"
    STAR = "star"
    MODULE = "module"
    STRING = "string"


class Use(Frozen, frozen=True, order=True):
    """One use of `name` (empty for the module as such); `offset` is a byte offset in the file's text."""

    path: str
    offset: int
    name: str
    kind: UseKind
    kept: bool


def uses_of(modules: frozenset[str], files: Iterable[FileFacts]) -> dict[str, list[Use]]:
    """The uses of each of `modules` in `files`, those in the module itself aside."""
    found: dict[str, list[Use]] = defaultdict(list)
    for facts in files:
        for module, use in _uses(modules, facts):
            if facts.module != module:
                found[module].append(use)
    return {module: sorted(set(uses)) for module, uses in found.items()}


def _uses(modules: frozenset[str], facts: FileFacts) -> Iterator[tuple[str, Use]]:
    paths: dict[tuple[int, str], list[str]] = defaultdict(list)
    binders = {item.start: item for item in facts.references if item.kind is RefKind.IMPORT}
    for statement in facts.imports:
        for position, alias in enumerate(statement.names):
            path = _stands_for(statement.target if statement.is_from else None, alias.name, alias.asname)
            binder = binders.get(alias.start)
            if binder is not None:
                paths[binder.binds, statement.local(position)].append(path)
            if statement.is_from and statement.target in modules:
                kind = UseKind.STAR if alias.name == "*" else UseKind.IMPORT
                name = "" if alias.name == "*" else alias.name
                yield statement.target, Use(facts.path, statement.start, name, kind, statement.kept)
            loaded = path if statement.is_from else alias.name
            if loaded in modules:
                yield loaded, Use(facts.path, statement.start, "", UseKind.MODULE, statement.kept)
    yield from _attribute_uses(modules, facts, paths)
    yield from _string_uses(modules, facts, paths)


def _stands_for(target: str | None, name: str, asname: str | None) -> str:
    if target is not None:
        return f"{target}.{name}"
    return name if asname else name.partition(".")[0]


def _attribute_uses(
    modules: frozenset[str], facts: FileFacts, paths: dict[tuple[int, str], list[str]]
) -> Iterator[tuple[str, Use]]:
    for reference in facts.references:
        for module, name, offset in _reads(modules, reference, paths):
            yield module, Use(facts.path, offset, name, UseKind.ATTRIBUTE, False)


def _reads(
    modules: frozenset[str], reference: Reference, paths: dict[tuple[int, str], list[str]]
) -> Iterator[tuple[str, str, int]]:
    """Names of `modules` that the attributes of one reference read."""
    if reference.kind is RefKind.IMPORT:
        return
    for path in paths.get((reference.binds, reference.name), ())[:1]:
        for attribute in reference.chain:
            if path in modules:
                yield path, attribute.name, attribute.start
                return
            path = f"{path}.{attribute.name}"


def _string_uses(
    modules: frozenset[str], facts: FileFacts, paths: dict[tuple[int, str], list[str]]
) -> Iterator[tuple[str, Use]]:
    starts = {item.start: item for item in facts.references}
    for fact in facts.strings:
        if fact.use is StringUse.ATTRIBUTE_PATH:
            dotted = fact.value.replace(":", ".")
            for module in modules:
                if dotted != module and is_at_or_under(dotted, module):
                    name = dotted[len(module) + 1 :].partition(".")[0]
                    yield module, Use(facts.path, fact.start, name, UseKind.PATCH, fact.kept)
        elif fact.use in (StringUse.MODULE_PATH, StringUse.RELATIVE_PATH) and fact.value in modules:
            yield fact.value, Use(facts.path, fact.start, "", UseKind.STRING, fact.kept)
        elif fact.use in (StringUse.ATTRIBUTE_NAME, StringUse.TOLD_NAME) and fact.owner is not None:
            owner = starts.get(fact.owner[0])
            for path in paths.get((owner.binds, owner.name), ())[:1] if owner else ():
                whole = ".".join([path, *fact.owner[1]])
                if whole in modules:
                    yield whole, Use(facts.path, fact.start, fact.value, UseKind.PATCH, fact.kept)
