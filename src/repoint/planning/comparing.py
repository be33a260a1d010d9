"""The comparison of old and new definitions, beside the rewriting: facts and moves in, tables and findings out."""

from __future__ import annotations

from repoint.analysis.tree import ModuleTree
from repoint.compat.files import Job, check
from repoint.compat.moves import conclude, expanded, prepare
from repoint.compat.values import Checked
from repoint.model import Comparison, Finding, Severity
from repoint.planning.survey import Survey
from repoint.sources.workers import Workers
from repoint.transforms.world import World


class Comparing:
    """Begins to check every use of what has two definitions; `results` waits for it."""

    def __init__(self, survey: Survey, tree: ModuleTree, world: World, crew: Workers) -> None:
        gone = {stub.module for stub in world.migration.manifest.stub}
        files = [
            facts for facts in survey.facts.values() if facts.module not in gone and world.exception(facts.path) is None
        ]
        self._prepared = prepare(expanded(world.moves, files), tree, files)
        self._task = crew.start(check, self._prepared.jobs, size=lambda job: len(job.data), died=_died)

    def results(self) -> tuple[tuple[Comparison, ...], list[Finding]]:
        """One row for each move, and a finding for each use that the new definition cannot serve."""
        checked = self._task.results()
        told = [
            Finding(outcome.path, 1, 1, "not-compared", Severity.INFO, "no uses compared: a worker died of it", "")
            for outcome in checked
            if outcome.examined == _DEAD
        ]
        comparisons, found = conclude(self._prepared, checked)
        return comparisons, [*found, *told]


_DEAD = {"": 0}


def _died(job: Job) -> Checked:
    return Checked(job.facts.path, _DEAD, ())
