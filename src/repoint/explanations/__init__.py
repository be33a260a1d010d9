"""What each code of a finding or of an audit means: a code in, its explanation out; data alone, told apart by stage."""

from __future__ import annotations

from functools import cache

from repoint.explanations.entry import Explanation, Stage

__all__ = ["Explanation", "Stage", "explain", "explanations", "near"]


@cache
def explanations() -> dict[str, Explanation]:
    """All explanations by their code, in alphabetical order."""
    from repoint.explanations import (
        audit,
        codemods,
        compatibility,
        imports,
        patterns,
        proof,
        reading,
        strings,
        stubs,
        verify,
    )

    modules = (audit, codemods, compatibility, imports, patterns, proof, reading, strings, stubs, verify)
    found = {item.code: item for module in modules for item in module.ENTRIES}
    return {code: found[code] for code in sorted(found)}


def explain(code: str) -> Explanation | None:
    """The explanation of a code; None where there is no such code."""
    return explanations().get(code)


def near(code: str, *more: str) -> tuple[str, ...]:
    """Codes, those in `more` among them, that may be meant by one that does not exist; the likeliest first."""
    from difflib import get_close_matches

    known = [*explanations(), *more]
    asked = code.strip().lower().replace("_", "-")
    partly = [item for item in known if asked and (asked in item or item in asked)]
    return tuple(dict.fromkeys([*get_close_matches(asked, known, n=3, cutoff=0.6), *partly]))[:3]
