"""`module:object` becomes a codemod, or one line that says why it cannot and one that says how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repoint.codemods.runners import load
from repoint.codemods.values import Fate, Step, Subject, Unusable
from repoint.manifest.schema import CodemodKind

Write = Callable[[str, str], None]
SUBJECT = Subject(text="f()\n", path="a.py", module="a", package="")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a module that can be imported until the test ends."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        module = name.partition("/")[0].removesuffix(".py")
        assert module not in sys.modules, "each test names modules of its own"

    return write


def step(kind: str, ref: str, **args: object) -> Step:
    return Step(kind=CodemodKind(kind), ref=ref, args=args)


def refused(ref: str, kind: str = "libcst", **args: object) -> tuple[str, str]:
    with pytest.raises(Unusable) as caught:
        load(step(kind, ref, **args))
    assert "\n" not in caught.value.what + caught.value.mend
    return caught.value.what, caught.value.mend


def test_a_class_and_a_function_are_found_beside_the_manifest_or_installed(write: Write) -> None:
    write(
        "found_it.py", "class Holder:\n    @staticmethod\n    def turn(query):\n        return query.select('NAME')\n"
    )
    assert load(step("bowler", "found_it:Holder.turn"))(SUBJECT).text == "f()\n"
    rename = "libcst.codemod.commands.rename:RenameCommand"
    assert load(step("libcst", rename, old_name="a.b", new_name="c.d"))(SUBJECT).fate is Fate.DONE


def test_a_module_that_is_not_there() -> None:
    assert refused("no_such.thing:Codemod") == (
        "the module no_such.thing cannot be found",
        "put no_such/thing.py beside the manifest, or install what has it beside repoint",
    )


def test_a_module_that_is_named_like_its_file(write: Write) -> None:
    write("named.py", "")
    assert refused("named.py:Codemod") == (
        "the module named.py cannot be found",
        "a module is named without `.py`: write named",
    )


def test_a_module_that_a_codemod_needs_is_not_there(write: Write) -> None:
    write("needs_more.py", '"""Doc."""\nimport no_such_thing\n')
    assert refused("needs_more:Codemod") == (
        "the module needs_more imports no_such_thing, which cannot be found (needs_more.py:2)",
        "put no_such_thing beside the manifest, install it beside repoint, or mend that import",
    )
    write("needs_itself.py", "import needs_itself.part\n")
    assert refused("needs_itself:Codemod")[0].startswith("the module needs_itself imports needs_itself.part, which ")


def test_a_module_that_raises(write: Write) -> None:
    write("raises/__init__.py", "\nfrom raises import deeper\n")
    write("raises/deeper.py", "def fail():\n    raise ValueError('no')\nfail()\n")
    assert refused("raises:Codemod")[0] == "importing raises raised ValueError: no (raises/deeper.py:2)"
    write("misspelt.py", "x = 1\ndef\n")
    assert (
        refused("misspelt:Codemod")[0] == "importing misspelt raised SyntaxError: invalid syntax (misspelt.py, line 2)"
    )
    write("wants.py", "from os import no_such_name\n")
    what, _ = refused("wants:Codemod")
    assert what.startswith("importing wants raised ImportError: cannot import name 'no_such_name'")
    assert what.endswith("(wants.py:1)")


def test_a_script_that_ends_when_it_is_imported(write: Write) -> None:
    write("script.py", "import sys\nsys.exit(2)\n")
    assert refused("script:main", "bowler") == (
        "importing script ends the process: SystemExit: 2 (script.py:2)",
        'put what it runs below `if __name__ == "__main__":`',
    )


def test_a_script_that_runs_its_query_when_it_is_imported(write: Write, tmp_path: Path) -> None:
    write(
        "runs_at_once.py",
        f"from bowler import Query\nQuery({str(tmp_path)!r}).select_function('f').rename('g').write()\n",
    )
    (tmp_path / "user.py").write_text("f()\n")
    what, _ = refused("runs_at_once:main", "bowler")
    assert "a query of its own would run on files here" in what
    assert what.endswith("(runs_at_once.py:2)")
    assert (tmp_path / "user.py").read_text() == "f()\n"


def test_an_object_that_is_not_there(write: Write, tmp_path: Path) -> None:
    write("lacks.py", "class Inject:\n    class Inner: pass\n")
    found = f"the module lacks has no Injct; it is {tmp_path / 'lacks.py'}"
    assert refused("lacks:Injct") == (found, "it has Inject")
    assert refused("lacks:Inject.Iner") == ("lacks:Inject has no Iner", "it has Inner")
    assert refused("lacks:zzz")[1] == "name a class or a function that it has"


def test_the_other_kind_is_recognised(write: Write) -> None:
    write("others.py", "def turn(query): return query\n")
    assert 'kind = "bowler"' in refused("others:turn")[1]
    assert 'kind = "libcst"' in refused("libcst.codemod.commands.noop:NOOPCommand", "bowler")[1]
