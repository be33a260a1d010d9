"""Takes a LibCST codemod class and its arguments, gives the runner that makes a fresh instance of it for each file."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from libcst import CSTTransformer, Module, ParserSyntaxError, parse_module
from libcst.codemod import Codemod, CodemodContext, SkipFile
from libcst.helpers import ModuleNameAndPackage
from libcst.metadata import FilePathProvider, FullRepoManager, FullyQualifiedNameProvider, ProviderT

from repoint.codemods.runners.arguments import check_arguments, tried
from repoint.codemods.runners.runner import Runner, Skipped, Unreadable, first_difference
from repoint.codemods.values import Subject, Unusable

_TRIAL = Subject("", "module.py", "module", "")


class _OneFile(FullRepoManager):
    """What LibCST asks of a whole repository, answered for one file from its path and its names alone."""

    def __init__(self, subject: Subject) -> None:
        super().__init__("", (subject.path,), ())
        self._file = subject.path
        self._known: dict[ProviderT, object] = {
            FilePathProvider: Path(subject.path),
            FullyQualifiedNameProvider: ModuleNameAndPackage(subject.module, subject.package),
        }

    @property
    def cache(self) -> dict[ProviderT, Mapping[str, object]]:
        return {provider: {self._file: known} for provider, known in self._known.items()}

    def get_cache_for_path(self, path: str) -> Mapping[ProviderT, object]:
        if path != self._file:
            raise ValueError(f"a codemod sees one file at a time: {self._file}, not {path}")
        return self._known


def libcst_runner(codemod: object, args: Mapping[str, Any], named: str) -> Runner:
    """The runner of a `libcst.codemod.Codemod` class; `named` is what errors call it. Raises `Unusable`."""
    if not (isinstance(codemod, type) and issubclass(codemod, Codemod)):
        raise Unusable(f"{named} is not a LibCST codemod", _mend(codemod))
    if inspect.isabstract(codemod):
        lacking = ", ".join(sorted(codemod.__abstractmethods__))
        raise Unusable(f"{named} is abstract: it lacks {lacking}", f"write {lacking}, or name a class that has it")
    _check_metadata(codemod, named)
    check_arguments(codemod, args, named, "context")
    with suppress(SkipFile):  # of files that it does not like the name of
        tried(partial(codemod, _context(_TRIAL, []), **deepcopy(args)), named, codemod.__module__, SkipFile)
    return Runner(partial(_run, codemod, args), codemod.__module__)


def _mend(found: object) -> str:
    if isinstance(found, Codemod):
        return "name its class: an instance is made for each file"
    if isinstance(found, type) and issubclass(found, CSTTransformer):
        return "derive it from libcst.codemod.VisitorBasedCodemodCommand, whose first argument is the context"
    if callable(found) and not isinstance(found, type):
        return 'name a class derived from libcst.codemod.Codemod; or, if it takes a Bowler query, say kind = "bowler"'
    return "name a class derived from libcst.codemod.Codemod"


def _check_metadata(codemod: type[Codemod], named: str) -> None:
    """Raise `Unusable` for metadata that a tool computes from a whole repository, such as Pyre's types."""
    known = _OneFile(_TRIAL).cache
    beyond = [kind for kind in codemod.get_inherited_dependencies() if kind.gen_cache and kind not in known]
    if beyond:
        names = ", ".join(sorted(kind.__name__ for kind in beyond))
        mend = "do without it: codemods see one file at a time"
        raise Unusable(f"{named} asks for {names}, which needs the whole repository", mend)


def _run(codemod: type[Codemod], args: Mapping[str, Any], subject: Subject, warnings: list[str]) -> str:
    tree = _parsed(subject.text)
    try:
        result: object = codemod(_context(subject, warnings), **deepcopy(args)).transform_module(tree)
    except SkipFile as error:
        raise Skipped(str(error)) from error
    if not isinstance(result, Module):
        raise TypeError(f"it gives back {type(result).__name__}, where a libcst.Module is due")
    return result.code


def _context(subject: Subject, warnings: list[str]) -> CodemodContext:
    return CodemodContext(
        warnings=warnings,
        filename=subject.path,
        full_module_name=subject.module or None,
        full_package_name=subject.package if subject.module else None,
        metadata_manager=_OneFile(subject),
    )


def _parsed(text: str) -> Module:
    try:
        tree = parse_module(text)
    except ParserSyntaxError as error:
        raise Unreadable(f"LibCST cannot read it: {error.message}", error.raw_line) from error
    if tree.code != text:
        line = first_difference(text, tree.code)
        raise Unreadable(f"LibCST does not give line {line} back as it read it", line)
    return tree
