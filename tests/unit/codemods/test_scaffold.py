"""The text that a new codemod starts from: it runs under any name that may be given, and is well written."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from repoint.codemods.runners import load
from repoint.codemods.scaffold import scaffold
from repoint.codemods.values import Fate, Outcome, Step, Subject
from repoint.manifest.schema import CodemodKind, Manifest

KINDS = tuple(CodemodKind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["scaffolded", "codemod_context", "Query", "fixer_util", "a_1", "cst", "m"])
def test_its_table_runs_it(name: str, kind: CodemodKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scaffold(name, kind)
    (tmp_path / f"{name}.py").write_text(made.codemod, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    [table] = tomllib.loads(made.table)["codemod"]
    text = "logger.warn(1)  # warn\nwarn(2)\n"
    runner = load(Step(kind=CodemodKind(table["kind"]), ref=table["ref"], args=table["args"]))
    monkeypatch.delitem(sys.modules, name)
    assert runner(Subject(text, "a.py", "a", "")) == Outcome(Fate.DONE, text=text.replace(".warn", ".warning"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_manifest_takes_its_table(kind: CodemodKind) -> None:
    manifest = msgspec.toml.decode(f'name = "m"\n{scaffold("mine", kind).table}', type=Manifest)
    [step] = manifest.codemod
    assert (step.kind, step.ref.partition(":")[0]) == (kind, "mine")


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_well_written(kind: CodemodKind, tmp_path: Path) -> None:
    made = scaffold("mine", kind)
    (tmp_path / "mine.py").write_text(made.codemod, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(made.test, encoding="utf-8")
    rules = ["--select", "B,C4,E,F,I,PTH,RUF,SIM,TID,UP", "--config", "lint.isort.known-first-party = ['repoint']"]
    for command in (["check", *rules], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
