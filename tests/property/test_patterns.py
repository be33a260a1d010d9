"""The sieve of patterns never drops a file in which one matches."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.analysis.parse import readable
from repoint.manifest.schema import Pattern
from repoint.patterns.rules import Rules, compile_patterns, problems_of
from repoint.patterns.scan import matches_in

NAMES = st.sampled_from(["a", "b", "ab", "print", "match", "größe"])


def expressions(leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
            st.tuples(NAMES, inner).map(lambda pair: f"{pair[0]}(key={pair[1]})"),
            st.tuples(NAMES, NAMES).map(".".join),
            inner.map(lambda item: f"[{item}, 1]"),
            inner.map(lambda item: f"f'{{{item}}}'"),
        )

    return st.recursive(leaf, larger, max_leaves=4)


def statements(leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inner = expressions(leaf)
    return st.one_of(
        inner,
        st.tuples(NAMES, inner).map(" = ".join),
        NAMES.map(lambda name: f"global {name}"),
        st.tuples(NAMES, inner).map(lambda pair: f"def {pair[0]}():\n    return {pair[1]}"),
        st.tuples(NAMES, inner).map(lambda pair: f"class {pair[0]}:\n    x = {pair[1]}"),
    )


PATTERNS = statements(st.one_of(NAMES, st.sampled_from(["$A", "$_"]))).map(lambda text: {"pattern": text})
SOURCES = st.lists(statements(NAMES), min_size=1, max_size=4).map("\n".join)


def combined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
        st.tuples(inner, inner).map(lambda pair: {**pair[0], "not": pair[1]}),
        st.tuples(inner, inner, st.sampled_from(["has", "inside", "precedes", "follows"])).map(
            lambda found: {**found[0], found[2]: {**found[1], "stopBy": "end"}}
        ),
    )


RULES = st.recursive(PATTERNS | st.just({"kind": "call"}), combined, max_leaves=4)


@given(RULES, st.lists(SOURCES, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_file_that_matches_is_dropped(rule: dict[str, Any], sources: list[str]) -> None:
    pattern = Pattern(id="p", message="m", rule=rule)
    if problems_of((pattern,)):
        return
    rules: Rules = compile_patterns((pattern,))
    for source in sources:
        data = source.encode()
        if matches_in(readable(data), rules.patterns):
            assert rules.wanted(data)
            assert rules.search_words is None or any(word.encode() in data for word in rules.search_words)
