"""Who looks after which file: a CODEOWNERS file in, the owners of any path out, and findings on what is no line of one.

Written here because the libraries read something else: `codeowners` takes a section's heading with default owners for a
pattern, and drops what is no owner unseen; to `pathspec`, as to git, `docs/*` means all that is below as well.
Source: GitHub's "About code owners" and GitLab's "Syntax of CODEOWNERS file".
"""

from __future__ import annotations

import re

from repoint.errors import UsageError
from repoint.model import Finding, Frozen, Severity
from repoint.sources.snapshot import Snapshot

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")

_SECTION = re.compile(r"\^?\[([^\[\]]+)\](?:\[\d*\])?(?:\s+(.*))?")  # ^[Optional], [Section][2] @default
_ENTRY = re.compile(r"((?:\\.|[^\s\\])+)((?:\s.*)?)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OWNER = re.compile(r"@{1,2}[\w./+-]+|[\w.%+-]+@[\w.-]+")
_RANGE = re.compile(r"(?:[^\\]|\\.)*?\[")
_TOKEN = re.compile(r"\\(?P<plain>.)|(?P<folders>(?:^|(?<=/))(?:\*\*/)+)|(?P<rest>(?:^|(?<=/))\*\*$)|\*+|\?|.")


class Rule(Frozen, frozen=True):
    """A line: the paths that it is about, as a regular expression for whole paths, and their owners."""

    pattern: str
    owners: tuple[str, ...]


class Owners(Frozen, frozen=True):
    """The rules of each section in their order, and what the file says that is no rule."""

    sections: tuple[tuple[Rule, ...], ...]
    findings: tuple[Finding, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file, sorted: in each section the last rule that fits decides, and all sections count."""
        found: set[str] = set()
        for rules in self.sections:
            fitting = (rule.owners for rule in reversed(rules) if re.fullmatch(rule.pattern, path, re.DOTALL))
            found.update(next(fitting, ()))
        return tuple(sorted(found))


def owners_at(snapshot: Snapshot) -> Owners:
    """What the commit's first CODEOWNERS file says. Raises UsageError where it has none."""
    place = next((place for place in PLACES if snapshot.is_regular(place)), None)
    if place is None:
        raise UsageError(
            f'[batches] by = "owner", and commit {snapshot.commit[:12]} has no CODEOWNERS file',
            where=str(snapshot.git.folder),
            mend=f'add one ({", ".join(PLACES)}), or say by = "package"',
        )
    return read(snapshot.read([place])[place], place)


def read(data: bytes, place: str) -> Owners:
    """The rules in the bytes of a file; `place` is its path, for findings. Lines that say nothing are passed over."""
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").split("\n")]
    of_gitlab = place.startswith(".gitlab/") or any(map(_SECTION.fullmatch, lines))
    sections: dict[str, list[Rule]] = {"": []}
    findings: list[Finding] = []
    name, defaults = "", tuple[str, ...]()
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        if (heading := _SECTION.fullmatch(line)) is not None:
            name = heading[1].strip().casefold()  # sections of one name are one
            sections.setdefault(name, [])
            said: tuple[str, ...] | Rule | str = _named(heading[2] or "")
            defaults = said if isinstance(said, tuple) else ()
        else:
            said = _rule(line, defaults, of_gitlab)
            if isinstance(said, Rule):
                sections[name].append(said)
        if isinstance(said, str):
            findings.append(_unclear(place, number, said))
    return Owners(tuple(tuple(rules) for rules in sections.values() if rules), tuple(findings))


def _unclear(place: str, number: int, why: str) -> Finding:
    what = f"{why}, so that what this line says of owners does not count"
    mend = "correct it: meanwhile its files go by an earlier line, or have no owner"
    return Finding(place, number, 1, "owners-unclear", Severity.WARNING, what, mend)


def _rule(line: str, defaults: tuple[str, ...], of_gitlab: bool) -> Rule | str:
    """The rule that a line is, or why it is none."""
    entry = _ENTRY.fullmatch(line)
    if entry is None:
        return "a backslash escapes nothing"
    pattern, rest = entry.groups()
    if pattern.startswith("!"):
        return "a pattern cannot be negated here"
    if _RANGE.match(pattern):
        return "a pattern has no ranges of characters here"
    if not pattern.strip("/"):
        return f"`{pattern}` names no path"
    owners = _named(rest)
    return owners if isinstance(owners, str) else Rule(_expression(pattern, of_gitlab), owners or defaults)


def _named(text: str) -> tuple[str, ...] | str:
    """The owners named in the rest of a line, or why it names none."""
    names = tuple(_COMMENT.sub("", text).split())
    wrong = next((name for name in names if not _OWNER.fullmatch(name)), None)
    return names if wrong is None else f"{wrong!r} is no owner (@user, @org/team or an address)"


def _expression(pattern: str, of_gitlab: bool) -> str:
    """A pattern as a regular expression. Without a slash (on GitLab, a leading one) it may stand at any depth."""
    anchored = pattern.startswith("/") or (not of_gitlab and "/" in pattern.rstrip("/"))
    body = _TOKEN.sub(_token, pattern.strip("/"))
    below = "/.+" if pattern.endswith("/") else "" if pattern.endswith("/*") else "(?:/.+)?"
    return f"{'' if anchored else '(?:.+/)?'}{body}{below}"


def _token(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "plain":
            return re.escape(found["plain"])
        case "folders":
            return "(?:[^/]+/)*"
        case "rest":
            return ".+"
    return {"*": "[^/]*", "?": "[^/]"}.get(found[0][0], re.escape(found[0]))
