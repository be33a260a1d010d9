"""Where a file names a moved symbol: its facts in, the spans of the expressions that surely mean it out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from repoint.analysis.facts import MODULE, FileFacts, Reference, RefKind, StringUse, import_bindings
from repoint.model import Frozen
from repoint.names import is_at_or_under

_NOTHING = re.compile(rb"\s*(?::[^=\n]+)?=\s*None\b")
Variable = tuple[int, str]


class Anchor(Frozen, frozen=True):
    """An expression that is the symbol `old` (dotted).

    `fresh`: imported or looked up when it runs, so that a patch of the old path reaches it; `chained`: looked up in
    its module each time.
    """

    start: int
    end: int
    old: str
    fresh: bool
    chained: bool


class Told(Frozen, frozen=True):
    """A string that names a member of the symbol `old`: `patch("old.module.Name.member")`."""

    start: int
    end: int
    old: str
    member: str


def anchors_of(facts: FileFacts, data: bytes, wanted: frozenset[str], *, own: bool = False) -> list[Anchor]:
    """The expressions of `facts`' file that mean one of the dotted symbols `wanted`, whatever else may happen.

    `data` is the text that the offsets of the facts count in. A variable counts only if nothing but imports of one
    path binds it, `= None` aside, which is what stands where such an import fails. With `own`, the file's own
    definitions at its top level count as well.
    """
    by_variable: dict[Variable, list[Reference]] = defaultdict(list)
    for reference in facts.references:
        by_variable[reference.binds, reference.name].append(reference)
    found: list[Anchor] = []
    for variable, paths in imported(facts).items():
        references = by_variable[variable]
        if len(paths) != 1 or not all(_keeps_meaning(item, data) for item in references):
            continue
        path = next(iter(paths))
        for reference in references:
            if reference.kind is RefKind.LOAD and not reference.ambiguous:
                found += _anchor(reference, path, wanted, variable[0])
    if own:
        for (scope, name), references in by_variable.items():
            once = sum(item.kind is not RefKind.LOAD for item in references) == 1
            if scope == MODULE and once and any(item.kind is RefKind.DEFINITION for item in references):
                loads = (item for item in references if item.kind is RefKind.LOAD and not item.ambiguous)
                found += [anchor for item in loads for anchor in _anchor(item, f"{facts.module}.{name}", wanted, scope)]
    return sorted(found, key=lambda item: item.start)


def imported(facts: FileFacts) -> dict[Variable, set[str]]:
    """What the import-bound variables stand for, dotted; a variable with a kept import stands for nothing."""
    paths: dict[Variable, set[str]] = defaultdict(set)
    for variable, path, statement in import_bindings(facts):
        paths[variable] |= {path, ""} if statement.kept else {path}
    return paths


def _keeps_meaning(reference: Reference, data: bytes) -> bool:
    if reference.kind is RefKind.STORE:
        return _NOTHING.match(data, reference.end) is not None
    return reference.kind in (RefKind.LOAD, RefKind.IMPORT)


def _anchor(reference: Reference, path: str, wanted: frozenset[str], scope: int) -> Iterable[Anchor]:
    end = reference.end
    direct = True
    for attribute in (None, *reference.chain):
        if attribute is not None:
            path, end, direct = f"{path}.{attribute.name}", attribute.end, False
        if path in wanted:
            yield Anchor(reference.start, end, path, not direct or scope != MODULE, not direct)
            return


def told_members(facts: FileFacts, wanted: Mapping[str, object]) -> list[Told]:
    """Strings that known calls take for paths, and that lead to a member of one of `wanted`."""
    found = []
    for fact in facts.strings:
        if fact.use is not StringUse.ATTRIBUTE_PATH or fact.kept or not fact.exact:
            continue
        dotted = fact.value.replace(":", ".")
        for old in wanted:
            if dotted != old and is_at_or_under(dotted, old):
                found.append(Told(fact.start, fact.end, old, dotted[len(old) + 1 :].partition(".")[0]))
    return found


def patches(facts: FileFacts, wanted: Iterable[str]) -> dict[str, list[int]]:
    """Offsets of strings that replace a symbol itself, or its module, for a while."""
    found: dict[str, list[int]] = defaultdict(list)
    names = {old: old.rpartition(".") for old in wanted}
    for fact in facts.strings:
        value = fact.value.replace(":", ".")
        for old, (module, _, name) in names.items():
            whole = value in (old, module) and fact.use in (StringUse.ATTRIBUTE_PATH, StringUse.MODULE_PATH)
            if whole or (fact.use is StringUse.ATTRIBUTE_NAME and value == name):
                found[old].append(fact.start)
    return found


def reexports(files: Iterable[FileFacts], wanted: Mapping[str, str]) -> dict[str, str]:
    """Names under which importing modules pass a wanted symbol on, with the dotted symbol that each one means."""
    known = dict(wanted)
    changed = True
    modules = [
        (facts.module, {name: next(iter(paths)) for (scope, name), paths in imported(facts).items()
                        if scope == MODULE and len(paths) == 1})
        for facts in files
        if facts.module
    ]  # fmt: skip
    while changed:
        changed = False
        for module, names in modules:
            for name, path in names.items():
                passed_on = f"{module}.{name}"
                if path in known and passed_on not in known:
                    known[passed_on] = known[path]
                    changed = True
    return known
