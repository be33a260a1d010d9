"""The page about codemods: what it shows runs, and what it says that Bowler cannot read, Bowler cannot read."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from repoint.codemods.runners.load import runner_of
from repoint.codemods.values import Fate, Subject
from repoint.manifest.schema import CodemodKind

PAGE = (Path(__file__).parents[3] / "docs" / "codemods.md").read_text("utf-8")
OWN = {name: PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0] for name in re.findall(r"^## (.*)$", PAGE, re.M)}
TESTED, BROUGHT, LEFT = "Testing a codemod", "Bringing a Bowler script over", "Leaving Bowler for LibCST"


def blocks(section: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", OWN[section], re.M | re.S)


def test_the_tests_that_it_shows_pass(tmp_path: Path) -> None:
    [example] = blocks(TESTED)
    (tmp_path / "test_example.py").write_text(example)
    for text in [*blocks(BROUGHT)[1:], *blocks(LEFT)]:
        named = re.match(r"# (\w+\.py)\n", text)
        assert named, text
        (tmp_path / named[1]).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    env = {**os.environ, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=env)
    assert "\n5 passed" in done.stdout, done.stdout


def test_the_script_that_is_brought_over_does_what_it_did() -> None:
    space: dict[str, object] = {}
    exec(blocks(BROUGHT)[1], space)
    runner = runner_of(CodemodKind.BOWLER, space["rename_fetch"], {"to": "load"}, "rename_fetch")
    assert runner(Subject("from a import fetch\nfetch(1)\n", "a.py", "a", "")).text == "from a import load\nload(1)\n"


EXAMPLES = [row[1] for row in re.findall(r"^\|[^|]*\| (3[^|]*) \| (.*) \|$", OWN[BROUGHT], re.M)]


@pytest.mark.parametrize("example", [part for row in EXAMPLES for part in re.findall(r"`([^`]+)`", row)])
def test_bowler_cannot_read_what_the_page_says(example: str) -> None:
    around = {
        "match": ("", "\n    case 1: pass"),
        "except*": ("try: ...\n", ""),
        "@handlers[0].register": ("", "\ndef f(): ..."),
    }
    before, after = around.get(example.partition(" ")[0], ("", ""))
    text = f"{before}{example}{after}\n"
    if sys.version_info >= (3, 12):
        ast.parse(text)
    runner = runner_of(CodemodKind.BOWLER, lambda query: query.select_root(), {}, "nothing")
    assert runner(Subject(text, "a.py", "a", "")).fate is Fate.UNREADABLE


def test_there_are_examples_to_check() -> None:
    assert len(EXAMPLES) == 9
