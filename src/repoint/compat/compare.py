"""Two definitions in, what the new one lacks or has otherwise out, as lines for the plan's table."""

from __future__ import annotations

from collections.abc import Iterator

from repoint.compat.values import Definition, Flavour, Has, Kind, Member, MemberKind, Pair, Signature

_CALLED = (MemberKind.METHOD, MemberKind.CLASSMETHOD, MemberKind.STATICMETHOD)


def differs(pair: Pair) -> bool:
    """Whether any use can meet a difference."""
    return next(differences(pair.before, pair.after), None) is not None


def differences(before: Definition, after: Definition) -> Iterator[str]:
    """Every difference that a user may meet, in words; nothing about what cannot be known."""
    if before.is_class != after.is_class:
        yield "a class becomes a function" if before.is_class else "a function becomes a class"
    if before.call is not None and after.call is not None:
        yield from (f"call: {text}" for text in between(before.call[-1], after.call[-1]))
    for name in missing(before, after):
        yield f"`{name}` is missing"
    for name, old in sorted(before.members.items()):
        new = after.members.get(name)
        if new is not None and not name.startswith("__"):
            yield from (f"`{name}`: {text}" for text in _of_member(old, new))
    for base in lost_bases(before, after):
        yield f"`{base}` is no base any more"


def missing(before: Definition, after: Definition) -> list[str]:
    """Members of the old definition that the new one surely lacks, on the class or on instances."""
    return sorted(
        name
        for name, member in before.members.items()
        if after.has(name, True) is Has.NO or (member.on_class and after.has(name, False) is Has.NO)
    )


def lost_bases(before: Definition, after: Definition) -> list[str]:
    """Bases of the old class that the new one surely does not have."""
    if not (before.is_class and after.is_class and after.known_bases):
        return []
    kept = {*after.bases, after.symbol.dotted, "builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
    return [base for base in before.bases if base not in kept]


def _of_member(old: Member, new: Member) -> Iterator[str]:
    if MemberKind.PROPERTY in (old.kind, new.kind) and old.kind is not new.kind:
        if MemberKind.ATTRIBUTE not in (old.kind, new.kind):
            yield f"a {old.kind.value} becomes a {new.kind.value}"
        return
    if old.kind is not new.kind and old.kind in _CALLED and new.kind in _CALLED:
        yield f"a {old.kind.value} becomes a {new.kind.value}"
    before, after = old.call(on_instance=True), new.call(on_instance=True)
    if before is not None and after is not None:
        yield from between(before[-1], after[-1])


def between(old: Signature, new: Signature) -> Iterator[str]:
    """How the parameters and the flavour of two signatures differ."""
    before = {item.name: item for item in old.parameters}
    after = {item.name: item for item in new.parameters}
    kinds = {item.kind for item in new.parameters}
    for name, item in before.items():
        open_to = {Kind.VAR_KEYWORD} if item.kind is Kind.KEYWORD_ONLY else {Kind.VAR_KEYWORD, Kind.VAR_POSITIONAL}
        if name not in after and not (open_to & kinds):
            yield f"parameter `{name}` is gone"
    for name, item in after.items():
        known = before.get(name)
        if item.required and item.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD):
            if known is None:
                yield f"parameter `{name}` is required"
            elif not known.required:
                yield f"parameter `{name}` becomes required"
        if known is not None and known.kind is not item.kind:
            yield f"parameter `{name}` becomes {item.kind.value}"
    yield from _moved(old, new)
    if old.flavour is not new.flavour:
        yield f"becomes {_said(new.flavour)} (was {_said(old.flavour)})"


def _moved(old: Signature, new: Signature) -> Iterator[str]:
    positional = (Kind.POSITIONAL, Kind.POSITIONAL_ONLY)
    before = [item.name for item in old.parameters if item.kind in positional]
    after = [item.name for item in new.parameters if item.kind in positional]
    for at, name in enumerate(before):
        if name in after and after.index(name) != at:
            yield f"parameter `{name}` moves from place {at + 1} to {after.index(name) + 1}"


def _said(flavour: Flavour) -> str:
    return flavour.value or "a plain function"


def rendered(definition: Definition) -> str:
    """How the definition is called: `async name(a, b=…)`; the name alone where that is not known."""
    name = definition.symbol.name
    return name if definition.call is None else definition.call[-1].of(name)
