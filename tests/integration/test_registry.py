"""`repoint registry`: what it writes of a real repository through the phases, and how CI checks it."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from repoint.cli import main
from repoint.errors import Exit
from repoint.registry.signatures import parameters
from tests.conftest import MakeRepo, git
from tests.injection_tools import copy_codemod

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "execution_engines"
MIGRATION = ROOT / "codemods" / "execution_engine" / "migration.toml"
Captured = pytest.CaptureFixture[str]

MANIFEST = """\
name = "case"
description = "One *engine* | for all.\\n1. <b>Really</b>"

[[move]]
old = "pkg.old:Engine"
new = "pkg.new:UserEngine"

[[move]]
old = "pkg.old:make"
new = "pkg.new:make"

[[move]]
old = "pkg.never:Engine"
new = "pkg.new:UserEngine"

[[move]]
old = "pkg.patched:UserEngine"
new = "pkg.passing:UserEngine"

[[move]]
old = "pkg.whole"
new = "pkg.core"

[[move]]
old = "typing:List"
new = "builtins:list"

[[canonical]]
symbol = "pkg.core:Core"

[[stub]]
module = "pkg.old"
keep = ["helper"]
"""

FILES = {
    "pkg/__init__.py": b"",
    "pkg/new.py": b"class UserEngine:\n    def __init__(self, context: 'int | None', /, *, limit: int = 5): ...\n"
    b"\n\ntry:\n    import fast\nexcept ImportError:\n    async def make(context: int | str) -> UserEngine: ...\n",
    "pkg/old.py": b"class Engine:\n    pass\n\n\ndef make(context):\n    pass\n\n\ndef helper(a, b=1): ...\n",
    "pkg/passing.py": b"from pkg.new import UserEngine\n",
    "pkg/patched.py": b"from pkg.passing import UserEngine\n",
    "pkg/whole.py": b"from pkg.core import Core\n",
    "pkg/core.py": b"class Core:\n    pass\n",
    "app.py": b"from pkg.old import Engine, helper\nfrom pkg.whole import Core\nprint(Engine, helper, Core)\n",
}


@pytest.fixture
def repo(make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_repo(FILES)
    (tmp_path / "m.toml").write_text(MANIFEST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return made


def written(capsys: Captured, *args: str) -> str:
    capsys.readouterr()
    assert main(["registry", "m.toml", "--repo", "repo", *args]) == Exit.DONE
    return capsys.readouterr().out


def rows(text: str) -> dict[str, str]:
    """The phase of each deprecated path."""
    cells = (line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `"))
    return {row[0].strip("`"): row[-1] for row in cells}


def section(text: str, title: str) -> str:
    return text.partition(f"### `{title}`\n")[2].partition("\n#")[0]


def commit(repo: Path, files: dict[str, bytes | None]) -> None:
    for path, data in files.items():
        (repo / path).unlink() if data is None else (repo / path).write_bytes(data)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "later")


def test_every_governed_symbol_has_its_path_signature_example_and_old_paths(repo: Path, capsys: Captured) -> None:
    text = written(capsys)
    engine = section(text, "pkg.new:UserEngine")
    assert "class: `UserEngine(context: 'int | None', /, *, limit: int=5)`" in engine
    assert "from pkg.new import UserEngine\n" in engine
    assert {"pkg.old:Engine", "pkg.never:Engine", "pkg.patched:UserEngine"} <= rows(engine).keys()
    assert "function: `async make(context: int | str) -> UserEngine`" in section(text, "pkg.new:make")
    assert "class\n" in section(text, "pkg.core:Core")
    assert "builtin" in section(text, "builtins:list") and "import list" not in text
    assert "| `pkg.old:helper` | function: `helper(a, b=1)` | `from pkg.old import helper` |" in text
    assert "pkg.passing" not in text


@pytest.mark.parametrize(
    ("written_as", "shown"),
    [
        ("self", ""),
        ("self, /, a", "a"),
        ("self, /, *, a=1", "*, a=1"),
        ("self, a, /, b=1", "a, /, b=1"),
        ("s, itself, sum=2", "itself, sum=2"),
        ("self: 'Engine' = None, a: int = 1", "a: int=1"),
        ("self=None", ""),
        ("*args, **more", "*args, **more"),
    ],
)
def test_a_constructor_is_shown_without_the_object_itself(written_as: str, shown: str) -> None:
    (definition,) = ast.parse(f"def __init__({written_as}): ...").body
    assert isinstance(definition, ast.FunctionDef)
    before = ast.unparse(definition)
    assert parameters(definition.args, of_self=True) == shown
    assert ast.unparse(definition) == before


def test_what_a_stub_passes_on_has_its_home_without_a_move(
    make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    facade = "from pkg.real import Engine, make, unused\nfrom pkg.real import listed\n__all__ = ['listed']\n"
    files = {
        "pkg/__init__.py": "",
        "pkg/real.py": "class Engine: ...\ndef make(): ...\ndef listed(): ...\ndef unused(): ...\n",
        "pkg/facade.py": facade,
        "app.py": "from pkg.facade import Engine, make\nprint(Engine, make)\n",
    }
    make_repo({path: text.encode() for path, text in files.items()})
    (tmp_path / "m.toml").write_text('name = "case"\n[[stub]]\nmodule = "pkg.facade"\n')
    monkeypatch.chdir(tmp_path)
    text = written(capsys)
    wanted = {"pkg.facade:Engine": "2 redirected", "pkg.facade:make": "2 redirected", "pkg.facade:listed": "3 unused"}
    assert {path: phase for path, phase in rows(text).items() if ":" in path} == wanted
    assert "pkg.facade:Engine" in section(text, "pkg.real:Engine")
    assert main(["plan", "m.toml", "--repo", "repo", "--out", "p.json"]) == Exit.DONE
    assert main(["apply", "p.json", "--repo", "repo", "--no-gates"]) == Exit.DONE
    assert rows(written(capsys, "--rev", "repoint/case")).keys() == rows(text).keys()


def test_an_old_path_goes_through_the_phases(repo: Path, capsys: Captured) -> None:
    at_first = rows(written(capsys))
    assert at_first["pkg.old:Engine"] == "1 declared"
    assert at_first["pkg.never:Engine"] == "4 gone"
    assert at_first["pkg.whole"] == "2 redirected"
    assert at_first["pkg.patched:UserEngine"] == "3 unused"
    redirect = b"from pkg.new import UserEngine as Engine, make\n\ndef helper(a, b=1): ...\n"
    commit(repo, {"pkg/old.py": redirect})
    assert rows(written(capsys))["pkg.old:Engine"] == "2 redirected"
    commit(repo, {"app.py": b"from pkg.old import helper\nprint(helper)\n"})
    in_the_end = rows(written(capsys))
    assert (in_the_end["pkg.old:Engine"], in_the_end["pkg.whole"]) == ("3 unused", "3 unused")
    commit(repo, {"pkg/old.py": None, "pkg/whole.py": None})
    gone = rows(written(capsys))
    assert (gone["pkg.old:Engine"], gone["pkg.whole"]) == ("4 gone", "4 gone")
    assert rows(written(capsys, "--rev", "HEAD~3"))["pkg.old:Engine"] == "1 declared"


def test_the_document_renders_with_whole_tables_and_no_markup_from_the_manifest(repo: Path, capsys: Captured) -> None:
    html = MarkdownIt("commonmark").enable("table").render(written(capsys))
    assert "<p>One *engine* | for all. 1. &lt;b&gt;Really&lt;/b&gt;</p>" in html
    for table in html.split("<table>")[1:]:
        body = table.partition("</table>")[0].split("<tr>")[1:]
        assert len({row.count("<td>") + row.count("<th>") for row in body}) == 1
    assert "<code>from pkg.old import helper</code>" in html


def test_the_text_holds_nothing_that_changes_by_itself(repo: Path, capsys: Captured) -> None:
    first = written(capsys)
    commit(repo, {"README.md": b"more\n"})
    assert written(capsys) == first
    assert first.endswith("|\n") and not first.endswith("\n\n")


def test_check_tells_an_old_file_from_a_new_one(repo: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "imports.md"
    asked = ["registry", "m.toml", "--repo", "repo", "--out", "imports.md"]
    assert main([*asked, "--check"]) == Exit.PENDING
    assert capsys.readouterr().err == (
        "repoint: imports.md: is missing; run repoint registry m.toml --repo repo --out imports.md\n"
    )
    assert not out.exists()
    assert main(asked) == Exit.DONE
    assert main([*asked, "--check"]) == Exit.DONE
    assert capsys.readouterr() == ("", "")
    commit(repo, {"pkg/old.py": None})
    assert main([*asked, "--check"]) == Exit.PENDING
    assert "is not what the manifest and the code say now; run repoint registry" in capsys.readouterr().err


def test_line_ends_of_a_checkout_do_not_count_and_are_kept(repo: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "imports.md"
    asked = ["registry", "m.toml", "--repo", "repo", "--out", "imports.md"]
    assert main(asked) == Exit.DONE
    plain = out.read_bytes()
    windows = plain.replace(b"\n", b"\r\n")
    out.write_bytes(windows)
    assert main([*asked, "--check"]) == Exit.DONE
    assert main(asked) == Exit.DONE
    assert out.read_bytes() == windows
    out.write_bytes(b"# old\r\n")
    assert main(asked) == Exit.DONE
    assert out.read_bytes() == windows
    assert b"\r" not in plain


def test_check_without_a_file_is_a_mistake(repo: Path, capsys: Captured) -> None:
    assert main(["registry", "m.toml", "--repo", "repo", "--check"]) == Exit.USAGE
    assert "--check has no file to look at; name it by --out FILE" in capsys.readouterr().err


def test_the_example_has_every_engine_and_the_stubs_end_in_later_phases(
    tmp_path: Path, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    files = {path.relative_to(EXAMPLE).as_posix(): path.read_bytes() for path in EXAMPLE.rglob("*") if path.is_file()}
    make_repo(files)
    shutil.copy(MIGRATION, tmp_path / "m.toml")
    copy_codemod(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = rows(written(capsys))
    engine = "netra_backend.app.agents.supervisor.execution_engine:ExecutionEngine"
    assert before[engine] == "1 declared"
    assert main(["plan", "m.toml", "--repo", "repo", "--out", "p.json"]) == Exit.DONE
    assert main(["apply", "p.json", "--repo", "repo", "--no-gates"]) == Exit.DONE
    after = rows(written(capsys, "--rev", "repoint/execution-engine"))
    assert after.keys() == before.keys()
    assert after[engine] in ("2 redirected", "3 unused")
    assert "1 declared" not in after.values()
