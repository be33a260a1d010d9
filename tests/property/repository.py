"""Takes files, makes commits of them in one bare repository; plans there, and applies the plan's edits in memory."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repoint.model import Plan
from repoint.pipeline import PlanRequest, make_plan
from tests.objects import commit_files

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Planned:
    """A plan, and the files as they are once it is applied."""

    plan: Plan
    files: dict[str, bytes]

    @property
    def changed(self) -> list[str]:
        return sorted(change.path for batch in self.plan.batches for change in batch.files)


class Workshop:
    """A bare repository that takes as many commits as there are examples."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "trunk", root], check=True)

    def commit(self, files: Files) -> str:
        return commit_files(self.root, files, "refs/heads/trunk")

    def plan(self, files: Files, manifest: str, *, jobs: int | None = 1) -> Planned:
        commit = self.commit(files)
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            path = Path(folder) / "migration.toml"
            path.write_text(manifest, "utf-8")
            made = make_plan(PlanRequest(self.root, path, commit, jobs), lambda what, done, of: None)
        after = dict(files)
        for batch in made.batches:
            for change in batch.files:
                after[change.path] = _spliced(after[change.path], change.edits, change.encoding)
        return Planned(made, after)


def _spliced(data: bytes, edits: object, encoding: str) -> bytes:
    assert isinstance(edits, tuple)
    for edit in sorted(edits, key=lambda edit: -edit.start):
        assert data[edit.start : edit.end] == edit.before.encode(encoding)
        data = data[: edit.start] + edit.after.encode(encoding) + data[edit.end :]
    return data
