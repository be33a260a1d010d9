"""What a file must hold for a rule to match anything in it: a rule in, words out. Never a word too many."""

from __future__ import annotations

from typing import Any

from repoint.patterns.syntax import NESTED, RuleRefused, identifiers, parse_pattern

Words = frozenset[str]
Needs = frozenset[Words]  # alternatives: a match takes all the words of at least one

ANYTHING: Needs = frozenset({Words()})
_MOST = 64


def needs_of(rule: Any) -> Needs:
    """The words of a rule object: a match takes each of its keys. Without a `pattern` nothing is known."""
    if not isinstance(rule, dict):
        return ANYTHING
    found = ANYTHING
    for key, value in rule.items():
        found = _both(found, _of_key(key, value))
    return found


def _of_key(key: str, value: Any) -> Needs:
    if key == "pattern":
        return _of_pattern(value)
    if key in NESTED:
        return needs_of(value)  # `stopBy` and `field` in it are no keys that are known here
    if key == "all" and isinstance(value, list | tuple):
        found = ANYTHING
        for item in value:
            found = _both(found, needs_of(item))
        return found
    if key == "any" and isinstance(value, list | tuple):
        either = frozenset(words for item in value for words in needs_of(item))
        return ANYTHING if Words() in either or len(either) > _MOST else either
    return ANYTHING  # `not`, `kind`, `regex`, `nthChild`, `range`: no word is sure


def _of_pattern(pattern: Any) -> Needs:
    text, selector, strictness = pattern, None, "smart"
    if isinstance(pattern, dict):
        text, selector = pattern.get("context"), pattern.get("selector")
        strictness = pattern.get("strictness", strictness)
    if not isinstance(text, str) or strictness == "signature":  # which compares no names
        return ANYTHING
    try:
        tree = parse_pattern(text, selector)
    except RuleRefused:
        return ANYTHING
    return ANYTHING if tree is None else frozenset({Words(identifiers(tree))})


def _both(first: Needs, second: Needs) -> Needs:
    """What holds where both hold; one of them alone where that would be too much to tell."""
    if len(first) * len(second) > _MOST:
        return min(first, second, key=len)
    return frozenset(one | other for one in first for other in second)
