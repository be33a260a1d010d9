"""A bare repository that takes branches as lists of trees, for tests that look at several commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

from repoint.auditing.audit import audit_snapshot
from repoint.manifest.decode import Migration
from repoint.measures import Audit
from repoint.sources.snapshot import open_snapshot

Content = tuple[str, str]  # git's mode, and the text, the target of a link, or the id of a submodule's commit
Files = dict[str, Content]


class Branch:
    """A bare repository with branches made of trees."""

    def __init__(self, root: Path, migration: Migration) -> None:
        self.root = root
        self.migration = migration
        self.count = 0
        subprocess.run(["git", "init", "-q", "--bare", root], check=True)

    def commits(self, states: list[Files]) -> list[str]:
        self.count += 1
        ref = f"refs/heads/b{self.count}"
        parts: list[bytes] = []
        for at, state in enumerate(states):
            when = 1_700_000_000 + at
            head = b"commit %b\ncommitter t <t@localhost> %d +0000\ndata 1\nx\ndeleteall\n"
            parts.append(head % (ref.encode(), when))
            for path, (mode, content) in sorted(state.items()):
                name = f'"{path}"'.encode()
                if mode == "160000":
                    parts.append(b"M 160000 %b %b\n" % (content.encode(), name))
                else:
                    data = content.encode()
                    parts.append(b"M %b inline %b\ndata %d\n%b\n" % (mode.encode(), name, len(data), data))
        subprocess.run(["git", "fast-import", "--quiet"], cwd=self.root, input=b"".join(parts), check=True)
        shown = subprocess.run(["git", "rev-list", "--reverse", ref], cwd=self.root, capture_output=True, check=True)
        return shown.stdout.decode().split()

    def audit(self, commit: str, *, cached: bool = False) -> Audit:
        return audit_snapshot(self.migration, open_snapshot(self.root, commit), lambda *_: None, jobs=1, cached=cached)
