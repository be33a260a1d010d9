"""The migration for LangChain on a small application, through the command line; nothing of LangChain is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import git

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "langchain_app"
MIGRATION = ROOT / "codemods" / "langchain" / "migration.toml"
BRANCH = "repoint/langchain-split"

# What becomes of each file: texts replaced once in it; every other byte stays.
EXPECTED = {
    "assistant/chains/loading.py": [
        (
            "import langchain.document_loaders\n"
            "from langchain import document_loaders as loaders\n"
            "from langchain import text_splitter\n",
            "import langchain_community.document_loaders\n"
            "from langchain_community import document_loaders as loaders\n"
            "from langchain_text_splitters import character\n",
        ),
        (
            "    from langchain.document_loaders import PyPDFLoader",
            "    from langchain_community.document_loaders import PyPDFLoader",
        ),
        ("text_splitter.CharacterTextSplitter()", "character.CharacterTextSplitter()"),
        ("return langchain.document_loaders.WebBase", "return langchain_community.document_loaders.WebBase"),
        ('"langchain.document_loaders.csv_loader"', '"langchain_community.document_loaders.csv_loader"'),
    ],
    "assistant/compat.py": [
        ("from langchain.callbacks.manager import", "from langchain_community.callbacks.manager import"),
        ("import langchain.vectorstores.faiss as", "import langchain_community.vectorstores.faiss as"),
    ],
    "assistant/models.py": [
        ("from langchain.chat_models import", "from langchain_community.chat_models import"),
        ("from langchain.embeddings.openai import", "from langchain_community.embeddings.openai import"),
        ("from langchain.llms import", "from langchain_community.llms import"),
    ],
    "assistant/prompts.py": [
        (
            "from langchain import LLMChain, OpenAI, PromptTemplate\n",
            "from langchain.chains import LLMChain\n"
            "from langchain_community.llms import OpenAI\n"
            "from langchain_core.prompts import PromptTemplate\n",
        ),
        (
            "from langchain.schema import (\n"
            "    AIMessage,\n"
            "    Document,  # what a retriever gives\n"
            "    HumanMessage,\n"
            ")\n",
            "from langchain_core.messages import (\n"
            "    AIMessage,\n"
            "    HumanMessage,\n"
            ")\n"
            "from langchain_core.documents import (\n"
            "    Document,  # what a retriever gives\n"
            ")\n",
        ),
        ("from langchain.text_splitter import", "from langchain_text_splitters import"),
    ],
    "assistant/toolbox.py": [
        (
            "from langchain.agents import AgentExecutor, Tool, load_tools\n"
            "from langchain.tools import BaseTool, DuckDuckGoSearchRun\n",
            "from langchain.agents import AgentExecutor, load_tools\n"
            "from langchain_core.tools import Tool, BaseTool\n"
            "from langchain_community.tools import DuckDuckGoSearchRun\n",
        ),
    ],
    "assistant/types.py": [
        ("    from langchain.schema import BaseMessage", "    from langchain_core.messages import BaseMessage"),
        (
            "    from langchain.vectorstores.base import VectorStore",
            "    from langchain_core.vectorstores.base import VectorStore",
        ),
    ],
    "tests/test_models.py": [
        ("from langchain.schema import Document", "from langchain_core.documents import Document"),
        ('@patch("langchain.chat_models.ChatOpenAI")', '@patch("langchain_community.chat_models.ChatOpenAI")'),
        (
            'patch("langchain.embeddings.openai.OpenAIEmbeddings.embed_query"',
            'patch("langchain_community.embeddings.openai.OpenAIEmbeddings.embed_query"',
        ),
    ],
}
TOLD = {
    ("assistant/chains/loading.py", 23, "dynamic-path", "warning"),
    ("assistant/tools/search.py", 1, "star-import", "warning"),
    ("docs/models.md", 3, "path-in-other-file", "info"),
}


@dataclass(frozen=True)
class Migrated:
    """The application on the branch that `apply` made, its plan, and what `plan` printed."""

    repo: Path
    plan: Path
    planned: str


def repoint(*args: str | Path) -> str:
    command = [sys.executable, "-m", "repoint", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    folder = tmp_path_factory.mktemp("langchain")
    repo, plan = folder / "assistant", folder / "plan.json"
    shutil.copytree(EXAMPLE, repo, ignore=shutil.ignore_patterns("__pycache__"))
    git(repo, "init", "-q", "-b", "main")
    git(repo, "config", "core.autocrlf", "false")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "base")
    planned = repoint("plan", MIGRATION, "--repo", repo, "--out", plan)
    repoint("apply", plan, "--manifest", MIGRATION, "--repo", repo)
    git(repo, "switch", "-q", BRANCH)
    return Migrated(repo, plan, planned)


def test_every_file_becomes_what_is_expected(migrated: Migrated) -> None:
    """Those that are not named, byte for byte what they were: among them a `chat_models` of the application's own."""
    for path in sorted(EXAMPLE.rglob("*")):
        name = path.relative_to(EXAMPLE).as_posix()
        if path.is_dir() or "__pycache__" in name:
            continue
        text = path.read_text("utf-8")
        for old, new in EXPECTED.get(name, ()):
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        assert (migrated.repo / name).read_text("utf-8") == text, name


def test_nothing_is_told_but_what_a_person_has_to_look_at(migrated: Migrated) -> None:
    findings = json.loads(migrated.plan.read_bytes())["findings"]
    assert {(item["path"], item["line"], item["code"], item["severity"]) for item in findings} == TOLD


def test_the_plan_is_proved_and_a_second_one_is_empty(migrated: Migrated, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    repoint("plan", MIGRATION, "--repo", migrated.repo, "--check", "--out", again)
    plan = json.loads(migrated.plan.read_bytes())
    assert plan["applicable"] and plan["proof"]
    assert json.loads(again.read_bytes())["batches"] == []


def test_moves_that_nobody_uses_are_not_shown(migrated: Migrated) -> None:
    """Of two thousand moves a reader sees those that matter; the plan compares nothing that is not there."""
    assert len(migrated.planned.splitlines()) < 45
    assert json.loads(migrated.plan.read_bytes())["comparisons"] == []


def test_the_cache_gives_the_same_plan(migrated: Migrated, tmp_path: Path) -> None:
    cold = tmp_path / "cold.json"
    repoint("plan", MIGRATION, "--repo", migrated.repo, "--rev", "main", "--no-cache", "--out", cold)
    assert cold.read_bytes() == migrated.plan.read_bytes()
