"""Takes a plan or a fault, gives it where the command line expects the pipeline's."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from repoint.cli.progress import Watch
from repoint.model import Plan
from tests.builders import plan


@dataclass(frozen=True)
class PlanRequest:
    """The same fields as the pipeline's."""

    repo: Path
    manifest: Path
    rev: str | None
    jobs: int | None
    cache: bool


@dataclass
class FakePipeline:
    """Stands in for `repoint.pipeline`: remembers the requests, answers with `gives` or raises `fails`."""

    gives: Plan = field(default_factory=plan)
    fails: BaseException | None = None
    asked: list[PlanRequest] = field(default_factory=list)

    def make_plan(self, request: PlanRequest, watch: Watch) -> Plan:
        self.asked.append(request)
        watch("analysing", 1, 2)
        if self.fails is not None:
            raise self.fails
        return self.gives

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module = ModuleType("repoint.pipeline")
        module.__dict__.update(PlanRequest=PlanRequest, make_plan=self.make_plan)
        monkeypatch.setitem(sys.modules, "repoint.pipeline", module)
