"""Takes the code of a finding or the id of a pattern, gives its explanation as blocks of text, or all as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from repoint.errors import UsageError
from repoint.explanations import Explanation, Stage, explain, explanations, near
from repoint.model import Severity
from repoint.reporting.layout import Block, Line, Tone

if TYPE_CHECKING:
    from repoint.manifest.decode import Migration
    from repoint.manifest.schema import Pattern

PATTERN = "pattern:"

_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CAUTION, Severity.INFO: Tone.QUIET}


def blocks_for(code: str, migration: Migration | None) -> tuple[Block, ...]:
    """What a code means; `pattern:ID`, or the id alone, is explained by the manifest's own words.

    Raises UsageError for a code that there is not, with those that may be meant.
    """
    patterns = {item.id: item for item in migration.manifest.pattern} if migration is not None else {}
    named = code.removeprefix(PATTERN)
    if (found := explain(code)) is not None:
        return tuple(_explanation(found))
    if named in patterns:
        return tuple(_pattern(patterns[named]))
    if code.startswith(PATTERN) and migration is None:
        raise UsageError(f"what {code} means is written in its manifest", mend="name the manifest as well")
    likely = near(code, *(PATTERN + item for item in patterns))
    listed = "docs/findings.md lists all codes" + (" but those of patterns" if patterns else "")
    mend = f"perhaps {' or '.join(likely)}; {listed}" if likely else listed
    raise UsageError(f"there is no code {code}", mend=mend)


def texts_for(migration: Migration) -> dict[str, str]:
    """In short what each code of an audit means, the manifest's patterns among them."""
    told = {code: item.meaning for code, item in explanations().items()}
    return told | {PATTERN + item.id: item.note or item.message for item in migration.manifest.pattern}


def _explanation(item: Explanation) -> Iterator[Block]:
    yield Line(f"{_severities(item)}[{item.code}], from {item.stage.value}", _TONES[item.severities[0]])
    for title, text in _paragraphs(item):
        yield Line()
        yield Line(f"{title}: {text}" if title else text)
    if item.example:
        yield Line()
        yield from _code(item.example)


def _pattern(item: Pattern) -> Iterator[Block]:
    yield Line(f"{item.severity.value}[{PATTERN}{item.id}], a [[pattern]] of the manifest", _TONES[item.severity])
    yield Line()
    yield Line(item.message)
    if item.note:
        yield Line()
        yield Line(item.note)
    rules = (("match", item.match), ("rule", item.rule), ("constraints", item.constraints), ("fix", item.fix))
    for title, value in rules:
        if value is not None:
            yield Line()
            yield Line(f"{title}:")
            yield from _code(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))
    yield Line()
    without = f", but for {', '.join(item.exclude)}" if item.exclude else ""
    yield Line(f"Looked for in {', '.join(item.files)}{without}.")
    done = "rewrites what it finds" if item.fix is not None else "only tells what it finds"
    yield Line(f"It {done}, by the form of the code alone: what a name is bound to does not count.")


def _code(text: str) -> Iterator[Block]:
    for line in text.splitlines():
        yield Line(line, indent=4, exact=True)


def _severities(item: Explanation) -> str:
    return " or ".join(severity.value for severity in item.severities)


def _paragraphs(item: Explanation) -> tuple[tuple[str, str], ...]:
    return ("", item.meaning), ("Why it matters", item.why), ("To mend it", item.mend)


def markdown() -> str:
    """All explanations as one Markdown page: a list by stage, then one section for each code, in alphabetical order."""
    parts = [
        "# Findings\n",
        "Every code that `plan`, `verify` and `audit` can give, with what it means and how it is mended. This page is "
        "generated from `src/repoint/explanations`; `repoint audit --explain CODE` shows one of them. Patterns "
        "(`pattern:ID`) are explained by the manifest that declares them.\n",
    ]
    for stage in Stage:
        codes = [item.code for item in explanations().values() if item.stage is stage]
        links = ", ".join(f"[`{code}`](#{code})" for code in codes)
        parts.append(f"- {stage.value}: {links}")
    parts.append("")
    parts += [_section(item) for item in explanations().values()]
    return "\n".join(parts)


def _section(item: Explanation) -> str:
    title = f"## `{item.code}`\n\n*{_severities(item)}, from {item.stage.value}*\n"
    told = [f"**{title}:** {text}\n" if title else f"{text}\n" for title, text in _paragraphs(item)]
    kind = "toml" if item.example.startswith(("[", "roots")) else "python"
    example = [f"```{kind}\n{item.example}\n```\n"] if item.example else []
    return "\n".join([title, *told, *example])
