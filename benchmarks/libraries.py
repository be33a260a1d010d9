"""Takes two libraries from PyPI, moves and renames symbols and modules of their own, and runs their own test suites.

For each library: the sdist becomes a repository and its tests are run; the script moves definitions to new homes (the
old modules keep nothing), which breaks the library; `repoint plan` and `repoint apply` repoint everything that used
them; the tests are run again. The results of every single test must be the same before and after.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Definition:
    """A class or function that moves: `module:Name` to `module:Name`, and what its new module has to import."""

    old: str
    new: str
    needs: str = ""


@dataclass(frozen=True)
class Library:
    """A library, and what is moved in it."""

    name: str
    version: str
    definitions: tuple[Definition, ...]
    modules: tuple[tuple[str, str], ...]

    def manifest(self) -> str:
        moves = [(item.old, item.new) for item in self.definitions] + list(self.modules)
        entries = "".join(f'\n[[move]]\nold = "{old}"\nnew = "{new}"\n' for old, new in moves)
        return f'name = "{self.name}"\n{entries}'


LIBRARIES = (
    Library(
        "boltons",
        "26.2.0",
        (
            Definition("boltons.typeutils:make_sentinel", "boltons.sentinels:new_sentinel", "import sys\n"),
            Definition(
                "boltons.strutils:slugify",
                "boltons.slugs:slug_of",
                "from boltons.strutils import asciify, split_punct_ws\n",
            ),
            Definition(
                "boltons.strutils:multi_replace",
                "boltons.replacing:replace_all",
                "from boltons.strutils import MultiReplace\n",
            ),
            Definition("boltons.mathutils:Bits", "boltons.bits:Bits", "import binascii\n"),
        ),
        (("boltons.listutils", "boltons.lists"),),
    ),
    Library(
        "sqlparse",
        "0.6.1",
        (
            Definition("sqlparse.utils:imt", "sqlparse.matching:matches"),
            Definition("sqlparse.utils:remove_quotes", "sqlparse.quoting:unquoted"),
            Definition(
                "sqlparse.engine.statement_splitter:StatementSplitter",
                "sqlparse.engine.splitting:Splitter",
                "from sqlparse import sql, tokens as T\n",
            ),
        ),
        (("sqlparse.exceptions", "sqlparse.errors"), ("sqlparse.filters.others", "sqlparse.filters.cleaning")),
    ),
)

Results = dict[str, str]


def unpack(library: Library, target: Path) -> Path:
    """The library's sdist as a repository of one commit."""
    pinned = f"{library.name}=={library.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps", pinned]
    subprocess.run([*command, "--dest", str(target)], check=True)
    (sdist,) = target.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    (repo,) = (path for path in target.iterdir() if path.is_dir())
    _git(repo, "init", "-q", "-b", "trunk")
    _git(repo, "config", "core.autocrlf", "false")
    _commit(repo, f"{library.name} {library.version}")
    return repo


def move(repo: Path, library: Library) -> None:
    """Put the definitions and modules where the manifest says, and leave nothing in their old places."""
    for old, new in library.modules:
        _git(repo, "mv", str(_file(repo, old)), str(_file(repo, new)))
    for item in library.definitions:
        old_module, _, name = item.old.partition(":")
        new_module, _, new_name = item.new.partition(":")
        text = _file(repo, old_module).read_text("utf-8")
        rest, definition = cut(text, name)
        _file(repo, old_module).write_text(rest, "utf-8", newline="\n")
        renamed = definition.replace(f" {name}(", f" {new_name}(", 1).replace(f"class {name}:", f"class {new_name}:", 1)
        home = f"{item.needs}\n\n{renamed}".lstrip("\n")
        _file(repo, new_module).write_text(home, "utf-8", newline="\n")
    _commit(repo, "Move definitions")


def cut(text: str, name: str) -> tuple[str, str]:
    """The text without the top-level definition of `name`, and that definition."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name and node.end_lineno:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            return "".join(lines[:first] + lines[node.end_lineno :]), "".join(lines[first : node.end_lineno])
    raise SystemExit(f"no definition of {name}")


def repoint(repo: Path, library: Library, scratch: Path) -> str:
    """Plan and apply the migration; the working tree stands on its branch afterwards. Gives plan's summary line."""
    manifest, plan = scratch / f"{library.name}.toml", scratch / f"{library.name}.plan.json"
    manifest.write_text(library.manifest(), "utf-8")
    tool = [sys.executable, "-m", "repoint"]
    planned = subprocess.run([*tool, "plan", manifest, "--repo", repo, "--out", plan], capture_output=True, text=True)
    if planned.returncode:
        raise SystemExit(f"plan ended with {planned.returncode}:\n{planned.stdout}{planned.stderr}")
    subprocess.run([*tool, "--quiet", "apply", plan, "--manifest", manifest, "--repo", repo], check=True)
    _git(repo, "switch", "-q", f"repoint/{library.name}")
    return planned.stdout


def tests(repo: Path, scratch: Path) -> Results:
    """The outcome of every test of the library."""
    report = scratch / "report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "tests"]
    env = {**os.environ, "PYTHONPATH": str(repo), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=repo, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    results = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        outcome = next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")
        results[f"{case.get('classname')}::{case.get('name')}"] = outcome
    return results


def shown(results: Results) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(Counter(results.values()).items()))


def _file(repo: Path, module: str) -> Path:
    return repo / f"{module.replace('.', '/')}.py"


def _git(repo: Path, *args: str) -> None:
    subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", *args], cwd=repo, check=True)


def _commit(repo: Path, message: str) -> None:
    _git(repo, "add", "-A", "-f")
    _git(repo, "commit", "-q", "-m", message)


def check(library: Library, scratch: Path, *, verbose: bool) -> bool:
    """Whether the library's tests give the same results before and after."""
    repo = unpack(library, scratch / library.name)
    before = tests(repo, scratch)
    move(repo, library)
    broken = tests(repo, scratch)
    summary = repoint(repo, library, scratch)
    after = tests(repo, scratch)
    print(
        f"{library.name} {library.version}, {len(library.definitions)} definitions and {len(library.modules)} modules"
    )
    print(f"  as released:          {shown(before)}")
    print(f"  moved, not repointed: {shown(broken)}")
    print(f"  moved and repointed:  {shown(after)}")
    if verbose:
        print(summary)
        subprocess.run(["git", "--no-pager", "diff", "trunk", f"repoint/{library.name}"], cwd=repo, check=True)
    differing = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    for name in differing:
        print(f"  DIFFERS: {name}: {before.get(name, 'absent')}, now {after.get(name, 'absent')}")
    return bool(before) and not differing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="show plan's summary and the diff")
    parser.add_argument("--only", help="only this library")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as folder:
        chosen = [library for library in LIBRARIES if args.only in (None, library.name)]
        same = [check(library, Path(folder), verbose=args.verbose) for library in chosen]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
