"""One source file in, its facts or its failure out: a pure function of bytes and query, safe in any worker."""

from __future__ import annotations

import ast
import re
import typing
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping

from repoint.analysis.facts import FileFacts, Reference, RefKind
from repoint.analysis.parse import Unparsable, deep_recursion, parse
from repoint.analysis.query import Query
from repoint.analysis.recorder import WELL_KNOWN, Asked, RawReference
from repoint.analysis.scopes import ScopeTree
from repoint.analysis.text import Text
from repoint.analysis.typing_names import TYPING_MODULES, Typing
from repoint.analysis.walk import Walker
from repoint.analysis.words import occurrences, offsets
from repoint.model import Failed, Frozen, SourceFile
from repoint.names import is_package_file, parent, resolve_relative

_SEEING_CALLS = (b"exec", b"eval", b"locals", b"globals", b"vars")
_DEFINED = re.compile(rb"\b(?:class|def)[ \t]+\Z")
_OPENING = re.compile(rb"\s*\(")
_CHAIN = re.compile(rb"([^\W\d]\w*)(?:[\s\\]*\.[\s\\]*\w+)*[\s\\]*\.[\s\\]*\Z")
_LONGEST_CHAIN = 300
_LITERAL_ALIAS = re.compile(rb"^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=[ \t]*(?:\w+\.)*Literal[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_TYPE_COMMENT = re.compile(rb"#[ \t\f]*type:")


def analyse(source: SourceFile, module: str, query: Query) -> FileFacts | Failed:
    """The facts of `source`, which is imported as `module` (empty if it cannot be), that `query` asks about.

    Never raises for what a file may hold: a file that does not parse is a Failed with its line and reason.
    """
    found = analyse_with_tree(source, module, query)
    return found if isinstance(found, Failed) else found[0]


def analyse_with_tree(source: SourceFile, module: str, query: Query) -> tuple[FileFacts, ast.Module] | Failed:
    """What `analyse` gives, and the tree that it was read from."""
    try:
        with deep_recursion():
            return _analyse(source, module, query)
    except Unparsable as error:
        return Failed(source.path, error.line, error.reason)
    except RecursionError:
        return Failed(source.path, 1, "is nested too deeply")


def _analyse(source: SourceFile, module: str, query: Query) -> tuple[FileFacts, ast.Module]:
    commented = b"type:" in source.data and _TYPE_COMMENT.search(source.data) is not None
    text, tree, read = parse(source.data, type_comments=commented)
    is_init = is_package_file(source.path)
    package = module if is_init else parent(module)
    imports = _imports(text, tree, package)
    found = defaultdict(list)
    for word, at in occurrences(text.utf8, query.names):
        found[word].append(at)
    words = _words(text, query, imports, _owners(text, query), frozenset(word.decode() for word in found))
    asked = Asked(
        words=words,
        text_words=query.text_words,
        known_calls=query.known_calls,
        callees=_callees(text, imports),
        typing=Typing(),
        future_annotations=any(item.target == "__future__" for item in imports),
        own=_own(text),
        module=module,
    )
    walker = Walker(text, package, asked, _lines(text, words, query.text_words, found))
    walker.module(tree)
    skipped = commented and not read
    facts = FileFacts(
        path=source.path,
        blob=source.blob,
        module=module,
        package=package,
        is_init=is_init,
        imports=tuple(walker.imports),
        scopes=tuple(scope.closed() for scope in walker.tree.scopes),
        references=_resolve(walker.tree, walker.references),
        strings=tuple(sorted(walker.strings, key=lambda fact: fact.start)),
        hazards=tuple(walker.hazards),
        exported=frozenset(walker.exported),
        exports=tuple(walker.exports),
        fixture_names=frozenset(walker.fixture_names),
        notes=((1, "a type comment in the wrong place kept type comments from being read"),) if skipped else (),
    )
    return facts, tree


def _own(text: Text) -> frozenset[str]:
    """The well-known names that the file itself gives to a function or a class."""
    return frozenset(name for name in WELL_KNOWN if _is_defined(text, name))


def _is_defined(text: Text, name: str) -> bool:
    return any(_DEFINED.search(text.utf8, max(0, at - 20), at) for at in offsets(text.utf8, name.encode()))


class _Imported(Frozen, frozen=True):
    """A name that some import binds: `target` is None for `import …`, `name` what stands there."""

    local: str
    name: str
    target: str | None


def _imports(text: Text, tree: ast.Module, package: str) -> list[_Imported]:
    """What all imports bind, wherever they stand; found before it is known which names matter."""
    lines = sorted(text.lines_of(offsets(text.utf8, b"import")))
    found: list[_Imported] = []
    blocks: list[list[ast.stmt]] = [tree.body]
    while blocks:
        for node in blocks.pop():
            if isinstance(node, ast.Import):
                found += [
                    _Imported(alias.asname or alias.name.partition(".")[0], alias.name, None) for alias in node.names
                ]
            elif isinstance(node, ast.ImportFrom):
                target = resolve_relative(package, node.level, node.module or "") or ""
                found += [_Imported(alias.asname or alias.name, alias.name, target) for alias in node.names]
            elif hasattr(node, "body") and _holds(node, lines):
                blocks += _blocks(node)
    return found


def _holds(node: ast.stmt, lines: list[int]) -> bool:
    """Whether a statement spans any of `lines`."""
    at = bisect_left(lines, node.lineno)
    return at < len(lines) and lines[at] <= (node.end_lineno or node.lineno)


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of statements right below a compound statement."""
    parts = (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    blocks = (getattr(part, name, None) for part in parts for name in ("body", "orelse", "finalbody"))
    return [block for block in blocks if isinstance(block, list)]


def _words(
    text: Text, query: Query, imports: list[_Imported], owners: set[str], present: frozenset[str]
) -> frozenset[str]:
    """The identifiers to look for: those of the query that occur, and the locals of imports it asks about."""
    words = set(present)
    for item in imports:
        if item.name == "*":
            exported = query.starred.get(item.target or "", frozenset())
            words |= {found.decode() for found, _ in occurrences(text.utf8, exported)}
            continue
        if item.target is not None:
            wanted = query.wants(item.target, item.name)
        else:  # `import a.b` binds `a`, through which any of its modules may be read
            wanted = query.wants_module(item.name) or query.wants_module(item.local)
        if wanted or item.local in owners:
            words.add(item.local)
    return frozenset(words)


def _owners(text: Text, query: Query) -> set[str]:
    """First names of the dotted chains that end in a name asked for, and of patched objects with a surface."""
    names = {symbol.name for symbol in query.surfaces}
    owners = {
        found[1].decode()
        for _, at in occurrences(text.utf8, query.owned)
        if (found := _CHAIN.search(text.utf8, max(0, at - _LONGEST_CHAIN), at)) is not None
    }
    if not names:
        return owners
    ends = "|".join(map(re.escape, sorted(names)))
    chain = rf"\b(\w+)(?:\s*\.\s*\w+)*\s*(?:\.\s*(?:{ends})\b|,\s*[\"'](?:{ends})[\"'])"
    return owners | set(re.findall(chain, text.utf8.decode("utf-8")))


def _callees(text: Text, imports: list[_Imported]) -> dict[str, str]:
    """What the local names of imports stand for, dotted, as far as that is told by the imports alone.

    Names that a star import of `typing` brings in are among them, and other names that are given to `Literal`.
    """
    known: dict[str, str] = {}
    for item in imports:
        if item.name == "*" and item.target in TYPING_MODULES:
            known.update((name, f"typing.{name}") for name in typing.__all__ if not _is_defined(text, name))
        elif item.target is not None:
            known[item.local] = f"{item.target}.{item.name}"
        else:
            known[item.local] = item.local if item.name.partition(".")[0] == item.local else item.name
    if b"Literal" in text.utf8:
        known.update((found[1].decode(), "typing.Literal") for found in _LITERAL_ALIAS.finditer(text.utf8))
    return known


def _lines(
    text: Text, words: frozenset[str], text_words: frozenset[str], known: Mapping[bytes, list[int]]
) -> list[int] | None:
    """The lines that have a word of either kind, or a call that sees names as text.

    None where words may be spelled otherwise. `known` are the offsets of those that have been looked for already.
    """
    rest = frozenset(word for word in words if word.encode() not in known)
    found = [offset for asked in (rest, text_words) for _, offset in occurrences(text.utf8, asked)]
    found += [offset for word in words for offset in known.get(word.encode(), ())]
    if not text.utf8.isascii():
        plain = text.utf8.decode("utf-8")
        folded = unicodedata.normalize("NFKC", plain)
        again = (offset for asked in (words, text_words) for offset in occurrences(folded.encode(), asked))
        if folded != plain and sum(1 for _ in again) != len(found):
            return None
    for call in _SEEING_CALLS:
        found += [at for at in offsets(text.utf8, call) if _OPENING.match(text.utf8, at + len(call))]
    for word in (b"import", b"__all__"):
        found += offsets(text.utf8, word)
    return sorted(text.lines_of(found))


def _resolve(tree: ScopeTree, raw: list[RawReference]) -> tuple[Reference, ...]:
    """Every reference with the scope that its name is bound in."""
    done: list[Reference] = []
    for item in raw:
        ambiguous = False
        if item.kind in (RefKind.LOAD, RefKind.DECLARATION):
            binds, ambiguous = tree.resolve(item.name, item.scope, item.start)
        else:
            binds = tree.holder(item.name, item.scope)
        done.append(
            Reference(
                item.name,
                item.start,
                item.end,
                item.scope,
                binds,
                item.kind,
                item.chain,
                item.when,
                item.role,
                item.group,
                item.exact,
                ambiguous,
            )
        )
    return tuple(sorted(done, key=lambda reference: (reference.start, reference.end)))
