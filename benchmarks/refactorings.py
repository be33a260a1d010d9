"""Takes a tool's name, an old and a new path (`module:Name`) and a folder; does that refactoring without writing it.

Prints how many files it would change. Run by peers.py in a process of its own.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path


def bowler(old: str, new: str, root: str) -> int:
    touched = set()

    def note(filename: object, hunk: object) -> bool:
        touched.add(str(filename))
        return False

    old_module, new_module = old.partition(":")[0], new.partition(":")[0]
    query = import_module("bowler").Query([root]).select_module(old_module).rename(new_module)
    query.process(note).execute(interactive=False, write=False, silent=True, in_process=True)
    return len(touched)


def rope(old: str, new: str, root: str) -> int:
    project = import_module("rope.base.project").Project(root, ropefolder=None, ignore_syntax_errors=True)
    module, _, name = old.partition(":")
    resource = project.get_resource(module.replace(".", "/") + ".py")
    mover = import_module("rope.refactor.move").create_move(project, resource, _offset(resource.read(), name))
    home = project.get_resource(new.partition(":")[0].replace(".", "/") + ".py")
    return len(mover.get_changes(home).changes)


def _offset(text: str, name: str) -> int:
    """Where the top-level definition of `name` has its name, in characters."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return sum(map(len, lines[: node.lineno - 1])) + lines[node.lineno - 1].index(name)
    raise SystemExit(f"no definition of {name}")


if __name__ == "__main__":
    tool, old, new, root = sys.argv[1:]
    print({"Bowler": bowler, "rope": rope}[tool](old, new, str(Path(root).resolve())))
