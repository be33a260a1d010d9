"""Names that code tells in other ways than by writing them down: followed where that is exact, else kept and told."""

from __future__ import annotations

import pytest

from tests.transform_tools import RENAMED, WHOLE, check_noop, check_transformed, found, move, plan_of

PACKAGES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\nclass Thing: ...\n",
    "pkg/new.py": "class New: ...\nclass Thing: ...\n",
    "lib/__init__.py": "",
    "lib/home.py": "class Old: ...\nclass Thing: ...\nX = 1\n",
}
ELSEWHERE = move("pkg.old", "lib.home")
SERVICE = {**PACKAGES, "svc.py": "from pkg.old import Old\ndef make(): return Old\n"}
RENAMED_SERVICE = {"svc.py": "from pkg.new import New\ndef make(): return New\n"}
KEPT_SERVICE = {"svc.py": "from pkg.new import New as Old\ndef make(): return Old\n"}


def turns(before: str, after: str, manifest: str = ELSEWHERE) -> None:
    check_transformed({**PACKAGES, "app.py": f"{before}\n"}, {"app.py": f"{after}\n"}, manifest)


@pytest.mark.parametrize(
    ("before", "after", "manifest"),
    [
        ('x = __import__("pkg.old").old.X', 'x = __import__("lib.home").home.X', ELSEWHERE),
        ('x = __import__("pkg.old").old', 'x = __import__("lib.home").home', ELSEWHERE),
        ('x = __import__("pkg.old").old.X', 'x = __import__("pkg.new").new.X', WHOLE),
        ('x = __import__("pkg.old.sub").old.sub.X', 'x = __import__("lib.home.sub").home.sub.X', ELSEWHERE),
        ('x = __import__("pkg.old", {}, {}, ["X"]).X', 'x = __import__("lib.home", {}, {}, ["X"]).X', ELSEWHERE),
        ('x = __import__("pkg.old", fromlist=("X",))', 'x = __import__("lib.home", fromlist=("X",))', ELSEWHERE),
        ('x = __import__("pkg.old", fromlist=[]).old', 'x = __import__("lib.home", fromlist=[]).home', ELSEWHERE),
        ('__import__("pkg.old")', '__import__("lib.home")', ELSEWHERE),
        ('x = __import__("old")', 'x = __import__("home")', move("old", "home")),
        ('x = __import__("old").X', 'x = __import__("lib.home").home.X', move("old", "lib.home")),
        ('x = __import__("pkg.old").old.X', 'x = __import__("home").X', move("pkg.old", "home")),
        ('x = __import__("pkg.a.old").a.old.X', 'x = __import__("lib").X', move("pkg.a.old", "lib")),
    ],
)
def test_what_dunder_import_gives_is_followed(before: str, after: str, manifest: str) -> None:
    turns(before, after, manifest)


@pytest.mark.parametrize(
    ("text", "manifest"),
    [
        ('x = __import__("pkg.old")', ELSEWHERE),
        ('x = __import__("pkg.old").other', ELSEWHERE),
        ('x = __import__("pkg.old", None, None, [])', ELSEWHERE),
        ('x = __import__("old")', move("old", "lib.home")),
        ('x = __import__("pkg.old").old', move("pkg.old", "home")),
    ],
)
def test_a_root_package_that_goes_elsewhere_is_told(text: str, manifest: str) -> None:
    made = check_noop({"app.py": f"{text}\n"}, manifest, ["string-not-rewritten"])
    assert found(made, "string-not-rewritten") == [("app.py", 1)]


def test_a_fromlist_that_is_not_spelled_out_is_told() -> None:
    check_noop({"app.py": 'x = __import__("pkg.old", {}, {}, names)\n'}, ELSEWHERE, ["dynamic-path"])


@pytest.mark.parametrize("text", ['x = __import__("old", {}, {}, ["X"], 1)', "x = __import__(name)", "__import__()"])
def test_dunder_import_of_something_else(text: str) -> None:
    check_noop({"app.py": f"{text}\n"}, ELSEWHERE)


IMPORTLIB = "import importlib.util\nfrom importlib import import_module\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('import_module(".old", "pkg")', 'import_module("lib.home", "pkg")'),
        ('import_module(".old", package="pkg")', 'import_module("lib.home", package="pkg")'),
        ('import_module(name=".old", package="pkg")', 'import_module(name="lib.home", package="pkg")'),
        ('import_module("..old", "pkg.sub")', 'import_module("lib.home", "pkg.sub")'),
        ('import_module(".old.sub", "pkg")', 'import_module("lib.home.sub", "pkg")'),
        ('importlib.util.find_spec(".old", "pkg")', 'importlib.util.find_spec("lib.home", "pkg")'),
        ('importlib.util.resolve_name(".old", "pkg")', 'importlib.util.resolve_name("lib.home", "pkg")'),
        ('import pkg\nimport_module(".old", pkg.__name__)', 'import pkg\nimport_module("lib.home", pkg.__name__)'),
    ],
)
def test_a_relative_path_follows(before: str, after: str) -> None:
    turns(IMPORTLIB + before, IMPORTLIB + after)


@pytest.mark.parametrize(("path", "name"), [("pkg/app.py", "__package__"), ("pkg/__init__.py", "__name__")])
def test_a_path_relative_to_the_file_follows(path: str, name: str) -> None:
    check_transformed(
        {**PACKAGES, path: f'{IMPORTLIB}import_module(".old", {name})\n'},
        {path: f'{IMPORTLIB}import_module(".new", {name})\n'},
        WHOLE + '[rewrite]\nrelative = "keep"\n',
    )


@pytest.mark.parametrize("package", ['"other"', '"pkg.sub"', "pkg.other.__name__"])
def test_a_path_relative_to_another_package_is_left_alone(package: str) -> None:
    made = check_noop({**PACKAGES, "app.py": f'{IMPORTLIB}import pkg.other\nimport_module(".old", {package})\n'}, WHOLE)
    assert not made.findings


@pytest.mark.parametrize("rest", ["", ", name", ", __spec__.parent"])
def test_a_path_relative_to_what_is_unknown_is_told(rest: str) -> None:
    check_noop({"app.py": f'{IMPORTLIB}import_module(".old"{rest})\n'}, ELSEWHERE, ["string-not-rewritten"])


@pytest.mark.parametrize(
    "text",
    ["import_module(__package__ + '.old')", "import_module(f'{__package__}.old')", "import_module(f'{__name__}.old')"],
)
def test_a_path_put_together_from_the_own_package_is_told(text: str) -> None:
    path = "pkg/__init__.py" if "__name__" in text else "pkg/app.py"
    check_noop({**PACKAGES, path: f"{IMPORTLIB}{text}\n"}, WHOLE, ["dynamic-path"])


DELETED = '[[stub]]\nmodule = "pkg.old"\nmode = "delete"\n'


@pytest.mark.parametrize("text", ['import_module(".old", "pkg")', '__import__("pkg.old").old'])
def test_a_module_goes_whose_strings_follow(text: str) -> None:
    made = plan_of({**PACKAGES, "app.py": f"{IMPORTLIB}x = {text}\n"}, ELSEWHERE + DELETED)
    assert made.applicable


@pytest.mark.parametrize(
    "text",
    ['__import__("pkg.old")', 'import_module(".old", "pkg")  # repoint: keep'],
)
def test_a_module_stays_whose_strings_stay(text: str) -> None:
    made = plan_of({**PACKAGES, "app.py": f"{IMPORTLIB}x = {text}  # old\n"}, ELSEWHERE + DELETED)
    assert found(made, "deleted-module-used") == [("app.py", 3)]


PATCH = "from unittest.mock import patch\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg, pkg.old\npatch.object(pkg, 'old', 1)", "import pkg, lib.home\npatch.object(lib, 'home', 1)"),
        (
            "import pkg.old\npatch.object(pkg, 'old')\nf(pkg.old.X)",
            "import lib.home\npatch.object(lib, 'home')\nf(lib.home.X)",
        ),
        ("import pkg\npatch.object(pkg, 'old', 1)", "import pkg\nimport lib\npatch.object(lib, 'home', 1)"),
        (
            "import pkg as p\npatch.object(p, attribute='old')",
            "import pkg as p\nimport lib\npatch.object(lib, attribute='home')",
        ),
        ("import pkg.old\npatch.object(pkg.old, 'X', 1)", "import lib.home\npatch.object(lib.home, 'X', 1)"),
    ],
)
def test_a_module_patched_as_an_attribute_follows(before: str, after: str) -> None:
    turns(PATCH + before, PATCH + after)


def test_a_package_whose_name_is_taken_is_imported_by_another() -> None:
    turns(
        f"{PATCH}import pkg as p\nfrom lib import home as lib\npatch.object(p, 'old')",
        f"{PATCH}import pkg as p\nimport lib as lib_\nfrom lib import home as lib\npatch.object(lib_, 'home')",
    )


def test_a_package_whose_last_part_is_taken_is_imported_by_its_path() -> None:
    before = f"{PATCH}from top import a\nb = 1\npatch.object(a, 'old')\n"
    after = f"{PATCH}from top import a\nfrom top import b as top_b\nb = 1\npatch.object(top_b, 'new')\n"
    packages = {f"top/{name}.py": "" for name in ("__init__", "a/__init__", "a/old", "b/__init__", "b/new")}
    check_transformed({**packages, "app.py": before}, {"app.py": after}, move("top.a.old", "top.b.new"))


def test_a_module_patched_below_a_moved_package_follows() -> None:
    packages = {"pkg/__init__.py": "", "pkg/old/__init__.py": "", "pkg/old/sub.py": "", "lib/home/sub.py": ""}
    before = f"{PATCH}import pkg.old.sub\npatch.object(pkg.old, 'sub', 1)\n"
    after = f"{PATCH}import lib.home.sub\npatch.object(lib.home, 'sub', 1)\n"
    check_transformed({**packages, "app.py": before}, {"app.py": after}, ELSEWHERE)


def test_a_patched_module_without_a_new_package_is_told() -> None:
    before = f"{PATCH}import pkg.old\npatch.object(pkg, 'old', 1)\n"
    made = plan_of({**PACKAGES, "home.py": "", "app.py": before}, move("pkg.old", "home"))
    assert found(made, "module-kept") == [("app.py", 3)]


def test_attributes_asked_for_by_a_variable_follow_what_has_them() -> None:
    turns("import pkg.old as m\ngetattr(m, name)", "import lib.home as m\ngetattr(m, name)")


def test_attributes_asked_for_by_a_variable_are_told_where_only_some_move() -> None:
    check_noop(
        {**PACKAGES, "app.py": "import pkg.old as m\nname = 'Old'\ngetattr(m, name)\n"}, RENAMED, ["dynamic-path"]
    )


def test_a_module_asked_for_by_its_name_is_told() -> None:
    check_noop({**PACKAGES, "app.py": "import pkg\ngetattr(pkg, 'old')\n"}, ELSEWHERE, ["name-told-as-text"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("patch.multiple('svc', Old=1)", "patch.multiple('svc', New=1)"),
        ("patch.multiple(target='svc', create=True, Old=1)", "patch.multiple(target='svc', create=True, New=1)"),
        ("import svc\npatch.multiple(svc, Old=1, make=2)", "import svc\npatch.multiple(svc, New=1, make=2)"),
        (
            "@patch.multiple('svc',\n    Old = 1,\n)\ndef f(): ...",
            "@patch.multiple('svc',\n    New = 1,\n)\ndef f(): ...",
        ),
    ],
)
def test_keywords_of_patch_multiple_follow_a_renamed_binding(before: str, after: str) -> None:
    check_transformed(
        {**SERVICE, "test_a.py": f"{PATCH}{before}\n"}, {**RENAMED_SERVICE, "test_a.py": f"{PATCH}{after}\n"}
    )


@pytest.mark.parametrize(
    ("before", "after", "manifest"),
    [
        ("patch.multiple('pkg.old', Old=1)", "patch.multiple('pkg.new', New=1)", RENAMED),
        ("patch.multiple('pkg.old', Thing=1)", "patch.multiple('pkg.new', Thing=1)", WHOLE),
        ("import pkg.old\npatch.multiple(pkg.old, Old=1)", "import pkg.new\npatch.multiple(pkg.new, New=1)", RENAMED),
        ("patch.multiple('pkg.old.Old', method=1)", "patch.multiple('pkg.new.New', method=1)", RENAMED),
    ],
)
def test_patch_multiple_of_the_old_module_follows(before: str, after: str, manifest: str) -> None:
    turns(PATCH + before, PATCH + after, manifest)


def test_patch_multiple_of_what_goes_apart_is_told() -> None:
    made = check_noop(
        {**PACKAGES, "app.py": f"{PATCH}patch.multiple('pkg.old', Old=1, Thing=2)\n"}, RENAMED, ["string-not-rewritten"]
    )
    assert found(made, "string-not-rewritten") == [("app.py", 2)]


def test_patch_multiple_of_a_module_whose_names_go_apart_is_told() -> None:
    made = plan_of({**PACKAGES, "app.py": f"{PATCH}import pkg.old\npatch.multiple(pkg.old, Old=1, Thing=2)\n"}, RENAMED)
    assert not made.batches
    assert found(made, "module-kept") == [("app.py", 3)]


def test_patch_multiple_of_a_missing_name_is_told() -> None:
    check_noop({**PACKAGES, "app.py": f"{PATCH}patch.multiple('pkg.old', Nope=1)\n"}, WHOLE, ["patch-target-missing"])


@pytest.mark.parametrize(
    "call",
    [
        'patch(f"{M}.Old")',
        'patch(M + ".Old")',
        'patch("{}.Old".format(M))',
        'patch("%s.Old" % M)',
        'patch(".".join([M, "Old"]))',
        'patch(svc.__name__ + ".Old")',
        'patch(f"svc.{name}")',
        'patch("svc." + name)',
        'patch(target=f"{M}.Old.attribute")',
        "patch.multiple(M, Old=1)",
        'patch.multiple("svc", **{"Old": 1})',
        'patch.object(svc, "Old")  # repoint: keep',
        'patch("svc.Old")  # repoint: keep',
        "patch.object(svc, name)",
        "getattr(svc, name)",
        'target = f"{M}.Old"\npatch(target)',
        'targets = [M + ".Old", "svc." + name]',
        'target = "svc.{}".format(name)',
        'target = f"svc:{name}"',
        'patch.multiple("svc", Old=1)  # repoint: keep',
        'patch.object(svc, "O\\x6cd")',
    ],
)
def test_a_binding_that_a_string_put_together_names_keeps_its_name(call: str) -> None:
    text = f'{PATCH}import svc\nM, name = "svc", "Old"\n{call}\n'
    check_transformed({**SERVICE, "test_a.py": text}, KEPT_SERVICE)


def test_a_file_without_an_import_of_the_module_is_found() -> None:
    text = f'{PATCH}M = "svc"\npatch(f"{{M}}.Old")\n'
    made = check_transformed({**SERVICE, "test_a.py": text}, KEPT_SERVICE)
    assert found(made, "local-name-kept") == [("test_a.py", 3)]


def test_a_path_put_together_elsewhere_keeps_no_name_of_a_module_that_its_file_does_not_name() -> None:
    text = f'{PATCH}import other\nsvc = "other"\npatch(f"{{svc}}.Old")\n'
    check_transformed({**SERVICE, "test_a.py": text}, RENAMED_SERVICE)


@pytest.mark.parametrize("head", ["{__name__}", "{M}"])
def test_a_binding_of_the_own_file_keeps_its_name(head: str) -> None:
    text = f'{PATCH}from pkg.old import Old\nM = __name__\n@patch(f"{head}.Old")\ndef test(x): Old()\n'
    check_transformed(
        {**PACKAGES, "test_a.py": text},
        {"test_a.py": text.replace("pkg.old import Old", "pkg.new import New as Old")},
    )


@pytest.mark.parametrize("call", ['patch(f"{M}.Other")', 'patch(f"other.{name}")', 'print(f"{M}.Old is")', "patch(M)"])
def test_other_strings_do_not_keep_a_name(call: str) -> None:
    check_transformed({**SERVICE, "test_a.py": f"{PATCH}import svc, other\n{call}\n"}, RENAMED_SERVICE)


@pytest.mark.parametrize(
    ("bound", "path", "new"),
    [
        ("import pkg.old", "svc.pkg.old.X", "lib.home.X"),
        ("import pkg.old", "svc.pkg.old", "lib.home"),
        ("import pkg as p", "svc.p.old.X", "lib.home.X"),
        ("import pkg.old as m", "svc.m.X", "svc.m.X"),
        ("import pkg.old, pkg.other", "svc.pkg.old.X", "lib.home.X"),
    ],
)
def test_a_patch_through_another_modules_import_follows(bound: str, path: str, new: str) -> None:
    made = plan_of(
        {**PACKAGES, "svc.py": f"{bound}\n", "test_a.py": f"import pkg.old\n{PATCH}patch('{path}', 5)\n"}, ELSEWHERE
    )
    edits = [edit for batch in made.batches for change in batch.files for edit in change.edits if edit.kind == "string"]
    assert [path.replace(edit.before, edit.after, 1) for edit in edits] == ([new] if new != path else [])


def test_a_patched_symbol_read_through_another_modules_import_follows() -> None:
    service = "import pkg.old as m\ndef f(): return m.Old\n"
    check_transformed(
        {**PACKAGES, "svc.py": service, "test_a.py": f"{PATCH}import pkg.old\npatch('svc.m.Old', 5)\n"},
        {
            "svc.py": service.replace("old", "new").replace("Old", "New"),
            "test_a.py": f"{PATCH}import pkg.old\npatch('pkg.new.New', 5)\n",
        },
    )


def test_what_the_new_module_lacks_is_told_through_an_import_too() -> None:
    files = {**PACKAGES, "svc.py": "import pkg.old\n", "test_a.py": f"{PATCH}patch('svc.pkg.old.Nope', 5)\n"}
    made = plan_of(files, ELSEWHERE)
    assert found(made, "patch-target-missing") == [("test_a.py", 2)]


TYPED = [
    'N = NamedTuple("Old", [("Old", "§"), ("y", "list[§]")])',
    'N = NamedTuple("N", (("x", "§"),))',
    'N = NamedTuple("N", fields=[("x", "§")])',
    'D = TypedDict("Old", {"Old": "§", "y": Required["§"]})',
    'D = TypedDict("D", {"x": "§"}, total=False)',
    'D = TypedDict("D", x="§")',
    'R = ForwardRef("§")',
    'R = ForwardRef(arg="§")',
    'c = cast("§", 1)',
    'c = cast(val="Old", typ="list[§]")',
    'T = TypeVar("Old", bound="§")',
    'T = TypeVar("T", "§", "int")',
    'I = NewType("Old", "§")',
    'I = NewType("I", tp="§")',
    'P = ParamSpec("Old", default="§")',
]
TYPING = "from typing import ForwardRef, NamedTuple, NewType, ParamSpec, Required, TypedDict, TypeVar, cast\n"


@pytest.mark.parametrize("imported", [TYPING, "from typing import *\n"])
@pytest.mark.parametrize("text", TYPED)
def test_a_quoted_type_in_a_call_follows(text: str, imported: str) -> None:
    before = f"{imported}from pkg.old import Old\n{text.replace('§', 'Old')}\n"
    after = f"{imported}from pkg.new import New\n{text.replace('§', 'New')}\n"
    check_transformed({"app.py": before}, {"app.py": after})


def test_a_quoted_type_of_a_dataclass_follows() -> None:
    text = (
        'from dataclasses import make_dataclass\nfrom pkg.§ import %\nC = make_dataclass("C", ["a", ("x", "%", 1)])\n'
    )
    check_transformed(
        {"app.py": text.replace("§", "old").replace("%", "Old")},
        {"app.py": text.replace("§", "new").replace("%", "New")},
    )


@pytest.mark.parametrize(
    "text", ['c = cast("Old", 1)', 'T = TypeVar("T", bound="Old")', 'def f(): return cast("Old", 1)']
)
def test_what_may_be_a_quoted_type_keeps_its_name(text: str) -> None:
    before = f"from compat import *\nfrom pkg.old import Old\n{text}\n"
    made = check_transformed(
        {"app.py": before}, {"app.py": before.replace("pkg.old import Old", "pkg.new import New as Old")}
    )
    assert found(made, "local-name-kept") == [("app.py", 2)]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("from typing import *", "Literal"),
        ("from compat import Literal", "Literal"),
        ("from compat import *", "Literal"),
        ("import compat", "compat.Literal"),
        ("import typing as t\nLiteral = t.Literal", "Literal"),
        ("import typing\nL = typing.Literal", "L"),
        ("from typing import Literal as L", "L"),
        ("from typing import Literal\nL: type = Literal  # short", "L"),
    ],
)
@pytest.mark.parametrize("use", ['w: §["Old"] = "Old"', 'def f(x: §["Old", "list[Old]"]): ...', 'w: list[§["Old"]]'])
def test_a_literal_is_a_value(head: str, name: str, use: str) -> None:
    text = f"{head}\nfrom pkg.old import Old\n{use.replace('§', name)}\n"
    check_transformed({"app.py": text}, {"app.py": text.replace("pkg.old import Old", "pkg.new import New")})


COMPUTED = [
    'NAMES = ["Old"]\n__all__ = NAMES',
    '__all__ = [name for name in dir() if name[0] != "_"]',
    "import other\n__all__ = []\n__all__ += other.__all__",
    "import other\n__all__ = [*other.__all__]",
    "import other\n__all__ = ['x'] + other.__all__",
    "import other\n__all__ = []\n__all__.extend(other.__all__)",
    "__all__ = tuple(NAMES)",
    "__all__: list[str] = names()",
]


@pytest.mark.parametrize("text", COMPUTED)
def test_an_import_that_a_computed_dunder_all_may_list_keeps_its_name(text: str) -> None:
    before = f"from pkg.old import Old\n{text}\n"
    made = check_transformed(
        {"app.py": before}, {"app.py": before.replace("pkg.old import Old", "pkg.new import New as Old")}
    )
    assert found(made, "local-name-kept") == [("app.py", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "__all__ = ['x']",
        "__all__ = list(('x', 'y')) + ['z', *['w']]",
        "import lib.home\n__all__ = ['x']\n__all__ += lib.listed.__all__",
        "from lib import listed\n__all__ = listed.__all__",
    ],
)
def test_an_import_that_dunder_all_does_not_list_is_renamed(text: str) -> None:
    listed = {**PACKAGES, "lib/listed.py": "__all__ = ['a']\na = 1\n"}
    before = f"from pkg.old import Old\n{text}\n"
    check_transformed(
        {**listed, "app.py": before}, {"app.py": before.replace("pkg.old import Old", "pkg.new import New")}
    )


def test_a_plain_import_moves_beside_a_computed_dunder_all() -> None:
    turns("import pkg.old\n__all__ = names()\npkg.old.X", "import lib.home\n__all__ = names()\nlib.home.X")


@pytest.mark.parametrize("text", ['f"{x}.old"', 'x + ".old.X"', '"{}.old".format(x)', 'f"{x} of pkg"', "x + y"])
def test_a_path_put_together_below_something_else_is_not_told(text: str) -> None:
    made = check_noop({"app.py": f"y = {text}\n"}, move("old", "home"))
    assert not made.findings


@pytest.mark.parametrize("text", ['f"pkg.old.{x}"', '"pkg.old." + x', '"pkg.old.%s" % x', '"pkg.old.{}".format(x)'])
def test_a_path_put_together_below_an_old_one_is_told_once(text: str) -> None:
    made = check_noop({**PACKAGES, "app.py": f"y = {text}\n"}, ELSEWHERE, ["dynamic-path"])
    assert [finding.code for finding in made.findings] == ["dynamic-path"]


def test_a_path_inside_what_puts_one_together_is_told() -> None:
    made = check_noop({**PACKAGES, "app.py": f'{PATCH}patch(f("pkg.old.X") + ".old")\n'}, ELSEWHERE)
    assert [finding.code for finding in made.findings] == ["path-in-text"]
