"""Scopes: every name resolves as the compiler resolves it, with the standard library's `symtable` as the judge."""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
from collections.abc import Iterator

import pytest

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import MODULE, UNBOUND, FileFacts, Reference, RefKind, ScopeKind
from repoint.analysis.query import Query
from repoint.manifest.moves import MoveTable
from repoint.model import SourceFile


def programs(text: str) -> dict[str, str]:
    """Programs by their names, each under a comment line `# name:`."""
    found: dict[str, str] = {}
    for line in text.strip("\n").splitlines(keepends=True):
        if line.startswith("# "):
            name = line[2:].rstrip(":\n")
            found[name] = ""
        else:
            found[name] += line
    return found


PROGRAMS = programs(
    """
# parameters shadow:
x = 1
def f(x, *y, z=x, **w):
    return x, y, z, w
# default reads outside:
x = 1
def f(x=x): return x
g = lambda x=x: x
# assigned later in the function:
x = 1
def f():
    print(x)
    x = 2
# closure:
def f():
    x = 1
    def g():
        def h(): return x
        return h
    return g
# global:
x = 1
def f():
    global x
    x = 2
    def g(): return x
# global in the middle:
x = 0
def f():
    x = 1
    def g():
        global x
        def h(): return x
        return x
# nonlocal:
def f():
    x = 1
    def g():
        nonlocal x
        x = 2
        def h(): return x
    return x
# nonlocal passes a class:
def f():
    x = 1
    class C:
        x = 2
        def g(self):
            nonlocal x
            x = 3
# class is no scope for methods:
x = 1
class C:
    x = 2
    def m(self): return x
    y = [x for _ in z]
# class inside a function:
def f(x):
    class C:
        def m(self): return x
    return C
# comprehension target:
x = 1
y = [x for x in x]
z = {x: w for x, w in x if w}
# nested comprehension:
y = [[a for a in b if c] for b in a if b for c in b]
# comprehension in a function:
def f(a):
    return [a for b in a for a in b], a
# generator reads late:
def f():
    g = (x for y in x)
    x = 1
# walrus:
def f():
    if (x := g()): return x
    return x
# walrus in a comprehension:
def f():
    [x := y for y in z]
    return x, y
# walrus in nested comprehensions:
def f():
    [[x := y for y in z] for z in w]
    return x
# walrus at the top:
[x := y for y in z]
x
# walrus and global:
def f():
    global x
    [x := y for y in z]
    return x
# walrus in a lambda:
x = 1
f = lambda: (x := 2, x)
# lambda:
x = 1
f = lambda x, *y, z=x: lambda w: (x, y, z, w)
# del:
def f():
    x = 1
    del x
    return x
# augmented:
x = 1
def f():
    x += 1
# for, with, except:
def f():
    for a, (b, *c) in d: pass
    with e as g, h as (i, j): pass
    try: pass
    except k as m: m
    return a, b, c, g, i, j, m
# imports:
def f():
    import a.b, c.d as e
    from g import h as i, j
    return a, b, c, d, e, g, h, i, j
# match:
def f(x):
    match x:
        case a, *b: pass
        case {'k': c, **d}: pass
        case E(f=g) | [g]: pass
        case h.i: pass
        case (1 | 2) as j: pass
        case _: pass
    return a, b, c, d, g, h, j
# annotation declares:
def f():
    x: int
    y: z = 1
    return x, y
# annotated target:
def f(a):
    a.x: int = 1
    (b): int = 2
    return a, b
# annotations read outside:
def f():
    def g(a: b) -> c:
        b = c = a
        return b, c
    b = c = 1
# decorators and bases read outside:
def f(d, b):
    @d
    class C(b, metaclass=d):
        d = b
    @d
    def g(d=d): return d
# function names:
def f():
    def g(): return g, f
    class C: return_ = C
    return g, C
# conditional:
if a:
    def f(): pass
else:
    f = None
def g(): return f
# async:
async def f(a):
    async for b in a: pass
    async with a as c: pass
    return [d async for d in a if b]
# f-strings:
def f(a):
    b = f'{a}{c!r:>{d}}'
    return [f'{e}{a}' for e in b]
# class in class:
class A:
    x = 1
    class B:
        y = 2
        def m(self): return x, y
# global in a class:
x = 1
class C:
    global x
    x = 2
    def m(self): return x
# class reads a closure:
def f(x):
    class C:
        y = x
    return C
# star assignment:
def f():
    *a, b = c
    (d, [e, f.g, h[i]]) = j
    return a, b, d, e
# loop else:
def f():
    for a in b: pass
    else: c = a
    while c: d = 1
    return c, d
# try star:
def f():
    try: pass
    except* E as a: a
    finally: b = 1
    return a, b
"""
)

PROGRAMS_OF_3_12 = {
    "generic function": "x = 1\ndef f[T: x](a: T) -> T:\n    b: T = a\n    return b\n",
    "generic class": "T = 1\nclass C[T](B[T]):\n    x: T\n    def m[U](self, a: U) -> T: return T, U\n",
    "type alias": "type A[T, *Ts, **P] = dict[T, X]\n",
    "shadowing": "def f(T):\n    def g[T](a: T): return T\n    return T\n",
}


def facts_of(source: str, names: frozenset[str]) -> FileFacts:
    query = Query(MoveTable(), frozenset(), names)
    facts = analyse(SourceFile("m.py", "100644", "0" * 40, source.encode()), "m", query)
    assert isinstance(facts, FileFacts)
    return facts


def identifiers(source: str) -> frozenset[str]:
    """All identifiers that stand for variables."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "arg", "name", "rest", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                names.add(value.partition(".")[0])
        names.update(getattr(node, "names", []) if isinstance(node, ast.Global | ast.Nonlocal) else [])
    return frozenset(names)


class Judge:
    """What `symtable` says of a program, scope by scope, in the order in which scopes begin."""

    def __init__(self, source: str) -> None:
        self.tables: list[symtable.SymbolTable] = []
        self.parents: list[int] = []
        self._add(symtable.symtable(source, "m.py", "exec"), UNBOUND)

    def _add(self, table: symtable.SymbolTable, parent: int) -> None:
        at = len(self.tables)
        self.tables.append(table)
        self.parents.append(parent)
        for child in table.get_children():
            if "annot" not in str(child.get_type()):
                self._add(child, at)

    def binds(self, at: int, name: str) -> bool:
        if name not in self.tables[at].get_identifiers():
            return False
        symbol = self.tables[at].lookup(name)
        if at == MODULE:
            return symbol.is_local() or self._bound_by_global(name)
        return symbol.is_local()

    def _bound_by_global(self, name: str) -> bool:
        found = (table.lookup(name) for table in self.tables if name in table.get_identifiers())
        return any(symbol.is_declared_global() and symbol.is_assigned() for symbol in found)

    def resolve(self, at: int, name: str) -> int:
        symbol = self.tables[at].lookup(name)
        if at == MODULE or symbol.is_global():
            return MODULE if self.binds(MODULE, name) else UNBOUND
        if symbol.is_free():
            outer = self.parents[at]
            while self.tables[outer].get_type() == "class" or not self.binds(outer, name):
                outer = self.parents[outer]
            return outer
        return at


def in_step(facts: FileFacts, judge: Judge) -> dict[int, int]:
    """Our scopes with those of `symtable`: the n-th child of a scope is the n-th child there."""
    pairs = {MODULE: MODULE}
    for at in range(1, len(facts.scopes)):
        parent = facts.scopes[at].parent
        rank = [other for other in range(1, at) if facts.scopes[other].parent == parent]
        theirs = [other for other, up in enumerate(judge.parents) if up == pairs[parent]]
        if len(rank) >= len(theirs) and sys.version_info >= (3, 12):
            pytest.skip("comprehensions are no scopes of their own to symtable any more (PEP 709)")
        pairs[at] = theirs[len(rank)]
    assert sorted(pairs.values()) == list(range(len(judge.tables)))
    return pairs


def resolved(facts: FileFacts) -> Iterator[Reference]:
    return (item for item in facts.references if item.kind is not RefKind.DECLARATION)


def check(source: str) -> None:
    names = identifiers(source)
    facts, judge = facts_of(source, names), Judge(source)
    pairs = in_step(facts, judge)
    wrong = [
        (item.name, item.start, item.kind.value)
        for item in resolved(facts)
        if (pairs[item.binds] if item.binds != UNBOUND else UNBOUND) != judge.resolve(pairs[item.scope], item.name)
    ]
    assert not wrong
    for at, scope in enumerate(facts.scopes):
        if at != MODULE:
            assert scope.bound == {name for name in names if judge.binds(pairs[at], name)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_names_resolve_as_symtable_says(name: str) -> None:
    check(PROGRAMS[name])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
@pytest.mark.parametrize("name", PROGRAMS_OF_3_12)
def test_type_parameters_have_a_scope_of_their_own(name: str) -> None:
    facts = facts_of(PROGRAMS_OF_3_12[name], identifiers(PROGRAMS_OF_3_12[name]))
    kinds = {scope.kind for scope in facts.scopes}
    assert ScopeKind.TYPE_PARAMETERS in kinds
    for item in resolved(facts):
        if item.name == "T" and name != "shadowing":
            assert facts.scopes[item.binds].kind is ScopeKind.TYPE_PARAMETERS or item.binds == item.scope


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_use_and_binding_is_found(name: str) -> None:
    source = PROGRAMS[name]
    facts = facts_of(source, identifiers(source))
    spans = {(item.start, item.name) for item in facts.references if item.kind is not RefKind.IMPORT}
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(source)):
        inside_f_string = sys.version_info < (3, 12) and name == "f-strings"
        if isinstance(node, ast.Name) and not inside_f_string:
            assert (starts[node.lineno - 1] + node.col_offset, node.id) in spans
    for item in facts.references:
        if item.exact and item.end > item.start and item.kind is not RefKind.IMPORT:
            assert source[item.start : item.end] == item.name


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_else_is_asked_about_makes_no_difference(name: str) -> None:
    """Statements without a word that is asked about are passed over; that must not be seen."""
    source = PROGRAMS[name]
    whole = {(item.start, item.kind): item for item in facts_of(source, identifiers(source)).references}
    kinds = [scope.kind for scope in facts_of(source, identifiers(source)).scopes]
    for word in identifiers(source) - set(dir(builtins)):
        facts = facts_of(source, frozenset({word}))
        for item in facts.references:
            other = whole[item.start, item.kind]
            at_home = item.binds in (MODULE, UNBOUND) or other.binds in (MODULE, UNBOUND)
            mine = item.binds if at_home else facts.scopes[item.binds].kind
            theirs = other.binds if at_home else kinds[other.binds]
            assert mine == theirs, item


# A class body looks a name up in itself first, then in the module, at the moment of reading.


def class_reads(body: str) -> list[tuple[bool, bool]]:
    """For each read of `x` in the class body: does it resolve to the class, and is that uncertain."""
    facts = facts_of(f"x = 0\nclass C:\n{body}", frozenset({"x"}))
    return [
        (facts.scopes[item.binds].kind is ScopeKind.CLASS, item.ambiguous)
        for item in facts.references
        if item.kind is RefKind.LOAD
    ]


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        ("    y = x\n    x = 1\n", [(False, False)]),
        ("    x = 1\n    y = x\n", [(True, False)]),
        ("    x = x\n    y = x\n", [(False, False), (True, False)]),
        ("    if y:\n        x = 1\n    z = x\n", [(True, True)]),
        pytest.param(
            "    for x in y: pass\n    z = x\n",
            [(True, True)],
        ),
        ("    def x(self): pass\n    y = x\n", [(True, False)]),
        ("    import x\n    y = x\n", [(True, False)]),
        ("    with a as x:\n        y = x\n", [(True, False)]),
    ],
)
def test_a_class_body_reads_the_module_until_it_binds(body: str, reads: list[tuple[bool, bool]]) -> None:
    assert class_reads(body) == reads


def test_a_class_that_binds_nothing_reads_an_unbound_name() -> None:
    facts = facts_of("class C:\n    y = x\n    x = 1\n", frozenset({"x"}))
    assert [item.binds for item in facts.references if item.kind is RefKind.LOAD] == [UNBOUND]
