"""Bowler scripts on one file: queries run in memory, nothing is written, and nothing that fails is swallowed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repoint.codemods.runners.load import runner_of
from repoint.codemods.values import Fate, Outcome, Subject, Unusable
from repoint.manifest.schema import CodemodKind

from bowler import Query  # isort: skip - after the runner, which keeps fissix off the disk
from fissix.fixer_base import BaseFix  # isort: skip

HERE = "tests/unit/codemods/test_bowler_runner.py"
End = Callable[[Query], Any]


def rename(query: Query, old: str, new: str) -> Query:
    return query.select_function(old).rename(new)


def run(codemod: object, text: str = "f(1)\n", **args: object) -> Outcome:
    subject = Subject(text=text, path="pkg/mod.py", module="pkg.mod", package="pkg")
    return runner_of(CodemodKind.BOWLER, codemod, args, "here:codemod")(subject)


def refused(codemod: object, **args: object) -> str:
    with pytest.raises(Unusable) as caught:
        run(codemod, **args)
    assert "\n" not in caught.value.what + caught.value.mend
    return f"{caught.value.what}; {caught.value.mend}"


def test_a_query_rewrites_the_text() -> None:
    text = "from a import f\ndef f(x): return f(x)\nprint(f(1), file=a.f)\n"
    after = "from a import g\ndef g(x): return g(x)\nprint(g(1), file=a.f)\n"
    assert run(rename, text, old="f", new="g") == Outcome(Fate.DONE, text=after)


@pytest.mark.parametrize(
    "end",
    [
        lambda query: query.execute(write=True),
        lambda query: query.write(),
        lambda query: query.diff(interactive=True),
        lambda query: query.idiff(),
        lambda query: query.silent(),
        lambda query: query.dump(),
        lambda query: query.dump(selector_pattern=True),
    ],
)
def test_what_would_run_a_query_does_nothing(
    end: End, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mod.py").write_text("f(1)\n")
    assert run(lambda query: end(rename(query, "f", "g"))).text == "g(1)\n"
    assert (Path("mod.py").read_text(), capfd.readouterr()) == ("f(1)\n", ("", ""))


def test_a_query_of_its_own_cannot_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mod.py").write_text("f(1)\n")
    told = refused(lambda _: rename(Query("."), "f", "g").write())
    assert "a query of its own would run on files here; build on the query that is given" in told
    assert Path("mod.py").read_text() == "f(1)\n"


SOURCES = [
    "",
    "\n\n",
    "x = 1",
    "if x:\n    y",
    "x = 1\n# comment",
    "x = 1\r\nif x:\r\n    y = '''a\r\nb'''\r\n",
    "x = 1\r\ny = 2",
    "x = 1\r\ny = 2\n",
    "x = 1\n\x0c\ndef g():\n  \x0c  pass\n",
    "if x:\n    y\n  # odd\n    z\n    # end",
    "print = 1\nexec(a)\nb.exec()\nprint(*a, sep='')\n",
    "if (n := 1): pass\nasync def g():\n    async with a as b: pass\n    return 1, *c\n",
    "f'{a!r:>{w}}' f'{b=}'\nx = '\u2028'\n",
]


@pytest.mark.parametrize("text", SOURCES)
def test_what_no_selector_matches_comes_back_as_it_was(text: str) -> None:
    assert run(rename, text, old="nowhere", new="new") == Outcome(Fate.DONE, text=text)


def test_new_lines_end_as_the_file_s_do() -> None:
    def encapsulate(query: Query) -> Query:
        return query.select_attribute("a").in_class("A").encapsulate()

    after = run(encapsulate, "class A:\r\n    a = 1\r\n").text
    assert after.count("\n") == after.count("\r\n") > 6


@pytest.mark.parametrize(
    ("text", "line", "likely"),
    [
        ("x = 1\nmatch x:\n    case 1: pass\n", 2, "a match statement"),
        ("def f(\n    a, /, b\n): pass\n", 2, "positional-only parameters"),
        ("class A:\n    f = lambda a, /: a\n", 2, "positional-only parameters"),
        ("with (\n    a as b,\n    c,\n): pass\n", 2, "parenthesised context managers"),
        ("try: pass\nexcept* E: pass\n", 2, "except*"),
        ("x[n:=1]\n", 1, "an assignment expression without parentheses"),
        ("a[*b]\n", 1, "its grammar is about that of Python 3.8, and lacks what stands there"),
        ("x = $\n", 1, ""),
        ("'''open\n", 1, ""),
        ("if x:\n        y\n    z\n", 3, ""),
    ],
)
def test_what_fissix_cannot_read_is_told_with_its_line(text: str, line: int, likely: str) -> None:
    reason = f"Bowler's parser (fissix) cannot read line {line}" + (f": {likely}" if likely else "")
    assert run(rename, text, old="f", new="g") == Outcome(Fate.UNREADABLE, reason=reason, line=line)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python itself cannot read it")
@pytest.mark.parametrize(("text", "likely"), [("def f[T](): pass\n", "type parameters"), ("type A = B\n", "a type st")])
def test_the_syntax_of_3_12_is_named(text: str, likely: str) -> None:
    assert f": {likely}" in run(rename, text, old="f", new="g").reason


def test_what_raises_in_a_filter_or_a_modifier_is_a_failure_with_its_place() -> None:
    def fail(node: object, capture: object, filename: object) -> bool:
        raise ValueError(f"no good: {filename}")

    failed = Outcome(Fate.FAILED, reason=f"ValueError: no good: pkg/mod.py ({HERE}:{fail.__code__.co_firstlineno + 1})")
    assert run(lambda query: rename(query, "f", "g").filter(fail)) == failed
    assert run(lambda query: rename(query, "f", "g").modify(fail)) == failed
    strings = run(lambda query: rename(query, "f", "g").filter("nothing"))
    assert strings == Outcome(Fate.FAILED, reason="NameError: name 'nothing' is not defined")


def test_a_codemod_may_ask_to_stop() -> None:
    def leave(node: object, capture: object, filename: object) -> None:
        sys.exit("enough")

    assert run(lambda query: query.select_root().modify(leave)).fate is Fate.EXITED


def test_fixers_run_and_their_messages_are_warnings() -> None:
    class Fixer(BaseFix):  # type: ignore[misc]
        PATTERN = "power< 'f' trailer< '(' any* ')' > >"

        def __init__(self, *given: object) -> None:
            super().__init__(*(given or ({}, [])))

        def transform(self, node: Any, results: Any) -> None:
            node.children[0].value = "g"

    class Warns(Fixer):
        def match(self, node: Any) -> Any:
            found = super().match(node)
            if found:
                self.warning(node, "seen")
            return found

    assert run(lambda query: query.fixer(Fixer)) == Outcome(Fate.DONE, text="g(1)\n")

    def compiled(query: Any) -> Any:
        query.compile = lambda: [Warns]
        return query

    assert run(compiled) == Outcome(Fate.DONE, text="g(1)\n", warnings=("Line 1: seen",))


def test_the_query_s_own_matcher_of_names_is_heard() -> None:
    def only(query: Query, end: str) -> Query:
        query.filename_matcher = lambda name: name.endswith(end)
        return rename(query, "f", "g")

    assert run(only, end="mod.py").text == "g(1)\n"
    assert run(only, end=".pyi").fate is Fate.SKIPPED


def test_python_2_is_read_when_the_query_says_so() -> None:
    def old(query: Query) -> Query:
        query.python_version = 2
        return rename(query, "f", "g")

    assert run(old, "print f(1)\n").text == "print g(1)\n"


def test_each_file_has_a_query_and_arguments_of_its_own() -> None:
    seen: list[Query] = []

    def turn(query: Query, names: list[str]) -> Query:
        names.append("b")
        assert names == ["a", "b"]
        seen.append(query)
        return query

    runner = runner_of(CodemodKind.BOWLER, turn, {"names": ["a"]}, "here")
    subject = Subject(text="x\n", path="a.py", module="a", package="")
    assert runner(subject).fate is runner(subject).fate is Fate.DONE
    assert len(set(map(id, seen))) == len(seen) == 3


def test_what_can_run_on_no_file_is_refused_before_the_first() -> None:
    assert refused(lambda query: None) == "here:codemod gives back NoneType; return the query that it is given"
    assert refused(lambda query: Query().select_root()).startswith("here:codemod gives back a query of its own; ")
    assert refused(lambda query: query.process(print)).startswith("here:codemod uses process(), which sees the hunks ")
    assert refused(lambda query: query.rename("x")).startswith(
        "here:codemod, called with its args, raised ValueError: "
    )
    assert "PatternSyntaxError" in refused(lambda query: query.select("power<"))
    assert refused(Query).startswith("here:codemod is not a function; name a function that takes a bowler.Query")
    assert refused(lambda: None) == "here:codemod takes no query; let its first parameter be the query"
    assert refused(rename, old="f", neu="g").endswith("; say `args` as it takes them: old, new")


def test_nothing_is_written_under_the_user_s_home(tmp_path: Path) -> None:
    script = (
        "from repoint.codemods.runners import bowler_runner as b\n"
        "from repoint.codemods.values import Subject\n"
        "r = b.bowler_runner(lambda q: q.select_function('f').rename('g'), {}, 'here')\n"
        "print(r(Subject(text='f()', path='a.py', module='a', package='')).text)\n"
    )
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LOCALAPPDATA": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], env=env, capture_output=True, text=True)
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("g()\n", "", [])
