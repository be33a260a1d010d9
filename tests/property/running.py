"""Takes the files of a program, runs its modules, gives what they told: two programs that mean the same tell the same.

The modules call `probe(value)` to tell a value and `call(function)` to run a function and tell how it ended.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

ADDRESS = re.compile(" at 0x[0-9a-f]+")


class _Files(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports from a mapping of paths to bytes."""

    def __init__(self, files: Mapping[str, bytes], helpers: Mapping[str, object]) -> None:
        self.files = files
        self.helpers = helpers

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        base = name.replace(".", "/")
        for candidate in (f"{base}/__init__.py", f"{base}.py"):
            if candidate in self.files:
                is_package = candidate.endswith("__init__.py")
                return importlib.machinery.ModuleSpec(name, self, origin=candidate, is_package=is_package)
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None and module.__spec__.origin is not None
        origin = module.__spec__.origin
        vars(module).update(self.helpers)
        exec(compile(self.files[origin], origin, "exec"), vars(module))


def told(files: Mapping[str, bytes], modules: Sequence[str]) -> list[str]:
    """What `modules` tell, imported one after the other."""
    log: list[str] = []

    def probe(value: object) -> object:
        log.append(_shown(value))
        return value

    def call(function: Callable[[], object]) -> None:
        try:
            ended = function()
            if isinstance(ended, types.CoroutineType):
                ended.send(None)
        except StopIteration:
            pass
        except Exception as error:
            log.append(f"raised {type(error).__name__}")

    with _importable(_Files(files, {"probe": probe, "call": call})):
        for name in modules:
            log.append(f"module {name}")
            call(lambda: importlib.import_module(name))  # noqa: B023
    return log


@contextmanager
def _importable(finder: _Files) -> Iterator[None]:
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if _is_from(finder, name, module)]:
            del sys.modules[name]


def _is_from(finder: _Files, name: str, module: types.ModuleType) -> bool:
    return getattr(module, "__loader__", None) is finder or f"{name.replace('.', '/')}.py" in finder.files


def _shown(value: object) -> str:
    """A value without what differs from run to run."""
    if isinstance(value, type | types.FunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, str | int | None):
        return ADDRESS.sub("", repr(value))
    if isinstance(value, list | tuple | set):
        return f"{type(value).__name__} {[_shown(item) for item in value]}"
    return f"a {type(value).__module__}.{type(value).__qualname__}"
