"""The manifest's `[[pattern]]` tables in, `Rules` out: checked, ready for workers, and quick to pass over a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from repoint.analysis.words import has_any
from repoint.errors import Problem, UsageError
from repoint.manifest.globs import matches
from repoint.manifest.schema import Pattern
from repoint.model import Frozen
from repoint.patterns.needs import Needs, needs_of
from repoint.patterns.syntax import (
    RuleRefused,
    find_all,
    is_broken,
    parse_pattern,
    parse_tree,
    patterns_in,
    variables,
)


class Rules(Frozen, frozen=True):
    """Patterns in the manifest's order, and beside each the words that a file must hold for it to match there."""

    patterns: tuple[Pattern, ...] = ()
    words: tuple[Needs, ...] = ()

    def of(self, path: str) -> Rules:
        """The rules that look at the file of this path."""
        return self._only([applies(pattern, path) for pattern in self.patterns])

    @property
    def fixing(self) -> Rules:
        """The rules that rewrite what they match."""
        return self._only([pattern.fix is not None for pattern in self.patterns])

    def in_question(self, data: bytes) -> Rules:
        """The rules that may match in a file of these bytes."""
        return self._only([_may_match(needs, data) for needs in self.words])

    def wanted(self, data: bytes) -> bool:
        """Whether any rule may match in a file of these bytes; never no where one does."""
        return any(_may_match(needs, data) for needs in self.words)

    def candidates(self, paths: Iterable[str], search: Callable[[frozenset[str]], Iterable[str]]) -> set[str]:
        """Those of `paths` that are worth reading; `search` gives the files that hold any of some words.

        Rules that may match without any word are asked of every file that they look at.
        """
        searched = self._only([all(needs) for needs in self.words])
        others = self._only([not all(needs) for needs in self.words])
        found = set(search(searched.search_words or frozenset())) if searched.patterns else set[str]()
        return {path for path in paths if (path in found and searched.of(path).patterns) or others.of(path).patterns}

    @property
    def search_words(self) -> frozenset[str] | None:
        """Words of which every file that matters holds at least one; None where a rule may match without any."""
        alternatives = [words for needs in self.words for words in needs]
        if not all(alternatives):
            return None
        return frozenset(max(sorted(words), key=len) for words in alternatives)

    def _only(self, kept: list[bool]) -> Rules:
        if all(kept):
            return self
        places = [at for at, is_kept in enumerate(kept) if is_kept]
        return Rules(tuple(self.patterns[at] for at in places), tuple(self.words[at] for at in places))


def applies(pattern: Pattern, path: str) -> bool:
    """Whether a pattern looks at the file of this path."""
    return matches(path, pattern.files) and not matches(path, pattern.exclude)


def config_of(pattern: Pattern) -> dict[str, Any]:
    """A pattern as ast-grep takes it."""
    config: dict[str, Any] = {"rule": rule_of(pattern)}
    if pattern.constraints is not None:
        config["constraints"] = pattern.constraints
    return config


def rule_of(pattern: Pattern) -> dict[str, Any]:
    """The rule object of a pattern, which `match` is short for."""
    return {"pattern": pattern.match} if pattern.rule is None else pattern.rule


class Fault(NamedTuple):
    """What is wrong with the pattern at `position`, the key that is to blame, and how to mend it."""

    position: int
    id: str
    key: str
    what: str
    mend: str


def compile_patterns(patterns: tuple[Pattern, ...]) -> Rules:
    """The rules of `patterns`. Raises UsageError with a line for each that cannot be used."""
    if faults := problems_of(patterns):
        raise UsageError.all_of(tuple(Problem(fault.what, f"[[pattern]] {fault.id}", fault.mend) for fault in faults))
    return Rules(patterns, tuple(needs_of(rule_of(pattern)) for pattern in patterns))


def problems_of(patterns: tuple[Pattern, ...]) -> list[Fault]:
    """What is wrong with patterns, one fault for each that cannot be used."""
    return [
        Fault(position, pattern.id, *told)
        for position, pattern in enumerate(patterns)
        if (told := _problem_of(pattern)) is not None
    ]


def _problem_of(pattern: Pattern) -> tuple[str, str, str] | None:
    key = "rule" if pattern.rule is not None else "match"
    empty = parse_tree("")
    for part, config in ((key, {"rule": rule_of(pattern)}), ("constraints", config_of(pattern))):
        try:
            find_all(empty, config)
        except RuleRefused as error:
            return part, f"ast-grep does not take its `{part}`: {error}", "see ast-grep's reference of rules"
        for text, selector in patterns_in(config.get(part, config["rule"])):
            tree = parse_pattern(text, selector)
            if tree is not None and is_broken(tree):
                what = f"`{' '.join(text.split())}` is no Python, so that it would match nothing"
                mend = "write one whole statement or expression; `$NAME` stands for a node, `$$$NAME` for any number"
                return part, what, mend
    return _problem_of_fix(pattern)


def _problem_of_fix(pattern: Pattern) -> tuple[str, str, str] | None:
    if pattern.fix is None:
        return None
    caught = frozenset(name for text, _ in patterns_in(rule_of(pattern)) for name in variables(text))
    unknown = sorted(variables(pattern.fix) - caught)
    if unknown:
        known = f"it may name {', '.join(sorted(caught))}" if caught else "nothing is caught by it"
        return "fix", f"its `fix` names {', '.join(unknown)}, which it does not match", known
    return None


def _may_match(needs: Needs, data: bytes) -> bool:
    return any(all(has_any(data, (word.encode(),)) for word in words) for words in needs)
