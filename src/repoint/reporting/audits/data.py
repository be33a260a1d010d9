"""Takes an audit or a history, gives it as one JSON object with a stable order of keys, and its published schema."""

from __future__ import annotations

from repoint.measures import Audit, Checked, History
from repoint.model import schema_of
from repoint.reporting.audits.texts import encoded_json


def json_bytes(audit: Audit) -> bytes:
    """Every field of the audit: same audit, same bytes."""
    return encoded_json(audit)


def check_json(done: Checked) -> bytes:
    """What a check found: whether it passed, and what speaks against the commit."""
    audit = done.audit
    return encoded_json(
        {
            "schema_version": 1,
            "tool": audit.tool,
            "name": audit.name,
            "commit": audit.commit,
            "whole": done.whole,
            "passed": done.passed,
            "known": done.known,
            "missed": done.missed,
            "new": done.new,
            "gone": done.gone,
        }
    )


def history_json(history: History) -> bytes:
    """Every field of the history, oldest commit first."""
    return encoded_json(history)


def schema() -> dict[str, object]:
    """The JSON Schema of what `json_bytes` writes, for publication."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "repoint audit, version 1",
        **schema_of(Audit),
    }
