"""Uses follow their binding, wherever and however they stand; what only looks like a use is left alone."""

from __future__ import annotations

import sys

import pytest

from tests.transform_tools import RENAMED, applied, check_noop, check_transformed, found, plan_of

IMPORT = "from pkg.old import Old\n"
MOVED_IMPORT = "from pkg.new import New\n"


def follows(text: str) -> None:
    """In `text` every § is a use of the moved name; nothing else is."""
    check_transformed(
        {"app.py": IMPORT + text.replace("§", "Old")}, {"app.py": MOVED_IMPORT + text.replace("§", "New")}
    )


@pytest.mark.parametrize(
    "text",
    [
        "§(§, x=§)[§:§].y",
        "class C(§, metaclass=§): ...",
        "@§\n@§.x(1)\ndef f(): ...",
        "def f(a: § = §, *b: §, c: § = §(), **d: §) -> §: ...",
        "def f(a, /, b=§): ...",
        "async def f():\n    async with §() as x:\n        await §\n    async for y in §: ...",
        "try: ...\nexcept (§, E): ...\nexcept § as e: ...",
        "try: ...\nexcept* §: ...",
        "raise § from §",
        "f = lambda x=§: §",
        "[§ for x in § if §]",
        "{§: § for x in y}\n{*§}, {**§}",
        "match x:\n    case §(a=1): ...\n    case §.X | §.Y(): ...",
        "match §:\n    case x if §: ...",
        "x: §\ny: list[§] = []",
        "with §() as (a, b): ...",
        "§.x = §\n§[0] += 1\ndel §.x",
        "assert isinstance(x, §), §",
        "yielded = lambda: (yield §)",
        "(y := §)",
        "if §: ...\nelif §: ...\nwhile §: ...",
        "class C:\n    Old = §\n    def m(self): return §, self.Old",
        "def f(Old=§): return Old",
        "[Old for Old in §]",
        "def f():\n    return Old\n    x = [Old := 1]",
    ],
)
def test_every_kind_of_use(text: str) -> None:
    follows(f"{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "f'{§}{§!r:>{§.width}}'",
        "f'{{Old}} {§}'",
        "rf'\\d{§}' f\"{§['Old']}\"",
        "f'''\n{§\n}'''",
        "'Old' f'{§}' 'Old'",
        "f'{lambda_(x=§)} é {§}'",
        "f'{x:{§}}' f'{ {§: 1} }'",
        "f'{§ != §}' f'{§:%H:%M}'",
        "(f'{x}'\n    # Old\n    f'{§}')",
    ],
)
def test_uses_in_f_strings(text: str) -> None:
    follows(f"{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "x: '§'",
        "x: 'dict[str, \"§\"]'",
        "x: '''list[\n    §\n]'''",
        "x: r'§'",
        "def f(a: '§ | None' = None) -> '§.Inner': ...",
        "import typing\nx = typing.cast('§', y)",
        "from typing import TypeVar as V\nT = V('T', '§', bound='§')",
        "from typing import NewType\nOldId = NewType('Old', '§')",
        "from typing import Optional\nX = Optional['§']\nY = list['§']",
        "from typing import Annotated\nx: Annotated['§', 'Old']",
    ],
)
def test_uses_in_quoted_types(text: str) -> None:
    follows(f"{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "for x in y:  # type: §\n    pass",
        "with x as y:  # type: §\n    pass",
        "def f(a,  # type: §\n      b):\n    # type: (...) -> §\n    pass",
        "x = §()  # type: ignore",
    ],
)
def test_uses_in_type_comments(text: str) -> None:
    follows(f"{text}\n")


def test_a_misplaced_type_comment_costs_no_rewrite() -> None:
    made = check_transformed(
        {"app.py": f"{IMPORT}Old(  # type: list[int]\n)\n"}, {"app.py": f"{MOVED_IMPORT}New(  # type: list[int]\n)\n"}
    )
    assert found(made, "type-comments-unread") == [("app.py", 1)]


@pytest.mark.parametrize(
    "line",
    [
        "x.Old; x.y.Old()",
        "f(Old=1); dict(Old=2)",
        "{'Old': 1}; x['Old']",
        '\'Old\'; """Old"""; b\'Old\'',
        "from typing import Literal\nx: Literal['Old']",
        "# Old",
        "OldOld; Old_; _Old",
        "match x:\n    case C(Old=1): ...\n    case x.Old: ...",
        "class C:\n    def Old(self): ...\n    @property\n    def x(self): return self.Old",
        "def f():\n    Old = 1\n    return Old",
        "def f(*, Old): return Old",
        "def f(**Old): return lambda: Old",
        "def f():\n    for Old in x: ...\n    with y as Old: ...\n    return Old",
        "def f():\n    import Old\n    return Old",
        "def f():\n    match x:\n        case [Old, *_] | {'k': Old}: return Old\n        case {**Old}: ...",
        "def f():\n    try: ...\n    except E as Old: return Old",
        "def f():\n    class Old: ...\n    def g(): return Old",
        "lambda Old: Old",
        "[Old for Old in x]",
        "{Old: y for Old, y in x}",
    ],
)
def test_what_is_no_use_is_left_alone(line: str) -> None:
    follows(f"{line}\n")


@pytest.mark.parametrize(
    "text",
    [
        "§ = wrap(§)\nuse(§)",
        "def f():\n    global §\n    § = 1",
        "del §",
        "for § in x: ...\nwith a as §: ...\n§ += 1",
        "import other as §\n§",
        "match x:\n    case {'a': §}: ...\n    case [*§]: ...\n    case 1 as §: ...",
        "try: ...\nexcept E as §: ...",
        "[y for x in z if (§ := x)]",
        "§: type = §",
    ],
)
def test_every_binding_of_the_variable_takes_the_new_name(text: str) -> None:
    follows(f"{text}\n")


@pytest.mark.parametrize("text", ["class Old(Old): ...\nOld()", "def Old(): ...\nOld()"])
def test_a_definition_keeps_its_name(text: str) -> None:
    made = check_transformed(
        {"app.py": f"try:\n    from pkg.old import Old\nexcept ImportError:\n    {text}\n"},
        {"app.py": f"try:\n    from pkg.new import New as Old\nexcept ImportError:\n    {text}\n"},
    )
    assert found(made, "local-name-kept") == [("app.py", 2)]


def test_nonlocal_takes_the_new_name() -> None:
    text = "def f():\n    from pkg.{} import §\n    def g():\n        nonlocal §\n        § = 1\n    return §\n"
    check_transformed(
        {"app.py": text.format("old").replace("§", "Old")}, {"app.py": text.format("new").replace("§", "New")}
    )


CLASHES = [
    "New = 1\nOld()",
    "def f(New): return Old",
    "def New(): ...\nOld()",
    "[Old for New in x]",
    "lambda New: Old",
    "def f():\n    global New\n    New = 1\nOld",
    "class C:\n    New = 1\n    x = Old",
    "def f():\n    if x:\n        from pkg.new import New\n    return Old",
    "from other import New\nOld",
    "import New\nOld",
    "for New in x: Old",
    "try: ...\nexcept E as New: Old",
    "print(New)\nOld",
]


@pytest.mark.parametrize("line", CLASHES)
def test_a_clash_keeps_the_old_local_name_and_says_so(line: str) -> None:
    made = check_transformed(
        {"app.py": f"{IMPORT}{line}\n"},
        {"app.py": f"from pkg.new import New as Old\n{line}\n"},
        codes=["name-clash"],
    )
    assert found(made, "name-clash") == [("app.py", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "def f(New): return New\n§",
        "def f():\n    from pkg.new import New\n    return §, New",
        "class C:\n    New = 1\n    def m(self): return §",
        "x.New; f(New=§)",
    ],
)
def test_what_is_no_clash_takes_the_new_name(text: str) -> None:
    follows(f"{text}\n")


@pytest.mark.parametrize("inner", ["return Old, New", "return [New for x in Old]", "return (lambda: New), Old"])
def test_a_local_import_does_not_capture_an_outer_name(inner: str) -> None:
    check_transformed(
        {"app.py": f"New = 1\ndef f():\n    from pkg.old import Old\n    {inner}\n"},
        {"app.py": f"New = 1\ndef f():\n    from pkg.new import New as Old\n    {inner}\n"},
        codes=["name-clash"],
    )


@pytest.mark.parametrize(
    "line",
    ["f'{Old=}'", "f'{Old = !r}'", "eval(x)", "exec(x)", "globals()", "vars()", "def f(): return eval('Old')"],
)
def test_code_that_sees_names_keeps_the_old_one(line: str) -> None:
    made = check_transformed(
        {"app.py": f"{IMPORT}Old()\n{line}\n"}, {"app.py": f"from pkg.new import New as Old\nOld()\n{line}\n"}
    )
    assert found(made, "local-name-kept") == [("app.py", 1)]


def test_locals_of_another_function_hold_nobody_up() -> None:
    follows("def f():\n    return locals()\n§()\n")


@pytest.mark.parametrize(
    "body",
    [
        "    Old: int\n    y = Old\n",
        "    if flag:\n        Old = 1\n    y = Old\n",
        "    for Old in x: ...\n    y = Old\n",
        "    y = [Old for _ in x]\n    Old = 1\n    del Old\n    z = Old\n",
    ],
    ids=["bare annotation", "conditional", "loop", "deleted"],
)
def test_a_class_body_that_may_read_the_modules_name_keeps_it(body: str) -> None:
    """A name that a class body may not have bound (yet, or any more) is looked up in the module."""
    files = {"app.py": f"from pkg.old import Old\nclass C:\n{body}"}
    assert b"import New as Old\n" in applied(files, plan_of(files))["app.py"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("test", "def test_it(Old): ...\n"),
        ("fixture", "import pytest\n@pytest.fixture(scope='module')\ndef thing(Old): ...\n"),
    ],
)
def test_a_fixtures_name_stays(name: str, body: str) -> None:
    check_transformed({"app.py": IMPORT + body}, {"app.py": f"from pkg.new import New as Old\n{body}"})


def test_a_private_name_inside_a_class_is_mangled_and_stays() -> None:
    check_transformed(
        {"app.py": "from pkg.old import __Old\nclass C:\n    def f(self): return __Old\n"},
        {"app.py": "from pkg.new import New as __Old\nclass C:\n    def f(self): return __Old\n"},
        '[[move]]\nold = "pkg.old:__Old"\nnew = "pkg.new:New"\n',
        codes=["name-clash"],
    )


def test_a_class_bodys_import_binds_an_attribute() -> None:
    check_transformed(
        {"app.py": "class C:\n    from pkg.old import Old\n    x = Old\n    def m(self): return Old\n"},
        {"app.py": "class C:\n    from pkg.new import New as Old\n    x = Old\n    def m(self): return Old\n"},
    )


def test_uses_policy_alias_keeps_call_sites() -> None:
    check_transformed(
        {"app.py": f"{IMPORT}Old()\n", "b.py": "from pkg.old import Thing\nThing()\n"},
        {"app.py": "from pkg.new import New as Old\nOld()\n", "b.py": "from pkg.new import Thing\nThing()\n"},
        f'{RENAMED}[[move]]\nold = "pkg.old:Thing"\nnew = "pkg.new:Thing"\n[rewrite]\nuses = "alias"\n',
    )


def test_a_name_in_another_unicode_form_is_found() -> None:
    """Identifiers are compared in NFKC (PEP 3131): a fullwidth O is an O."""
    wide = "\N{FULLWIDTH LATIN CAPITAL LETTER O}ld()\n"
    check_transformed({"app.py": IMPORT + wide}, {"app.py": f"from pkg.new import New as Old\n{wide}"})


def test_a_file_without_a_use_gets_its_import_only() -> None:
    check_transformed({"app.py": IMPORT}, {"app.py": MOVED_IMPORT})


def test_a_comment_that_names_the_path_is_no_import() -> None:
    check_noop({"app.py": "# from pkg.old import Old\nOld = 1\n'''\nfrom pkg.old import Old\n'''\n"})


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
@pytest.mark.parametrize(
    "text",
    [
        "class C[T: §](Base[T]):\n    x: §",
        "def f[T: (§, int)](a: T) -> §: ...",
        "type A[T] = dict[T, §]",
        "def f[Old](a: Old) -> Old: return Old",
        "class C[*Old, **P]:\n    x: Old",
        "f'{f'{§}'}'",
    ],
)
def test_syntax_of_python_3_12(text: str) -> None:
    follows(f"{text}\n")


STARS = {"stars.py": "New = 1\nOther = 2\n", "plain.py": "Other = 2\n"}


@pytest.mark.parametrize(("star", "kept"), [("stars", True), ("plain", False), ("far.away", True), ("pkg.new", False)])
def test_a_later_star_import_may_bring_in_another(star: str, kept: bool) -> None:
    before = f"from pkg.old import Old\nfrom {star} import *\nOld()\n"
    after = before.replace("pkg.old import Old", "pkg.new import New as Old" if kept else "pkg.new import New")
    after = after if kept else after.replace("Old()", "New()")
    check_transformed({**STARS, "app.py": before}, {"app.py": after}, codes=["name-clash"] if kept else [])


def test_an_earlier_star_import_is_overruled() -> None:
    before = "from stars import *\nfrom pkg.old import Old\nOld()\n"
    after = "from stars import *\nfrom pkg.new import New\nNew()\n"
    check_transformed({**STARS, "app.py": before}, {"app.py": after})
