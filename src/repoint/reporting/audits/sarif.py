"""Takes an audit, gives it as a SARIF 2.1.0 log, as code scanning services read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from repoint.measures import Audit, Occurrence
from repoint.model import Severity
from repoint.reporting.audits import texts
from repoint.reporting.audits.fingerprints import fingerprints

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "repoint/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NONE: Mapping[str, str] = {}


def sarif(
    audit: Audit, explained: Mapping[str, str] = _NONE, *, occurrences: Sequence[Occurrence] | None = None
) -> bytes:
    """One run with a rule for each code that is met; `explained` says more of a code.

    Where `occurrences` are given, only these are told, by the fingerprints that they have among all of the audit.
    """
    told = frozenset(audit.occurrences if occurrences is None else occurrences)
    named = zip(audit.occurrences, fingerprints(audit.occurrences), strict=True)
    results = sorted((item, name) for item, name in named if item in told)
    rules = _rules(audit, [item for item, _ in results], explained)
    at = {rule["id"]: index for index, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "repoint", "version": audit.tool.rpartition(" ")[2], "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"repoint/{audit.name}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [_result(item, at[item.code], name) for item, name in results],
        "properties": {"commit": audit.commit},
    }
    return texts.encoded_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(audit: Audit, told: Sequence[Occurrence], explained: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rules in the order of their codes, each with the worst level that it is met with."""
    levels: dict[str, Severity] = {}
    for code, severity, _ in texts.by_code(told):
        levels.setdefault(code, severity)
    return [_rule(code, levels[code], texts.title(code, audit), explained.get(code, "")) for code in sorted(levels)]


def _rule(code: str, severity: Severity, title: str, explained: str) -> dict[str, Any]:
    more = explained or title
    return {
        "id": code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": more},
        "help": {"text": more} | ({"markdown": explained} if explained else {}),
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(item: Occurrence, rule: int, fingerprint: str) -> dict[str, Any]:
    mend = f"; {item.mend}" if item.mend else ""
    region = {"startLine": max(1, item.line), "startColumn": max(1, item.column)}
    place = {"artifactLocation": {"uri": _uri(item.path), "uriBaseId": ROOT}, "region": region}
    return {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": _LEVELS[item.severity],
        "message": {"text": _literal(item.message + mend)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": {"symbol": item.symbol, "subject": item.subject, "mend": item.mend},
    }


def _literal(text: str) -> str:
    """Braces would be placeholders (SARIF 3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    """The path relative to the root, byte for byte: it need not be UTF-8."""
    return quote(path.encode("utf-8", "surrogateescape") if _is_of_bytes(path) else texts.encoded(path))


def _is_of_bytes(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
