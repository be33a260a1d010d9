"""The pages that people write: every link leads somewhere, and every command, figure and format is told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from repoint.auditing.audit import audit_snapshot
from repoint.cli.app import COMMANDS
from repoint.cli.audit import Format
from repoint.measures import Figures
from repoint.pipeline import read_manifest
from repoint.reporting.audits.table import table
from repoint.reporting.layout import plain
from repoint.sources.snapshot import open_snapshot
from tests.conftest import git

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "*.md"), (ROOT / "codemods", "**/*.md"))
    for path in folder.glob(pattern)
)
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / page).read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_there_are_links_to_check() -> None:
    assert {"README.md", "docs/guide.md", "docs/ci.md", "codemods/execution_engine/README.md"} <= set(PAGES)
    assert "only-what-a-branch-changed" in anchors(GUIDE)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_told(command: str) -> None:
    assert f"| `repoint {command}" in README
    assert re.search(rf"^    repoint {command}\b", GUIDE, re.MULTILINE)


@pytest.mark.parametrize("figure", Figures.__struct_fields__)
def test_every_figure_is_told(figure: str) -> None:
    assert f"\n| `{figure}` |" in GUIDE


@pytest.mark.parametrize("shape", Format)
def test_every_format_is_told(shape: Format) -> None:
    assert f"\n| `{shape.value}` |" in GUIDE


def test_the_example_of_an_audit_is_that_of_the_demo(tmp_path: Path) -> None:
    """The figures that the guide shows; the table of symbols there is an excerpt."""
    repo = tmp_path / "backend"
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(ROOT / "tests" / "fixtures" / "repos" / "execution_engines", repo, ignore=ignored)
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "base")
    migration = read_manifest(ROOT / "codemods" / "execution_engine" / "migration.toml")
    found = audit_snapshot(migration, open_snapshot(repo, None), lambda *_: None, jobs=1)
    shown = GUIDE.partition("      figure ")[2].partition("\n\n")[0].splitlines()
    lines = [line.strip() for line in plain(table(found)).splitlines()]
    assert ["figure " + shown[0], *map(str.strip, shown[1:])] == lines[3 : 4 + len(Figures.__struct_fields__)]
