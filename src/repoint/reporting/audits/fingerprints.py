"""Takes places of an audit, gives each a name that holds while lines come and go above it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from repoint.measures import Occurrence


def fingerprints(occurrences: Sequence[Occurrence]) -> list[str]:
    """SHA-256 in hex for each, in the order given: of code, path, symbol, subject, and the number among equals.

    Equals are numbered from the top of their file, so that the answer does not depend on the order. No line number
    goes in: an edit elsewhere in the file changes nothing, a further equal place gets one new fingerprint.
    """
    named = [""] * len(occurrences)
    met: Counter[tuple[str, ...]] = Counter()
    for at in sorted(range(len(occurrences)), key=lambda at: occurrences[at]):
        item = occurrences[at]
        key = (item.code, item.path, item.symbol, item.subject)
        text = json.dumps([*key, met[key]], separators=(",", ":"))  # ASCII, whatever a path holds
        named[at] = hashlib.sha256(text.encode("ascii")).hexdigest()
        met[key] += 1
    return named
