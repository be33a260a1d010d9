"""Patterns are checked as a manifest is read, and each tells which words a file must hold."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from repoint.errors import ManifestErrors, UsageError
from repoint.manifest.schema import Pattern
from repoint.patterns.rules import applies, compile_patterns, problems_of
from repoint.pipeline import read_manifest


def pattern(match: str | None = None, **keys: Any) -> Pattern:
    return Pattern(**{"id": "rule", "message": "told", "match": match} | keys)


REFUSED = [
    (pattern("foo("), "match", "`foo(` is no Python"),
    (pattern("a b"), "match", "Multiple AST nodes"),
    (pattern(" "), "match", "No AST root"),
    (pattern("$$$A"), "match", "Standalone multi meta variable `$$$A`"),
    (pattern(rule={"kind": "nope"}), "rule", "Kind `nope` is invalid"),
    (pattern(rule={"regex": "("}), "rule", "unclosed group"),
    (pattern(rule={"foo": "x"}), "rule", "unknown field `foo`"),
    (pattern(rule={}), "rule", "must have one positive matcher"),
    (pattern(rule={"matches": "other"}), "rule", "`other` is not defined"),
    (pattern(rule={"any": [{"pattern": "f("}, {"pattern": "g()"}]}), "rule", "`f(` is no Python"),
    (pattern("f($A)", constraints={"A": {"kind": "nope"}}), "constraints", "Kind `nope`"),
    (pattern("f($A)", constraints={"A": {"pattern": "x ="}}), "constraints", "`x =` is no Python"),
    (pattern("f($A)", constraints={"B": {"kind": "call"}}), "constraints", "Undefined meta var `B`"),
    (pattern("f($A)", fix="g($B)"), "fix", "names $B, which it does not match"),
    (pattern("f($A)", fix="g($$$A)"), "fix", "names $$$A"),
]


@pytest.mark.parametrize(("item", "key", "what"), REFUSED)
def test_what_would_never_match_is_refused(item: Pattern, key: str, what: str) -> None:
    (fault,) = problems_of((item,))
    assert (fault.position, fault.id, fault.key) == (0, "rule", key)
    assert what in fault.what
    assert "\n" not in fault.what
    assert fault.mend
    with pytest.raises(UsageError, match=r"^\[\[pattern\]\] rule: "):
        compile_patterns((item,))


@pytest.mark.parametrize(
    "match",
    ["f($$$A)", "class $A($$$B): $$$C", "global $N", "print $A", "return $X", "await $X", "'$A'", "$X = $Y"],
)
def test_whole_statements_and_expressions_are_taken(match: str) -> None:
    assert problems_of((pattern(match),)) == []


def test_a_manifest_tells_every_bad_pattern_with_its_line(tmp_path: Path) -> None:
    manifest = tmp_path / "m.toml"
    manifest.write_text(
        'name = "x"\n\n[[pattern]]\nid = "one"\nmessage = "m"\nmatch = "f("\n\n'
        '[[pattern]]\nid = "two"\nmessage = "m"\nmatch = "f($A)"\nfix = "$B"\n'
    )
    with pytest.raises(ManifestErrors) as caught:
        read_manifest(manifest)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{manifest}:6: [[pattern]] one: `f(` is no Python")
    assert second.startswith(f"{manifest}:12: [[pattern]] two: its `fix` names $B")


def words(rule: dict[str, Any]) -> set[frozenset[str]]:
    return set(compile_patterns((pattern(rule=rule),)).words[0])


NOTHING = {frozenset[str]()}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"pattern": "a.b($X, key=c)"}, {frozenset({"a", "b", "key", "c"})}),
        ({"pattern": "f('word')"}, {frozenset({"f"})}),
        ({"pattern": "größe(f)"}, {frozenset({"f"})}),  # which other encodings spell in other bytes
        ({"kind": "call", "regex": "word"}, NOTHING),
        ({"pattern": {"context": "a.b", "strictness": "signature"}}, NOTHING),
        ({"pattern": {"context": "class A:\n    b = None", "selector": "assignment"}}, {frozenset({"b"})}),
        ({"kind": "call", "not": {"pattern": "word"}}, NOTHING),
        ({"kind": "call", "has": {"pattern": "word", "stopBy": {"pattern": "other"}}}, {frozenset({"word"})}),
        ({"pattern": "f()", "inside": {"pattern": "g(h)", "stopBy": "end"}}, {frozenset({"f", "g", "h"})}),
        ({"any": [{"pattern": "f()"}, {"pattern": "g()"}]}, {frozenset({"f"}), frozenset({"g"})}),
        ({"any": [{"pattern": "f()"}, {"kind": "call"}]}, NOTHING),
        ({"all": [{"pattern": "$A.f()"}, {"has": {"pattern": "g"}}]}, {frozenset({"f", "g"})}),
    ],
)
def test_words_are_those_that_a_match_cannot_do_without(rule: dict[str, Any], expected: set[frozenset[str]]) -> None:
    assert words(rule) == expected


def test_many_alternatives_are_told_by_a_part_of_them() -> None:
    either = [{"any": [{"pattern": f"f{at}{letter}()"} for at in range(9)]} for letter in "ab"]
    assert words({"all": either}) == {frozenset({f"f{at}a"}) for at in range(9)}


def test_rules_pass_over_files_without_their_words() -> None:
    rules = compile_patterns((pattern("f(g)"), pattern("h()")))
    assert rules.wanted(b"f = g")
    assert rules.wanted(b"x.h")
    assert not rules.wanted(b"f = gg")
    assert rules.search_words is not None
    assert len(rules.search_words & {"f", "g"}) == 1
    assert "h" in rules.search_words
    assert compile_patterns((*rules.patterns, pattern("$A is $A"))).search_words is None


def test_rules_are_for_the_files_that_they_name() -> None:
    item = pattern("f()", files=("app/**",), exclude=("**/test_*.py",))
    assert [applies(item, path) for path in ("app/a.py", "app/test_a.py", "other/a.py")] == [True, False, False]
    rules = compile_patterns((item, pattern("g()", id="other")))
    assert [found.id for found in rules.of("other/a.py").patterns] == ["other"]
    assert rules.of("app/a.py") is rules


def test_rules_go_to_worker_processes() -> None:
    rules = compile_patterns((pattern("f($A)", constraints={"A": {"regex": "x"}}), pattern(rule={"pattern": "g()"})))
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_a_manifest_without_patterns_loads_no_ast_grep(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('name = "x"\n')
    script = f"import sys, pathlib, repoint.pipeline as p; p.read_manifest(pathlib.Path({str(tmp_path / 'm.toml')!r}))"
    script += "; print('ast_grep_py' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_only_files_that_may_matter_are_read() -> None:
    named = pattern("f()", files=("app/**",))
    unnamed = pattern("$A is $A", id="other", files=("lib/**",))
    asked: list[frozenset[str]] = []

    def search(words: frozenset[str]) -> list[str]:
        asked.append(words)
        return ["app/a.py", "lib/a.py", "other/a.py"]

    paths = ["app/a.py", "app/b.py", "lib/b.py", "other/a.py"]
    assert compile_patterns((named, unnamed)).candidates(paths, search) == {"app/a.py", "lib/b.py"}
    assert asked == [frozenset({"f"})]
    assert compile_patterns((unnamed,)).candidates(paths, search) == {"lib/b.py"}
    assert len(asked) == 1
