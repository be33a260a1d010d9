"""Run a codemod on one file in this process: `load` takes a step, and gives the function that does it."""

from repoint.codemods.runners.load import load

__all__ = ["load"]
