"""What a stub carries over with a kept name: everything that builds it, in order, and nothing that does not."""

from __future__ import annotations

import pytest

from repoint.transforms.stubs.keep import CannotKeep, Needs, Wish, carry_over
from tests.transform_tools import applied, found, plan_of, source


def carried(text: str, *names: str, homes: tuple[str, ...] = ()) -> Needs:
    return carry_over(source(text).encode(), Wish(names, frozenset(homes)))


def built(text: str, *names: str) -> dict[str, object]:
    """What the carried statements bind when they run."""
    kept = carried(text, *names).kept
    bound: dict[str, object] = {"__name__": "stub"}
    exec("\n".join([*kept.imports, *kept.definitions]), bound)
    return bound


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Z = 1\nZ += 1\n", "Z", 2),
        ("Z = 1\nother = 5\nZ = Z + 2\n", "Z", 3),
        ("Z = {}\nZ['a'] = 1\n", "Z", {"a": 1}),
        ("Z = {'a': 1, 'b': 2}\ndel Z['a']\n", "Z", {"b": 2}),
        ("Z = []\nZ.append(1)\nprint('x')\n", "Z", [1]),
        ("Z = []\nZ += [1]\n", "Z", [1]),
        ("Z = {}\nfor k in 'ab':\n    Z[k] = k\n", "Z", {"a": "a", "b": "b"}),
        ("Z = []\nif True:\n    Z.append(1)\n", "Z", [1]),
        ("Z = {}\ndef note(c):\n    Z[c.__name__] = 1\n    return c\n@note\nclass P: ...\n", "Z", {"P": 1}),
        ("Z = []\ndef fill(): inner()\ndef inner(): Z.append(1)\nfill()\n", "Z", [1]),
        ("Z = []\ndef fill(what): what.append(1)\ndone = fill(Z)\n", "Z", [1]),
        ("Z = None\ndef fill():\n    global Z\n    Z = 4\nfill()\n", "Z", 4),
        ("Z = []\nclass B:\n    def __init_subclass__(cls): Z.append(1)\nclass C(B): ...\n", "Z", [1]),
        ("try:\n    from _no_such import Z\nexcept ImportError:\n    Z = 3\n", "Z", 3),
        ("from os import sep as Z\nZ = len(Z)\n", "Z", 1),
        ("Z = 1\nfrom os import sep as Z\n", "Z", "/"),
        ("from os import sep as Z\nfrom os import pathsep as Z\n", "Z", ":"),
        ("import itertools\nn = itertools.count()\nP = next(n); Z = next(n)\n", "Z", 1),
        ("A = 1; Z = A\n", "Z", 1),
        ("Z, other = 1, 2\n", "Z", 1),
        ("from os.path import *\nZ = basename('a/b')\n", "Z", "b"),
        ("def len(x): return 7\nZ = len('')\n", "Z", 7),
    ],
)
def test_a_kept_value_is_what_it_was(text: str, name: str, value: object) -> None:
    assert built(text, name)[name] == value


def test_attributes_set_from_outside_come_along() -> None:
    bound = built("class K: ...\nK.attr = 3\nsetattr(K, 'more', 4)\n", "K")
    assert (bound["K"].attr, bound["K"].more) == (3, 4)  # type: ignore[attr-defined]


def test_state_that_a_kept_function_shares_comes_along() -> None:
    bound = built("_n = 0\ndef count():\n    global _n\n    _n += 1\n    return _n\n", "count")
    assert [bound["count"]() for _ in range(2)] == [1, 2]  # type: ignore[operator]


def test_overloads_registered_on_a_kept_function_come_along() -> None:
    text = "import functools\n@functools.singledispatch\ndef f(x): return 1\n@f.register\ndef _(x: int): return 2\n"
    bound = built(text, "f")
    assert (bound["f"](""), bound["f"](0)) == (1, 2)  # type: ignore[operator]


def test_several_imports_of_one_package_all_come_along() -> None:
    text = "import os.path\nimport os.foo\nimport sys\ndef f(): return os.path\n"
    assert carried(text, "f").kept.imports == ("import os.foo", "import os.path")


def test_names_in_quoted_annotations_come_along() -> None:
    text = "from decimal import Decimal\nfrom typing import cast\ndef f(x: 'list[Decimal]'): return x\n"
    assert carried(text, "f").kept.imports == ("from decimal import Decimal",)
    text = "from decimal import Decimal\nfrom typing import cast\ndef f(x): return cast('list[Decimal]', x)\n"
    assert "from decimal import Decimal" in carried(text, "f").kept.imports


@pytest.mark.parametrize(
    "more",
    [
        "def other(): return Z\n",
        "other = Z\n",
        "print(Z)\n",
        "log.info(Z)\n",
        "if __name__ == '__main__':\n    Z.append(2)\n",
        "__all__ = ['Z']\n__all__ += ['Y']\n",
        "def f(Z):\n    Z.append(1)\n",
        "def f():\n    Z = []\n    Z.append(1)\nf()\n",
        "class B:\n    def __init__(self): Z.append(1)\nclass C(B): ...\n",
    ],
)
def test_what_only_reads_a_kept_name_stays_behind(more: str) -> None:
    assert carried(f"Z = []\n{more}", "Z").kept.definitions == ("Z = []\n",)


def test_a_star_import_stays_behind_where_nothing_can_come_by_it() -> None:
    text = "from os.path import *\ndef f(a, *b, c=1, **d):\n    e = len(b)\n    return [g for g in (a, c, d, e)]\n"
    assert carried(text, "f").kept.imports == ()


def test_statements_on_one_line_are_carried_once_or_told_apart() -> None:
    assert carried("P = 1; Q = 2  # both\n", "P", "Q").kept.definitions == ("P = 1; Q = 2  # both\n",)
    assert carried("P = 1; Q = 2  # both\n", "Q").kept.definitions == ("Q = 2\n",)


def test_what_is_kept_and_imported_is_exported() -> None:
    assert carried("from os import sep\n", "sep").kept.names == ("sep",)
    assert carried("from os import sep\ndef f(): return sep\n", "f").kept.names == ("f",)


@pytest.mark.parametrize(
    "text", ["X, Z = 1, 2\n", "if 1:\n    X = 1\n    Z = 2\n", "Z = []\nX = Z.pop() if Z else 0\n"]
)
def test_a_name_built_together_with_one_that_moves_cannot_be_kept(text: str) -> None:
    with pytest.raises(CannotKeep, match="built together with `X`"):
        carried(text, "Z", homes=("X",))


def test_what_is_done_to_an_import_comes_along_and_stays_before_what_follows_it() -> None:
    text = "import os\nos.environ['X'] = '1'\nfrom a.reads import V\ndef f(): return V, os\n"
    kept = carried(text, "f").kept
    assert kept.imports == ("import os",)
    assert kept.definitions[:2] == ("os.environ['X'] = '1'\n", "from a.reads import V\n")
    text = "import functools\n@functools.cache\ndef other(): ...\ndef f(): return functools\n"
    assert len(carried(text, "f").kept.definitions) == 1


def test_an_import_in_a_carried_block_is_no_second_definition() -> None:
    text = "try:\n    from json import loads\n    Z = 1\nexcept ImportError:\n    raise\n"
    assert built(text, "Z")["Z"] == 1
    assert carried(text, "Z", homes=("loads",)).kept.names == ("Z",)


def test_the_main_block_is_kept_by_its_name() -> None:
    text = "import sys\ndef main(): return sys\nif __name__ == '__main__':\n    main()\n"
    kept = carried(text, "__main__").kept
    assert kept.names == ("main",) and kept.imports == ("import sys",)
    assert kept.definitions[-1].startswith("if __name__")


OLD = "from pkg.new import New as A\ndef h(): return A\nclass D(A): ...\n"
NEW = {"pkg/__init__.py": "", "pkg/new.py": "class New: ...\n"}
MOVED = '[[move]]\nold = "pkg.old:A"\nnew = "pkg.new:New"\n[[stub]]\nmodule = "pkg.old"\n'


def test_a_lazy_stub_imports_at_once_what_it_keeps_reads() -> None:
    files = {**NEW, "pkg/old.py": OLD}
    made = plan_of(files, MOVED + 'mode = "lazy"\nkeep = ["h", "D"]\n')
    text = applied(files, made)["pkg/old.py"].decode()
    assert "\nfrom pkg.new import New as A\n" in text and '"A": (' not in text
    assert found(made, "lazy-name-loaded") == [("pkg/old.py", 1)] and made.applicable


@pytest.mark.parametrize("name", ["__getattr__", "__dir__"])
def test_a_lazy_stub_has_hooks_of_its_own(name: str) -> None:
    files = {**NEW, "pkg/old.py": OLD + f"def {name}(*_): return []\n"}
    made = plan_of(files, MOVED + f'mode = "lazy"\nkeep = ["{name}"]\n')
    assert found(made, "cannot-keep") == [("pkg/old.py", 4)]


TWO = {
    "pkg/__init__.py": "",
    "pkg/new.py": "class B: ...\nclass C: ...\n",
    "pkg/one.py": "class A: ...\nclass C: ...\n",
    "pkg/old.py": "from pkg.one import A, C\ndef f(): return A, C\n",
    "app.py": "from pkg.old import A, f\nA\n",
}
TWO_STUBS = (
    '[[move]]\nold = "pkg.one:A"\nnew = "pkg.new:B"\n[[move]]\nold = "pkg.one:C"\nnew = "pkg.new:C"\n'
    '[[stub]]\nmodule = "pkg.one"\nmode = "delete"\n[[stub]]\nmodule = "pkg.old"\nkeep = ["f"]\n'
)


def test_what_is_kept_imports_from_the_new_homes() -> None:
    made = plan_of(TWO, TWO_STUBS)
    result = applied(TWO, made)
    assert made.applicable and not plan_of(result, TWO_STUBS).batches
    assert [batch.title for batch in made.batches][-2:] == ["redirect pkg.old", "delete pkg.one"]
    assert result["pkg/old.py"].decode() == (
        '"""Deprecated: import from pkg.new instead."""\n\nfrom pkg.new import C\n\nfrom pkg.new import B as A\n\n'
        '__all__ = ["A", "f"]\n\n\ndef f(): return A, C\n'
    )


def test_a_module_that_what_is_kept_imports_whole_is_not_deleted() -> None:
    files = {**TWO, "pkg/old.py": "import pkg.one\ndef f(): return pkg.one.A\n", "app.py": "from pkg.old import f\n"}
    assert ("pkg/old.py", 1) in found(plan_of(files, TWO_STUBS), "deleted-module-used")


def test_a_lazy_stub_shares_the_import_of_a_kept_block() -> None:
    old = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from x import T\ndef f(a: 'T'): ...\n"
    files = {**NEW, "pkg/old.py": old + "class A: ...\n"}
    text = applied(files, plan_of(files, MOVED + 'mode = "lazy"\nkeep = ["f"]\n'))["pkg/old.py"].decode()
    assert "as _TYPE_CHECKING" not in text and text.count("if TYPE_CHECKING:") == 2
