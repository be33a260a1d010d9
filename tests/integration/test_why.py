"""`repoint why`: a line of a real repository, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit, UsageError
from repoint.explaining.places import Place, find_path, parse_place
from tests.conftest import MakeRepo, git

MANIFEST = """\
name = "case"

[scope]
exclude = ["vendor/**"]

[[move]]
old = "pkg.old:Engine"
new = "pkg.new:UserEngine"

[[stub]]
module = "pkg.old"

[[except]]
files = ["tests/compat/*"]
reason = "tests of the redirect"
"""

FILES = {
    "pkg/__init__.py": b"",
    "pkg/old.py": b"from pkg.context import Context\n\n\nclass Engine:\n    pass\n",
    "pkg/old_tools.py": b"class Engine:\n    pass\n",
    "pkg/context.py": b"class Context:\n    pass\n",
    "pkg/new.py": b"class UserEngine:\n    pass\n",
    "app/__init__.py": b"from pkg.old import Engine\n",
    "app/service.py": b"import os\nfrom pkg.old import (\n    Context,\n    Engine,\n)\n\n\n"
    b"def make(Context):\n    return Engine(Context, os)\n",
    "app/same.py": b"from pkg.old import Context\nfrom pkg.new import UserEngine\nfrom pkg.old import Engine\n"
    b"print(Context, Engine, UserEngine)\n",
    "app/joined.py": b"from pkg.new import UserEngine as Mine\nfrom pkg.old import Engine\nprint(Mine, Engine)\n",
    "app/whole.py": b"import pkg.old as engines\nprint(engines.Engine)\n",
    "app/passed.py": b"import pkg.old as engines\nprint(engines)\n",
    "app/kept.py": b"from pkg.old import Engine  # repoint: keep\n\n\ndef make():\n    return Engine()\n",
    "app/alike.py": b"from pkg.old_tools import Engine\nfrom pkg.new import UserEngine\nEngine()\n",
    "app/reached.py": b"from pkg.old import Engine\nprint(Engine)\n",
    "app/reaching.py": b"from app.reached import Engine\nprint(Engine)\n",
    "app/clash.py": b"from pkg.old import Engine\nUserEngine = 1\nEngine()\n",
    "app/broken.py": b"from pkg.old import Engine\ndef (:\n",
    "app/strings.py": b'"""About pkg.old.Engine."""\nimport importlib\nimportlib.import_module("pkg.old")\n'
    b'from unittest.mock import patch\npatch("pkg.old.Engine")\n',
    "tests/compat/test_old.py": b"from pkg.old import Engine\n",
    "vendor/copy.py": b"from pkg.old import Engine\n",
    "README.md": b"See pkg.old.Engine.\n",
}


@pytest.fixture
def repo(make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_repo(FILES)
    (tmp_path / "m.toml").write_text(MANIFEST, encoding="utf-8")
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def ask(repo: Path, capsys: pytest.CaptureFixture[str]):
    """A function of a place that gives the answer as a value, whose subjects are told by their text."""

    def answer(place: str, *args: str) -> dict:
        assert main(["why", place, "../m.toml", "--json", *args]) == Exit.DONE
        return json.loads(capsys.readouterr().out)

    return answer


def subjects(answer: dict) -> dict[str, str]:
    return {item["text"]: item["verdict"] for item in answer["subjects"]}


def evidence(answer: dict) -> str:
    return " | ".join(text for item in answer["subjects"] for text in item["evidence"])


def test_an_import_is_told_with_the_table_that_moves_it(ask) -> None:
    answer = ask("app/service.py:4")
    assert (answer["path"], answer["line"], answer["text"]) == ("app/service.py", 4, "    Engine,")
    (engine,) = answer["subjects"]
    assert engine["verdict"] == "changes"
    assert engine["rule"] == {"text": "[[move]] pkg.old:Engine → pkg.new:UserEngine", "line": 7}
    assert "UserEngine" in "".join(change["after"] for change in answer["changes"])
    assert answer["batch"].endswith("app")


def test_an_import_of_which_only_the_module_changes_changes(ask) -> None:
    assert subjects(ask("app/same.py:1")) == {"Context": "changes"}
    assert subjects(ask("app/same.py:2")) == {"UserEngine": "is canonical"}
    assert "its import changes, and the local name `Context` does not" in evidence(ask("app/same.py:4"))


def test_an_import_of_the_whole_module_is_governed_by_the_names_that_are_read_from_it(ask) -> None:
    assert subjects(ask("app/whole.py:1")) == {"pkg.old as engines": "changes"}
    assert subjects(ask("app/whole.py:2")) == {"engines.Engine": "changes"}
    (passed,) = ask("app/passed.py:2")["subjects"]
    assert (passed["verdict"], passed["rule"]["line"]) == ("stays", 7)
    assert "only names of this module move" in passed["evidence"][-1]


def test_an_import_that_another_one_joins_says_so(ask) -> None:
    joined = ask("app/joined.py:1")
    assert subjects(joined) == {"UserEngine as Mine": "is canonical"}
    assert joined["changes"]
    assert "another import of this module joins it" in evidence(joined)


def test_a_name_that_only_a_stub_passes_on_is_told_with_its_definition(ask) -> None:
    (context,) = ask("app/service.py:3")["subjects"]
    assert context["rule"]["text"] == "[[stub]] pkg.old, whose `Context` is really defined as pkg.context.Context"


def test_a_use_is_told_with_its_import_and_a_parameter_is_not_taken_for_one(ask) -> None:
    answer = ask("app/service.py:9")
    assert subjects(answer) == {"Engine": "changes", "Context": "is not governed"}
    assert "`Engine` is bound by the import on line 2, to pkg.old.Engine" in evidence(answer)
    assert "`Context` is bound on line 8, as a parameter" in evidence(answer)
    assert subjects(ask("app/service.py:9:12")) == {"Engine": "changes"}


def test_a_comment_that_keeps_a_line_is_told_at_the_import_and_at_its_uses(ask) -> None:
    assert "the line says `# repoint: keep`" in evidence(ask("app/kept.py:1"))
    answer = ask("app/kept.py:5")
    assert subjects(answer) == {"Engine": "stays"}
    assert "line 1 says `# repoint: keep`" in evidence(answer)


def test_what_looks_alike_is_told_apart(ask, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert subjects(ask("app/alike.py:1")) == {"Engine": "is not governed"}
    assert subjects(ask("app/alike.py:2")) == {"UserEngine": "is canonical"}
    assert main(["why", "app/alike.py:3", "../m.toml"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "it looks like pkg.old.Engine, but no rule names pkg.old_tools.Engine" in " ".join(shown.split())
    assert shown.endswith("Nothing on this line is bound to a path that moves.\n")


def test_a_line_without_any_of_it_gets_a_plain_answer(ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "app/service.py:1", "../m.toml"]) == Exit.DONE
    assert capsys.readouterr().out.endswith("Nothing on this line is bound to a path that moves.\n")


def test_a_surface_keeps_its_name_and_who_reaches_it_is_told(ask) -> None:
    assert "it is reached from app/reaching.py" in evidence(ask("app/reached.py:2"))
    assert "by `as`: it is reached from app/reaching.py" in evidence(ask("app/reached.py:1"))
    assert "it is the surface of this file" in evidence(ask("app/__init__.py:1"))


def test_a_clash_is_told_by_its_finding(ask) -> None:
    assert [item["code"] for item in ask("app/clash.py:1")["findings"]] == ["name-clash"]
    assert "a finding on line 1 says why" in evidence(ask("app/clash.py:3"))


def test_strings_are_told_by_their_use(ask) -> None:
    assert "is a string: attribute path" in evidence(ask("app/strings.py:5"))
    prose = ask("app/strings.py:1")
    assert [item["code"] for item in prose["findings"]] == ["path-in-text"]
    assert not prose["changes"]


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("tests/compat/test_old.py:1", "is kept as it is by [[except]] tests/compat/*: tests of the redirect (line 14"),
        ("vendor/copy.py:1", "is not in scope: [scope] exclude has vendor/**"),
        ("README.md:1", "is no Python"),
        ("app/broken.py:1", "names an old path, but"),
        ("pkg/old.py:4", 'becomes a stub as a whole, by [[stub]] pkg.old, mode = "redirect" (line 11'),
        ("pkg/new.py:1", "names no old path"),
    ],
)
def test_what_holds_for_the_whole_file_is_told(ask, place: str, told: str) -> None:
    assert told in " ".join(ask(place)["file"])


def test_a_plan_alone_tells_what_changes_and_what_was_found(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "../m.toml", "--out", "../p.json"])
    capsys.readouterr()
    git(repo, "commit", "-q", "--allow-empty", "-m", "later")
    assert main(["why", "app/clash.py:1", "--plan", "../p.json"]) == Exit.DONE
    shown = capsys.readouterr().out
    for part in ("    + UserEngine as Engine", "In batch", "warning[name-clash]"):
        assert part in shown
    assert main(["why", "app/clash.py:2", "--plan", "../p.json"]) == Exit.DONE
    assert "The plan changes nothing on this line" in capsys.readouterr().out
    assert main(["why", "pkg/old.py:1", "--plan", "../p.json"]) == Exit.DONE
    assert "The file becomes a stub as a whole." in capsys.readouterr().out


def test_a_line_that_a_batch_brought_names_the_batch(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "../m.toml", "--out", "../p.json"])
    assert main(["apply", "../p.json", "--no-gates"]) == Exit.DONE
    capsys.readouterr()
    assert main(["why", "app/reached.py:1", "../m.toml", "--rev", "repoint/case"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "The line came with" in shown
    assert "of case (plan " in shown


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["app/service.py:99", "../m.toml"], "app/service.py:99: has 9 lines at"),
        (["app/none.py:1", "../m.toml"], "app/none.py: is no tracked file at"),
        (["service.py:1", "../m.toml"], "perhaps app/service.py"),
        (["app/service.py", "../m.toml"], "is no PATH:LINE; write a line from 1"),
        (["app/service.py:0", "../m.toml"], "is no PATH:LINE"),
        (["app/service.py:1"], "neither a manifest nor a plan"),
        (["app/service.py:1", "../none.toml"], "cannot be read"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    repo: Path, capsys: pytest.CaptureFixture[str], args: list[str], told: str
) -> None:
    assert main(["why", *args]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1


def test_a_plan_of_another_manifest_is_refused(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "../m.toml", "--out", "../p.json"])
    Path("../m.toml").write_text(MANIFEST + "# more\n", encoding="utf-8")
    assert main(["why", "app/clash.py:1", "../m.toml", "--plan", "../p.json"]) == Exit.USAGE
    assert "another manifest than the plan was made of" in capsys.readouterr().err


def test_a_place_is_written_in_many_ways() -> None:
    assert parse_place("a/b.py:3") == Place("a/b.py", 3, 0)
    assert parse_place("a/b.py:3:7") == Place("a/b.py", 3, 7)
    assert parse_place("C:\\work\\b.py:3:7") == Place("C:\\work\\b.py", 3, 7)
    assert parse_place("C:\\work\\b.py:3:") == Place("C:\\work\\b.py", 3, 0)


def test_a_path_is_looked_for_from_the_top_and_from_here(tmp_path: Path) -> None:
    tracked = {"a.py", "sub/a.py", "sub/b.py"}
    here = tmp_path / "sub"
    assert find_path("a.py", tracked, tmp_path, here, "0" * 40) == "a.py"
    assert find_path("./a.py", tracked, tmp_path, here, "0" * 40) == "sub/a.py"
    assert find_path("b.py", tracked, tmp_path, here, "0" * 40) == "sub/b.py"
    assert find_path("sub\\b.py", tracked, tmp_path, here, "0" * 40) == "sub/b.py"
    assert find_path(str(here / "b.py"), tracked, tmp_path, tmp_path, "0" * 40) == "sub/b.py"
    with pytest.raises(UsageError, match="is no tracked file"):
        find_path("../../b.py", tracked, tmp_path, here, "0" * 40)


def test_what_an_audit_counts_on_the_line_is_told(ask, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern without a fix, a re-export, a call: no rule of the plan's, and yet `check` speaks of the line."""
    manifest = repo.parent / "m.toml"
    rule = '[[pattern]]\nid = "no-print"\nmatch = "print($$$)"\nmessage = "prints"\nnote = "log it"\n'
    manifest.write_text(MANIFEST + rule, encoding="utf-8")
    assert [item["code"] for item in ask("app/reached.py:2")["counted"]] == ["pattern:no-print"]
    assert [item["code"] for item in ask("app/reaching.py:1")["counted"]] == ["reexport-import"]
    assert [item["code"] for item in ask("app/alike.py:2")["counted"]] == ["canonical-import"]
    assert ask("app/alike.py:1")["counted"] == []
    assert main(["why", "app/reaching.py:2", str(manifest)]) == Exit.DONE
    shown = capsys.readouterr().out
    assert "audit, column 1: warning[pattern:no-print]: prints" in shown and "To mend it: log it" in shown
    assert "Nothing on this line" not in shown
