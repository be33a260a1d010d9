"""Takes an audit, gives workflow commands that GitHub Actions shows as annotations of the changed lines.

GitHub shows ten of each kind (error, warning, notice) for a step; the log has them all, and so has SARIF.
"""

from __future__ import annotations

from repoint.measures import Audit, Checked, Occurrence
from repoint.model import Severity
from repoint.reporting.audits import texts
from repoint.reporting.layout import harmless

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(audit: Audit) -> bytes:
    """One line for each place, the worst first, as only the first ones are shown."""
    lines = (_command(item) for _, _, group in texts.by_code(audit.occurrences) for item in group)
    return b"".join(texts.encoded(line) + b"\n" for line in lines)


def github_check(done: Checked, baseline: str) -> bytes:
    """What speaks against a commit: targets first, then what is new, and what is to be taken off the baseline."""
    missed = [
        f"::error title=target missed::{_data(f'{texts.words(item.metric)} {texts.shown(item.metric, item.value)}')}"
        f"{_data(f', wanted {item.wanted}')}"
        for item in done.missed
    ]
    gone = [
        f"::error file={_property(item.path)},title=known violation gone::"
        f"{_data(f'{item.code} {item.subject}: take it off {baseline} with --update-baseline')}"
        for item in done.gone
    ]
    new = (_command(item) for _, _, group in texts.by_code(done.new) for item in group)
    return b"".join(texts.encoded(line) + b"\n" for line in (*missed, *new, *gone))


def _command(item: Occurrence) -> str:
    mend = f"; {item.mend}" if item.mend else ""
    place = f"file={_property(item.path)},line={max(1, item.line)},col={max(1, item.column)}"
    return f"::{_KINDS[item.severity]} {place},title={_property(item.code)}::{_data(item.message + mend)}"


def _data(text: str) -> str:
    """What follows the second `::`: it ends with the line. Nothing in it acts on who reads the log."""
    return harmless(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    """What follows a `=`: it ends with a comma or a colon as well."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
