"""Manifests: what is read, and that every mistake is told at once with line, key and mend."""

from __future__ import annotations

import hashlib

import pytest

from repoint.errors import ManifestErrors
from repoint.manifest import Migration, decode
from repoint.manifest.schema import Aliases, GroupBy, Relative, Star, Strings, StubMode, StubsWhen, Uses, json_schema
from repoint.names import Symbol

NAMED = 'name = "case"\n'


def read(text: str) -> Migration:
    return decode(text.encode(), "m.toml")


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(ManifestErrors) as caught:
        decode(text if isinstance(text, bytes) else text.encode(), "m.toml")
    return [str(problem) for problem in caught.value.problems]


def move(old: str, new: str) -> str:
    return f'[[move]]\nold = "{old}"\nnew = "{new}"\n'


def test_everything_is_read() -> None:
    migration = read(
        """
        name = "all-of-it"
        description = "Every key."
        [scope]
        roots = ["src"]
        include = ["**/*.py"]
        exclude = ["**/gen/**"]
        [[move]]
        old = "pkg.old:Old"
        new = "pkg.new:New"
        [[move]]
        old = "pkg.legacy"
        new = "pkg.core"
        [[canonical]]
        symbol = "pkg.new:New"
        aliases = "forbid"
        [[stub]]
        module = "pkg.old"
        mode = "lazy"
        drop = ["_a"]
        keep = ["b"]
        [rewrite]
        uses = "alias"
        relative = "keep"
        strings = "exact"
        star = "expand"
        known_calls = ["pkg.load"]
        text = ["*.cfg"]
        [batches]
        by = "file"
        depth = 3
        max_files = 7
        order = ["a/**"]
        stubs = "first"
        message = "move {title}"
        [[except]]
        files = ["tests/compat/**"]
        reason = "on purpose"
        """
    )
    manifest = migration.manifest
    assert migration.name == "all-of-it"
    assert migration.moves.symbols == {Symbol("pkg.old", "Old"): Symbol("pkg.new", "New")}
    assert migration.moves.modules == {"pkg.legacy": "pkg.core"}
    assert manifest.scope.roots == ("src",)
    assert manifest.canonical[0].aliases is Aliases.FORBID
    assert (manifest.stub[0].mode, manifest.stub[0].drop, manifest.stub[0].keep) == (StubMode.LAZY, ("_a",), ("b",))
    rewrite, batches = manifest.rewrite, manifest.batches
    assert (rewrite.uses, rewrite.relative, rewrite.strings, rewrite.star) == (
        Uses.ALIAS,
        Relative.KEEP,
        Strings.EXACT,
        Star.EXPAND,
    )
    assert (batches.by, batches.depth, batches.max_files, batches.stubs) == (GroupBy.FILE, 3, 7, StubsWhen.FIRST)
    assert (manifest.except_[0].files, manifest.except_[0].reason) == (("tests/compat/**",), "on purpose")


def test_a_name_is_enough() -> None:
    migration = read(NAMED)
    assert migration.manifest.scope.include == ("**/*.py", "**/*.pyi")
    assert migration.manifest.rewrite.uses is Uses.RENAME
    assert not migration.moves.touched_modules


def test_the_digest_is_that_of_the_bytes() -> None:
    assert read(NAMED).digest == hashlib.sha256(NAMED.encode()).hexdigest()
    assert read(NAMED + "\n").digest != read(NAMED).digest


def test_all_mistakes_are_told_at_once() -> None:
    told = problems(
        """
nme = "x"
[rewrite]
uses = "sometimes"
[[move]]
old = "a b"
new = "c"
[[move]]
old = "pkg.x"
[batches]
depth = 0
"""
    )
    assert len(told) >= 5
    assert any("m.toml:2" in line and "`nme`" in line and "did you mean `name`?" in line for line in told)
    assert any("`name` is missing" in line for line in told)
    assert any(line.startswith("m.toml:4") for line in told)
    assert any(line.startswith("m.toml:6") and "module:Name" in line for line in told)
    assert any("lacks the key `new`" in line and "m.toml:8" in line for line in told)
    assert any(line.startswith("m.toml:11") for line in told)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (move("a.b:C", "x.y"), "m.toml:3", ["a.b:C → x.y", "mixes a symbol with a module"]),
        (move("a.b", "a.b"), "m.toml:3", ["moves to itself"]),
        ('[batches]\nmessage = "a\\n\\nb"\n', "m.toml:", ["`message` holds a line break", "one line"]),
        ('[scope]\nroots = ["src", "../x"]\n', "m.toml:3", ["root ../x does not lie in the repository"]),
        ('[scope]\nroots = ["/x"]\n', "m.toml:3", ["root /x does not lie"]),
        ('[[canonical]]\nsymbol = "a:B"\n' * 2, "m.toml:5", ["a:B has two [[canonical]] tables"]),
        (move("a:B", "c:D") + '[[canonical]]\nsymbol = "a:B"\n', "m.toml:6", ["moves to c:D", "write c:D"]),
        (move("a.class", "x"), "m.toml:", ["a.class holds a Python keyword"]),
        (move("a:B", "x:B") * 2, "m.toml:6", ["a:B is moved twice"]),
        (move("a:B", "x:B") + move("a:B", "y:B"), "m.toml:6", ["a:B moves to two homes, x:B and y:B"]),
        (move("a", "b") + move("b", "c") + move("c", "a"), "m.toml", ["circle", "a → b → c → a"]),
        (move("a:X", "b:X") + move("b:X", "a:X"), "m.toml", ["circle", "a:X → b:X → a:X"]),
        ('[[stub]]\nmodule = "a"\n[[stub]]\nmodule = "a"\n', "m.toml:5", ["a has two [[stub]] tables"]),
        ('[[stub]]\nmodule = "a"\nkeep = ["x"]\ndrop = ["x"]\n', "m.toml:4", ["`x` stands in both keep and drop"]),
        ('[move]\nold = "a"\nnew = "b"\n', "m.toml:2", ["`move` is one table", "write [[move]]"]),
        ('[[except]]\nfiles = "tests/**"\n', "m.toml:3", ["must be a list", "write ['tests/**']"]),
        ("[batches]\nmax_files = 1.5\n", "m.toml:3", ["int"]),
        ("[scope]\nzzzzzz = 1\n", "m.toml:3", ["unknown key `zzzzzz` in [scope]", "known keys: exclude"]),
        (
            '[[canonical]]\nsymbol = "a.b"\n',
            "m.toml:3",
            ["[[canonical]] `symbol` = 'a.b': no symbol", "pkg.m"],
        ),
        ('[[canonical]]\nsymbl = "a:B"\n', "m.toml:3", ["unknown key `symbl` in [[canonical]]", "`symbol`?"]),
        ('[[stub]]\nmodule = "a:B"\n', "m.toml:3", ["no dotted path", "write `pkg.module`"]),
        ('[[stub]]\nmodule = "a"\nkeep = ["b.c"]\n', "m.toml:4", ["no name of Python", "the bare name"]),
        ('[[pattern]]\nid = "A B"\nmessage = "m"\nmatch = "f()"\n', "m.toml:3", ["no id", "`no-singletons`"]),
        ('[rewrite]\nstar = "all"\n', "m.toml:3", ["'all': not one of the values", '"report" or "expand"']),
        ("[targets]\nalias_imports = 0\n", "m.toml:3", ["no comparison of this kind", 'write "== 0"']),
        ('[targets]\ncanonical_share = ">= 100.5%"\n', "m.toml:3", ["no comparison of this kind", '">= 95%"']),
        ("description = 1\n", "m.toml:2", ["`description` = 1: must be text", "put it in quotes"]),
        ('[gates]\ntimeout = "15"\n', "m.toml:3", ["no length of time"]),
    ],
)
def test_a_mistake_names_its_place_and_mend(text: str, where: str, words: list[str]) -> None:
    told = problems(NAMED + text)
    assert any(line.startswith(where) and all(word in line for word in words) for line in told), told


@pytest.mark.parametrize(("text", "mend"), [('rewrite = "x"\n', "write [rewrite]"), ("move = [3]\n", "write [[move]]")])
def test_a_value_in_the_place_of_a_table_names_its_line(text: str, mend: str) -> None:
    (told,) = problems(NAMED + text)
    assert told.startswith("m.toml:2") and mend in told


def test_a_mistake_is_told_once() -> None:
    assert len(problems(NAMED + move("a", "a"))) == 1


@pytest.mark.parametrize("name", ["", "-x", "a b", "../up", "a/b"])
def test_a_name_must_do_for_a_branch(name: str) -> None:
    assert problems(f'name = "{name}"\n')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'name = "\xff"\n', "not UTF-8: byte 8"),
        (b'name = "x\n', "not TOML"),
        (b"name = 1\nname = 2\n", "not TOML"),
    ],
)
def test_bytes_that_are_no_toml(data: bytes, words: str) -> None:
    (told,) = problems(data)
    assert told.startswith("m.toml") and words in told


def test_the_json_schema_knows_every_table() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert {"Manifest", "Move", "Stub", "Rewrite", "Batches", "Except", "Canonical", "Scope"} <= definitions.keys()
