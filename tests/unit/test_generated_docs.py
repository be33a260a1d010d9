"""The generated pages of `docs/` are what the classes say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import msgspec
import pytest

from repoint.manifest import schema
from repoint.manifest.decode import decode

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = ["manifest.schema.json", "plan.schema.json", "audit.schema.json", "manifest.md", "findings.md"]


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generator().generated()[name]


def test_every_key_of_the_manifest_is_in_its_schema_and_reference() -> None:
    text = (DOCS / "manifest.md").read_text(encoding="utf-8")
    published = json.loads((DOCS / "manifest.schema.json").read_text(encoding="utf-8"))
    keys = {info.encode_name for info in msgspec.structs.fields(schema.Manifest)}
    assert keys == set(published["$defs"]["Manifest"]["properties"])
    assert all(f"`{key}`" in text or f"[{key}]" in text for key in keys)


def test_the_shipped_migration_decodes() -> None:
    path = DOCS.parent / "codemods" / "execution_engine" / "migration.toml"
    assert decode(path.read_bytes(), "migration.toml").name == "execution-engine"
