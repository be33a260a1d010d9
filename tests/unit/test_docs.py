"""The pages that people write: every link leads somewhere, and every command, figure and format is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repoint.cli.app import app
from repoint.cli.audit import Format
from repoint.measures import Figures

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "*.md"), (ROOT / "codemods", "*/*.md"))
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


@pytest.mark.parametrize("command", [item.name or item.callback.__name__ for item in app.registered_commands])
def test_every_command_is_told(command: str) -> None:
    assert f"| `repoint {command}" in README
    assert re.search(rf"^    repoint {command}\b", GUIDE, re.MULTILINE)


@pytest.mark.parametrize("figure", Figures.__struct_fields__)
def test_every_figure_is_told(figure: str) -> None:
    assert f"\n| `{figure}` |" in GUIDE


@pytest.mark.parametrize("shape", Format)
def test_every_format_is_told(shape: Format) -> None:
    assert f"\n| `{shape.value}` |" in GUIDE
