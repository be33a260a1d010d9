"""Which modules a module's import loads: exactly, from its syntax tree; or at least, from the look of its lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from repoint.names import parent, resolve_relative
from repoint.proof.resolve import Tree
from repoint.proof.source import package_of, steps, target_of

# Lines that import, and those that open a block: what is indented deeper than a `def` runs later, if ever.
_LINE = re.compile(
    rb"^([ \t]*)(?:"
    rb"(from)[ \t]+([.\w]+)[ \t]+import\b[ \t]*(\([^)]*\)|[^\n]*)|(import)\b([^\n]*)"
    rb"|(def|async[ \t]+def|if[ \t]+(?:typing\.)?TYPE_CHECKING[ \t]*:[ \t]*$)"
    rb"|((?:class|if|elif|else|try|except|finally|with|async|for|while|match|case)\b[^\n]*))",
    re.M,
)
_WORD = re.compile(rb"[^\W\d][\w.]*")


def loaded(tree: Tree, importer: str, module: str, names: Iterable[str]) -> Iterator[str]:
    """The files that `from module import names` (`import module` where there are none) runs on behalf of `importer`.

    Packages on the way count; but not those that `importer` itself lies in, which run anyway, unless a name is taken
    from one.
    """
    from_it = True
    if names:
        below = [f"{module}.{name}" for name in names]
        yield from (name for name in below if name in tree.by_module)
        from_it = not all(name in tree.modules for name in below)
    if module in tree.by_module and (from_it or not _contains(module, importer)):
        yield module
    while module := parent(module):
        if module in tree.by_module and not _contains(module, importer):
            yield module


def _contains(package: str, module: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def exact(tree: Tree, module: str) -> frozenset[str]:
    """What importing `module` loads: by import statements that run then; those in functions don't."""
    path = tree.by_module.get(module)
    parsed = tree.parsed(path) if path is not None else None
    if path is None or parsed is None:
        return frozenset()
    package = package_of(module, path)
    found: set[str] = set()
    for step in steps(parsed.body, classes=True):
        match step.node:
            case ast.Import(names=names) if not step.aside:
                for alias in names:
                    found.update(loaded(tree, module, alias.name, ()))
            case ast.ImportFrom(names=names) if not step.aside:
                found.update(loaded(tree, module, target_of(step.node, package), [alias.name for alias in names]))
    return frozenset(found)


def rough(tree: Tree, module: str) -> frozenset[str]:
    """At least what importing `module` loads, in a fraction of the time that parsing takes."""
    path = tree.by_module.get(module)
    if path is None:
        return frozenset()
    data = tree.read(path)
    if b";" in data and re.search(rb";[ \t]*(?:from|import)\b", data):
        return exact(tree, module)
    package = package_of(module, path)
    found: set[str] = set()
    later: int | None = None  # how deep the function is indented that we are in
    for match in _LINE.finditer(data):
        space, is_from, source, names, is_import, modules, function, block = match.groups()
        depth = len(space)
        if later is not None and depth > later:
            continue
        later = depth if function else None
        if (is_from and b"#" in names and names.startswith(b"(")) or _continues(names, modules, block):
            return exact(tree, module)
        if is_from:
            target = source.decode("utf-8", "replace").lstrip(".")
            level = len(source) - len(source.lstrip(b"."))
            whole = resolve_relative(package, level, target)
            found.update(loaded(tree, module, whole or "", _words(names)) if whole else ())
        elif is_import:
            for word in _words(modules):
                found.update(loaded(tree, module, word, ()))
    return frozenset(found)


def _continues(*lines: bytes | None) -> bool:
    """Whether one of the lines is more than it seems: it goes on in the next one, or imports behind a colon."""
    names, modules, block = lines
    return bool(
        (names and names.rstrip().endswith(b"\\"))
        or (modules and modules.rstrip().endswith(b"\\"))
        or (block and re.search(rb":[ \t]*(?:from|import)\b", block))
    )


def _words(text: bytes) -> list[str]:
    """The names in a piece of an import statement; `as` and what follows it do no harm."""
    return [word.decode("utf-8", "replace") for word in _WORD.findall(text)]
