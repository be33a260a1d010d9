"""Run as a script by any Python: imports modules and compares what old and new paths give.

Stands alone, and tells each step as a line of JSON in a file, so that a crash or a time limit leaves what was known.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any


def main(asked_path: str, told_path: str) -> None:
    asked: dict[str, Any] = json.loads(Path(asked_path).read_text(encoding="utf-8"))
    here = str(Path(__file__).parent)
    sys.path[:] = [*asked["roots"], *(path for path in sys.path if path != here)]
    with Path(told_path).open("w", encoding="utf-8") as told:

        def tell(**what: Any) -> None:
            told.write(json.dumps(what) + "\n")
            told.flush()

        modules: dict[str, ModuleType] = {}
        for name in asked["modules"]:
            tell(event="importing", module=name)
            try:
                modules[name] = importlib.import_module(name)
            except BaseException as error:
                last = traceback.format_exception_only(type(error), error)[-1].strip().splitlines()[-1:]
                missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
                tell(event="failed", module=name, error="".join(last) or type(error).__name__, missing=missing)
        old = modules.get(asked["old"])
        names: dict[str, list[str] | None] = asked["names"] if old is not None else {}
        for name, home in names.items():
            if home is not None and home[0] not in modules:
                continue
            try:
                one = _get(modules[asked["old"]], name)
                two = one if home is None else _get(modules[home[0]], home[1])
            except AttributeError as error:
                tell(event="compared", name=name, same=False, error=str(error))
            except BaseException as error:
                tell(event="compared", name=name, same=False, error=f"{type(error).__name__}: {error}")
            else:
                tell(event="compared", name=name, same=one is two, error=None)
        tell(event="done")
    os._exit(0)  # threads and exit handlers of what was imported are none of our business


def _get(module: ModuleType, name: str) -> object:
    """A name of a module; a submodule is one as well."""
    try:
        return getattr(module, name)
    except AttributeError:
        try:
            return importlib.import_module(module.__name__ + "." + name)
        except ImportError:
            pass
        raise


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
