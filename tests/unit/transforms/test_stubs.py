"""Redirect stubs: what they export, from where, and what is refused."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import pytest

from repoint.manifest.schema import StubMode
from repoint.model import Plan
from repoint.names import Symbol
from repoint.transforms.stubs.text import Kept, render
from tests.transform_tools import RENAMED, Sources, applied, found, plan_of, source

STUB = RENAMED + '[[stub]]\nmodule = "pkg.old"\n'
HOME = {"pkg/__init__.py": "", "pkg/new.py": "class New: ...\ndef helper(): ...\n"}
REDIRECT = '"""Deprecated: import from pkg.new instead."""\n\nfrom pkg.new import New as Old\n\n__all__ = ["Old"]\n'


def stubbed(old: str | bytes, more: str = "", **others: str | bytes) -> tuple[Plan, str]:
    """The plan that makes a stub of `old`, and the stub."""
    files: Sources = {**HOME, "pkg/old.py": old, **{f"{name}.py": text for name, text in others.items()}}
    made = plan_of(files, STUB + more)
    result = applied(files, made)
    again = plan_of(result, STUB + more)
    if made.applicable:
        assert not again.batches
    return made, result.get("pkg/old.py", b"").decode("utf-8", "backslashreplace")


def refused(made: Plan, code: str) -> list[tuple[str, int]]:
    assert not made.applicable
    return found(made, code)


def test_a_redirect() -> None:
    made, text = stubbed("class Old: ...\n", app="from pkg.old import Old\nOld()\n")
    assert text == REDIRECT
    assert [batch.title for batch in made.batches] == ["top level", "redirect pkg.old"]
    assert made.counts.stubs == 1


@pytest.mark.parametrize(
    "app",
    [
        "from pkg.old import X\n",
        "import pkg.old\npkg.old.X\n",
        "import pkg.old as m\nm.X.y\n",
        "from pkg import old\nold.X\n",
        "def f():\n    from pkg.old import X\n",
        "import mock\nmock.patch('pkg.old.X')\n",
    ],
)
def test_a_used_name_without_a_home_is_refused_where_it_is_used(app: str) -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", app=app)
    ((path, line),) = refused(made, "orphan")
    assert path == "app.py" and 1 <= line <= 2


@pytest.mark.parametrize(
    "app",
    [
        "import mock, pkg.old\nmock.patch.object(pkg.old, 'X')\n",
        "from unittest.mock import patch\nfrom pkg import old\npatch.object(old, 'X')\n",
        "import pkg.old as m\ndef test_x(monkeypatch):\n    monkeypatch.setattr(m, 'X', 1)\n",
        "import pkg.old as m\ngetattr(m, 'X')\n",
    ],
)
def test_a_name_that_is_patched_on_the_module_is_an_orphan(app: str) -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", app=app)
    assert refused(made, "orphan")


def test_a_name_that_a_star_import_brings_is_an_orphan() -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", app="from pkg.old import *\nX\n")
    assert refused(made, "orphan")


def test_an_orphan_comes_with_moves_to_paste() -> None:
    made, _ = stubbed("class Old: ...\ndef helper(): ...\n", app="from pkg.old import helper\n")
    (told,) = [finding for finding in made.findings if finding.code == "orphan"]
    assert 'old = "pkg.old:helper" new = "pkg.new:helper"' in told.mend


def test_orphans_come_with_all_their_uses_and_lists_to_paste() -> None:
    app = "from unittest.mock import patch\nfrom pkg.old import X\nimport pkg.old\npkg.old.X\npatch('pkg.old.Y')\n"
    old = "class Old: ...\nX = 1\nY = 2\ndef kept(): ...\n"
    made, _ = stubbed(old, 'keep = ["kept"]\n', app=app)
    (module,) = made.unsettled
    assert {item.name: [use.line for use in item.uses] for item in module.orphans} == {"X": [2, 4], "Y": [5]}
    assert (module.keep, module.drop) == (("kept", "X"), ("Y",))
    settled, _ = stubbed(old, 'keep = ["kept", "X"]\ndrop = ["Y"]\n', app=app)
    assert settled.applicable and not settled.unsettled


def test_what_is_told_of_an_orphan_is_not_told_once_more_by_the_proof() -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", app="from pkg.old import X\n")
    assert [item.code for item in made.findings if item.severity == "error"] == ["orphan"]
    assert any(check.failed for check in made.proof)


def test_a_name_that_a_home_only_imports_is_not_proposed() -> None:
    new = "from typing import List\nclass New: ...\n"
    files: Sources = {"pkg/__init__.py": "", "pkg/new.py": new, "pkg/old.py": "class Old: ...\nList = 1\n"}
    made = plan_of({**files, "app.py": "from pkg.old import List\n"}, STUB)
    assert made.unsettled[0].orphans[0].homes == ()


def test_what_is_read_and_patched_is_not_proposed_for_dropping() -> None:
    app = "from unittest.mock import patch\nfrom pkg.old import helper\npatch('pkg.old.helper')\n"
    old = "from pkg.new import helper\nclass Old: ...\n"
    made, _ = stubbed(old, app=app)
    (module,) = made.unsettled
    assert [(item.name, item.settles) for item in module.orphans] == [("helper", "")]
    assert (module.keep, module.drop) == ((), ())


@pytest.mark.parametrize("patch", ["patch('pkg.old.open')", "patch('pkg.old.gone', create=True)"])
def test_a_patch_that_needs_no_target_is_no_news(patch: str) -> None:
    made, _ = stubbed("class Old: ...\n", app=f"from unittest.mock import patch\n{patch}\n")
    assert not found(made, "absent-name")


def test_a_decorator_of_what_is_kept_is_compared_and_a_name_that_is_kept_is_not() -> None:
    old = "class Old:\n    def run(self, f): ...\n\n@Old.run\ndef kept():\n    return Old\n"
    made, _ = stubbed(old, 'keep = ["kept"]\n', app="from pkg.old import kept\n")
    assert found(made, "member-missing") == [("pkg/old.py", 4)]


def test_a_name_to_drop_that_never_was_is_told() -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", 'drop = ["X", "Y"]\n')
    assert made.applicable and found(made, "drop-unknown") == [("pkg/old.py", 1)]
    assert not found(plan_of({**HOME, "pkg/old.py": REDIRECT}, STUB + 'drop = ["X"]\n'), "drop-unknown")


def test_a_lazy_stub_that_only_keeps_has_nothing_lazy() -> None:
    files: Sources = {**HOME, "pkg/old.py": "def kept(): ...\n", "app.py": "from pkg.old import kept\n"}
    manifest = '[[stub]]\nmodule = "pkg.old"\nmode = "lazy"\nkeep = ["kept"]\n'
    assert b"__getattr__" not in applied(files, plan_of(files, manifest))["pkg/old.py"]


def test_a_patch_of_what_the_module_never_had_is_told() -> None:
    app = "from unittest.mock import patch\npatch('pkg.old.Nobody.method')\n"
    made, _ = stubbed("class Old: ...\n", app=app)
    assert made.applicable and found(made, "absent-name") == [("app.py", 2)]


def test_what_a_stub_keeps_is_compared_with_the_new_definitions() -> None:
    old = "class Old:\n    def run(self): ...\n\ndef kept():\n    return Old.run\n\ndef gone():\n    return Old.run\n"
    made, text = stubbed(old, 'keep = ["kept"]\ndrop = ["gone"]\n', app="from pkg.old import kept\n")
    assert "def kept" in text
    assert found(made, "member-missing") == [("pkg/old.py", 5)]


def test_a_used_private_name_is_surface() -> None:
    made, text = stubbed(
        "class Old: ...\n_p = 1\n_q = 2\n",
        '[[move]]\nold = "pkg.old:_p"\nnew = "pkg.new:helper"\n',
        app="import pkg.old as m\nm._p\n",
    )
    assert "helper as _p" in text and "_q" not in text
    assert made.applicable


def test_a_public_name_that_nobody_uses_goes_and_is_told() -> None:
    made, text = stubbed("class Old: ...\nX = 1\n")
    assert found(made, "name-lost") == [("pkg/old.py", 2)]
    assert text == REDIRECT


def test_dropped_names() -> None:
    made, _ = stubbed("class Old: ...\nX = 1\n", 'drop = ["X"]\n')
    assert not made.findings
    made, _ = stubbed("class Old: ...\nX = 1\n", 'drop = ["X"]\n', app="from pkg.old import X\n")
    assert refused(made, "dropped-name-used") == [("app.py", 1)]
    made, _ = stubbed("class Old: ...\nX = 1\n", 'drop = ["X"]\n', app="import mock\nmock.patch('pkg.old.X')\n")
    assert found(made, "dropped-name-patched") == [("app.py", 2)] and made.applicable


def test_a_home_that_is_known_to_lack_the_name_is_none() -> None:
    files = {**HOME, "pkg/new.py": "", "pkg/old.py": "class Old: ...\n", "app.py": "from pkg.old import Old\n"}
    assert refused(plan_of(files, STUB), "orphan") == [("app.py", 1)]


@pytest.mark.parametrize(
    ("old", "files", "line"),
    [
        (
            "from pkg.mid import A\n",
            {"pkg/mid.py": "from pkg.deep import A\n", "pkg/deep.py": "class A: ...\n"},
            "from pkg.deep import A",
        ),
        (
            "from .mid import A\n",
            {"pkg/mid.py": "from ._deep import A\n", "pkg/_deep.py": "class A: ...\n"},
            "from pkg.mid import A",
        ),
        ("from .mid import A as B\n", {"pkg/mid.py": "class A: ...\n"}, "from pkg.mid import A as B"),
        ("from lib import B\n", {}, "from lib import B"),
    ],
)  # fmt: skip
def test_a_home_is_found_along_the_chain(old: str, files: dict[str, str], line: str) -> None:
    name = "A" if old.endswith("import A\n") else "B"
    tree = {**HOME, **files, "pkg/old.py": old, "app.py": f"from pkg.old import {name}\n{name}\n"}
    made = plan_of(tree, '[[stub]]\nmodule = "pkg.old"\n')
    result = applied(tree, made)
    assert f"{line}\n" in result["pkg/old.py"].decode()
    assert "pkg.old" not in result["app.py"].decode()


def test_a_name_that_the_module_never_had_is_told_and_left() -> None:
    made, text = stubbed("class Old: ...\n", app="from pkg.old import Nope\n")
    assert found(made, "absent-name") == [("app.py", 1)]
    assert text == REDIRECT and made.applicable


@pytest.mark.parametrize(
    "old", ["def __getattr__(name): ...\nclass Old: ...\n", "from elsewhere import *\nclass Old: ...\n"]
)
def test_a_module_whose_names_cannot_be_told_lacks_none(old: str) -> None:
    made, _ = stubbed(old, 'drop = ["__getattr__"]\n', app="from pkg.old import Perhaps\n")
    assert not found(made, "absent-name")


@pytest.mark.parametrize(
    "app",
    [
        "from pkg.old import *\n",
        "import importlib\nimportlib.import_module('pkg.old')\n",
        "import pkg.old\n",
        "from pkg.old import Old  # repoint: keep\n",
        "from pkg.old import Other\n",
    ],
)
def test_a_module_that_is_used_is_not_deleted(app: str) -> None:
    made, _ = stubbed("class Old: ...\nOther = 1\n", 'mode = "delete"\n', app=app)
    assert refused(made, "deleted-module-used")


def test_a_module_that_nobody_uses_any_more_is_deleted() -> None:
    made, text = stubbed("class Old: ...\n", 'mode = "delete"\n', app="from pkg.old import Old\nOld()\n")
    assert made.applicable and text == ""
    assert made.batches[-1].title == "delete pkg.old"


@pytest.mark.parametrize("old", ["def (:\n", b"\xff\n", b"\0"])
def test_a_module_that_does_not_parse_is_no_stub(old: str | bytes) -> None:
    made, _ = stubbed(old)
    assert refused(made, "stub-unreadable") == [("pkg/old.py", 1)]


def test_a_module_that_is_not_there() -> None:
    made = plan_of(HOME, STUB)
    assert refused(made, "stub-module-missing") == [("pkg/old.py", 1)]
    assert plan_of(HOME, STUB + 'mode = "delete"\n').applicable


def test_line_ends_stay() -> None:
    assert stubbed(b"class Old: ...\r\n")[1] == REDIRECT.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "data", ["# -*- coding: latin-1 -*-\n# \xe9\nclass Old: ...\n".encode("latin-1"), b"\xef\xbb\xbfclass Old: ...\n"]
)
def test_an_old_encoding_does_not_matter(data: bytes) -> None:
    assert stubbed(data)[1] == REDIRECT


def test_a_kept_definition_in_an_old_encoding() -> None:
    data = "# -*- coding: latin-1 -*-\nclass Old: ...\nclass X:\n    '''caf\xe9'''\n".encode("latin-1")
    assert stubbed(data, 'keep = ["X"]\n')[0].applicable


# Kept definitions

OLD = source(
    """
import os
import json as j, re
from typing import Any
from .new import New as Base

LIMIT = 3
TABLE = {"x": LIMIT}
a, b = 1, 2

# about f
# in two lines
@deco
def f(x: Any = LIMIT) -> "Base":
    return os.path, j, g()

def g(): return f
def deco(f): return f

class C(Base):
    def m(self): return a

if TABLE:
    def nested(): ...
"""
)


def kept(*names: str, more: str = "") -> str:
    """The stub of OLD that keeps `names`, from its imports on."""
    listed = ", ".join(f'"{name}"' for name in names)
    manifest = f'[[stub]]\nmodule = "pkg.old"\nkeep = [{listed}]\n{more}'
    files = {**HOME, "pkg/old.py": OLD}
    return applied(files, plan_of(files, manifest))["pkg/old.py"].decode()


def test_a_kept_definition_takes_along_what_it_needs() -> None:
    text = kept("f")
    for line in ("from typing import Any", "import json as j", "import os", "LIMIT = 3", "def g(): return f"):
        assert f"{line}\n" in text
    assert "\n# about f\n# in two lines\n@deco\ndef f(x: Any = LIMIT)" in text
    assert text.index("LIMIT = 3") < text.index("# about f") < text.index("def g()") < text.index("def deco(f)")
    assert "New" in text and "re" not in text.split() and "TABLE" not in text and "class C" not in text


def test_a_kept_definition_needs_no_more_than_it_reads() -> None:
    assert kept("TABLE").endswith('LIMIT = 3\n\n\nTABLE = {"x": LIMIT}\n')
    assert kept("b").endswith('"]\n\n\na, b = 1, 2\n')


def test_a_kept_definition_reads_what_moved_from_its_new_home() -> None:
    text = kept("g", more='[[move]]\nold = "pkg.old:f"\nnew = "pkg.new:helper"\n')
    assert "from pkg.new import helper as f\n" in text and text.endswith("def g(): return f\n")


def test_a_future_import_comes_along() -> None:
    _, text = stubbed("from __future__ import annotations\nclass Old: ...\ndef f(x: X): ...\n", 'keep = ["f"]\n')
    assert text.index("from __future__ import annotations") < text.index("\nfrom pkg.new")


@pytest.mark.parametrize("rest", ["", "def f():\n    Z = 1\n", "from os.path import *\n"])
def test_what_is_not_at_the_top_level_cannot_be_kept(rest: str) -> None:
    made, _ = stubbed(f"class Old: ...\n{rest}", 'keep = ["Z"]\n')
    assert refused(made, "cannot-keep")


def test_users_of_a_kept_name_stay() -> None:
    made, text = stubbed(
        "class Old: ...\ndef X(): return Old\n", 'keep = ["X"]\n', app="from pkg.old import X, Old\nOld\n"
    )
    assert made.applicable
    assert text == REDIRECT.replace('["Old"]', '["Old", "X"]') + "\n\ndef X(): return Old\n"


def test_an_import_that_is_only_needed_is_not_exported() -> None:
    _, text = stubbed("from typing import Any\nclass Old: ...\ndef X(a: Any): ...\n", 'keep = ["X"]\n')
    assert '__all__ = ["Old", "X"]' in text and "pkg.new or typing" not in text


@pytest.mark.parametrize(
    "block", ["if flag:\n    q = 1\n", "try:\n    import json as q\nexcept ImportError:\n    q = None\n"]
)
def test_a_kept_definition_that_needs_a_block_is_refused(block: str) -> None:
    made, text = stubbed(f"class Old: ...\n{block}def X(): return q\n", 'keep = ["X"]\n')
    assert not made.applicable or block in text


def test_what_is_taken_along_is_not_lost() -> None:
    made, text = stubbed("class Old: ...\nLIMIT = 3\ndef X(): return LIMIT\n", 'keep = ["X"]\n')
    assert "LIMIT = 3" in text and not found(made, "name-lost")


def carried(old: str, keep: str = "X", drop: str = "") -> str:
    """The stub of `old` that keeps one name, from `__all__` on, with what stands above it apart from the docstring."""
    made, text = stubbed(source(old), f'keep = ["{keep}"]\ndrop = [{drop}]\n')
    assert made.applicable, made.findings
    return text


def test_a_local_name_of_a_kept_function_is_not_needed() -> None:
    """It only has the name of something of the module, which goes."""
    text = carried("""
        from json import loads, dumps
        from typing import Any
        class Old: ...
        def X(dumps: Any) -> Any:
            from json import loads
            return loads(dumps), "Old"
        """)
    assert "from typing import Any\n" in text
    assert "from json import" not in text.partition("def X")[0]


def test_quoted_annotations_of_a_kept_function_are_needed() -> None:
    text = carried("""
        from typing import Any, Dict
        from json import JSONDecoder as D
        class Old: ...
        def X(a: "Dict[str, D]") -> "Any": ...
        """)
    assert "from json import JSONDecoder as D\nfrom typing import Any, Dict\n" in text


def test_imports_for_type_checkers_stay_theirs() -> None:
    """Bound for type checkers only, they are no part of `__all__`; those that are not needed stay behind."""
    text = carried("""
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from json import JSONDecoder
            from json import JSONEncoder as E
        class Old: ...
        def X(a: "JSONDecoder"): ...
        """)
    block = "from pkg.new import New as Old\n\nif TYPE_CHECKING:\n    from json import JSONDecoder\n\n__all__ ="
    assert block in text and "JSONEncoder" not in text and '__all__ = ["Old", "X"]' in text
    assert "from typing import TYPE_CHECKING\n" in text


def test_a_name_that_is_also_imported_at_run_time_is_imported_so() -> None:
    text = carried("""
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from json import JSONDecoder
        from json import JSONDecoder
        class Old: ...
        class X(JSONDecoder): ...
        """)
    assert "from json import JSONDecoder\n" in text and "TYPE_CHECKING" not in text


def test_what_a_kept_definition_imports_comes_from_where_it_moves() -> None:
    more = 'keep = ["X"]\n[[move]]\nold = "pkg.other:Thing"\nnew = "pkg.new:helper"\n'
    old = "from .other import Thing as T, rest\nclass Old: ...\ndef X(): return T, rest\n"
    _, text = stubbed(old, more, **{"pkg/other": "class Thing: ...\nrest = 1\n"})
    assert "from .other import rest\nfrom pkg.new import helper as T\n" in text


def test_what_changes_a_kept_definition_comes_along() -> None:
    text = carried("""
        import json
        class Old: ...
        TABLE = {}
        class X:
            table = TABLE
        class Y: ...
        X.rebuild = json.loads
        TABLE["x"] = 1
        TABLE.update(y=2)
        Y.rebuild = 1
        """)
    assert text.endswith('\n\nX.rebuild = json.loads\n\n\nTABLE["x"] = 1\n\n\nTABLE.update(y=2)\n')
    assert "import json\n" in text


def test_every_binding_of_a_kept_name_comes_along() -> None:
    text = carried("class Old: ...\nLIMIT = 3\nLIMIT += 1\ndef X(): return LIMIT\n")
    assert "LIMIT = 3\n" in text and "LIMIT += 1\n" in text


REGISTERED = "class Old: ...\ndef register(x): ...\nclass X: ...\nregister(X)\n"


def test_a_call_that_is_given_a_kept_name_comes_along() -> None:
    made, text = stubbed(REGISTERED, 'keep = ["X"]\n')
    assert text.endswith("def register(x): ...\n\n\nclass X: ...\n\n\nregister(X)\n") and not made.findings


@pytest.mark.parametrize(
    ("old", "drop"), [(REGISTERED, '"register"'), (REGISTERED.replace("register(X)", "register([X])"), "")]
)
def test_a_call_about_a_kept_name_that_stays_behind_is_told(old: str, drop: str) -> None:
    made, text = stubbed(old, f'keep = ["X"]\ndrop = [{drop}]\n')
    assert found(made, "kept-name-left-behind") == [("pkg/old.py", 4)] and "register" not in text
    assert made.applicable and not found(made, "effect-lost")


def test_what_a_kept_definition_needs_cannot_be_dropped() -> None:
    made, _ = stubbed("class Old: ...\nLIMIT = 3\ndef X(): return LIMIT\n", 'keep = ["X"]\ndrop = ["LIMIT"]\n')
    assert refused(made, "cannot-keep") == [("pkg/old.py", 3)]


def test_what_an_annotation_of_a_kept_definition_needs_cannot_be_dropped() -> None:
    old = "class Old: ...\nclass T: ...\ndef X(a: 'list[T]'): ...\n"
    made, _ = stubbed(old, 'keep = ["X"]\ndrop = ["T"]\n')
    assert refused(made, "cannot-keep") == [("pkg/old.py", 3)]


def test_a_string_that_only_spells_a_dropped_name_does_not_need_it() -> None:
    made, text = stubbed("class Old: ...\nLIMIT = 3\ndef X(): return 'LIMIT'\n", 'keep = ["X"]\ndrop = ["LIMIT"]\n')
    assert made.applicable and "LIMIT = 3" not in text


def test_an_import_for_type_checkers_comes_from_where_it_moves() -> None:
    more = 'keep = ["X"]\n[[move]]\nold = "pkg.other:Thing"\nnew = "pkg.new:helper"\n'
    old = "import typing\nif typing.TYPE_CHECKING:\n    from .other import Thing\nclass Old: ...\n"
    made, text = stubbed(old + "def X(a: 'Thing'): ...\n", more, **{"pkg/other": "class Thing: ...\n"})
    assert "import typing\n" in text and made.applicable
    assert "\nif typing.TYPE_CHECKING:\n    from pkg.new import helper as Thing\n" in text


STARRED = (
    "from __future__ import annotations\nimport json\nfrom os import sep\nfrom pkg.new import helper\nclass Old: ...\n"
)


def test_a_star_import_takes_what_belongs_to_the_repository() -> None:
    """What another module may take from the importer; the standard library is asked for by name."""
    made, text = stubbed(STARRED, app="from pkg.old import *\n")
    assert made.applicable and '__all__ = ["Old", "helper"]' in text and not found(made, "name-lost")
    made, text = stubbed(STARRED, app="from pkg.old import *\nprint(sep)\n")
    assert made.applicable and "from os import sep\n" in text


@pytest.mark.parametrize("app", ["from pkg.old import *\nannotations\n", "from pkg.old import annotations\n"])
def test_a_future_import_is_no_name_to_pass_on(app: str) -> None:
    """In the middle of a file it is a syntax error."""
    _, text = stubbed(STARRED, app=app)
    assert "__future__" not in text


def test_what_is_needed_and_exported_is_imported_once() -> None:
    old = "from pkg.new import helper\nclass Old: ...\ndef X(): return helper\n"
    _, text = stubbed(old, 'keep = ["X"]\n', app="from pkg.old import helper\n")
    assert text.count("helper") == 3 and '__all__ = ["Old", "X"' in text  # imported, exported, returned


@pytest.mark.parametrize("mode", StubMode)
def test_a_kept_definition_runs_in_a_stub_of_any_mode(mode: StubMode, monkeypatch: pytest.MonkeyPatch) -> None:
    if mode is StubMode.DELETE:
        return
    _, text = stubbed("class Old: ...\ndef X(): return Old\n", f'keep = ["X"]\nmode = "{mode}"\n')
    new = type(sys)("pkg.new")
    new.New = 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pkg.new", new)
    bound: dict[str, Any] = {"__name__": "stub"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "stub.py", "exec"), bound)
    assert bound["X"]() == 7 and bound["__all__"] == ["Old", "X"]


PATCHED = "import mock\nmock.patch('pkg.old.log')\n"
LOGS = "class Old: ...\nlog = print\ndef X(): log()\n"


def test_a_patched_name_that_is_only_taken_along_is_an_orphan() -> None:
    """The test may be of what moved, which does not read this name."""
    made, _ = stubbed(LOGS, 'keep = ["X"]\n', app=PATCHED)
    assert refused(made, "orphan") == [("app.py", 2)]


def test_a_patched_name_that_is_kept_on_purpose_is_told() -> None:
    made, text = stubbed(LOGS, 'keep = ["X", "log"]\n', app=PATCHED)
    assert made.applicable and found(made, "kept-name-patched") == [("app.py", 2)]
    assert '__all__ = ["Old", "X", "log"]' in text


def test_a_kept_name_that_is_imported_too_may_be_patched() -> None:
    made, _ = stubbed(LOGS, 'keep = ["X", "log"]\n', app=PATCHED, other="from pkg.old import log\n")
    assert made.applicable and not found(made, "kept-name-patched")


# The text

HOMES = {"Old": Symbol("a.b", "New"), "same": Symbol("a.b", "same"), "Z": Symbol("z", "Z")}


def run(text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What a stub binds, with its homes in place of real modules."""
    modules = {"a": {}, "a.b": {"New": 1, "same": 2}, "z": {"Z": 3}}
    for name, names in modules.items():
        module = type(sys)(name)
        module.__dict__.update(names)
        monkeypatch.setitem(sys.modules, name, module)
    bound: dict[str, object] = {"__name__": "stub"}
    exec(compile(text, "stub.py", "exec"), bound)
    return bound


def test_a_redirect_binds_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = run(render(StubMode.REDIRECT, HOMES, Kept()), monkeypatch)
    assert (bound["Old"], bound["same"], bound["Z"], bound["__all__"]) == (1, 2, 3, ["Old", "Z", "same"])


def test_a_warning_stub_warns_its_importer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.warns(DeprecationWarning, match=r"stub is deprecated; import from a\.b or z instead"):
        assert run(render(StubMode.WARN, HOMES, Kept()), monkeypatch)["Old"] == 1


def test_a_lazy_stub_warns_for_each_name(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = run(render(StubMode.LAZY, HOMES, Kept()), monkeypatch)
    assert "Old" not in bound
    with pytest.warns(DeprecationWarning, match=r"stub\.Old is deprecated; import New from a\.b instead"):
        assert bound["__getattr__"]("Old") == 1
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        bound["__getattr__"]("nope")
    assert {"Old", "same", "Z"} <= set(bound["__dir__"]())


def test_a_stub_without_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    only = Kept(("x",), ("import os",), ("x = os.sep\n",))
    assert render(StubMode.REDIRECT, {}, only) == '"""Deprecated."""\n\nimport os\n\n__all__ = ["x"]\n\n\nx = os.sep\n'
    assert run(render(StubMode.LAZY, {}, only), monkeypatch)["x"]
    with pytest.warns(DeprecationWarning, match="stub is deprecated$"):
        run(render(StubMode.WARN, {}, only), monkeypatch)


def test_long_lines_are_broken() -> None:
    homes = {f"name_number_{number}": Symbol("a.long.module", f"name_number_{number}") for number in range(9)}
    text = render(StubMode.REDIRECT, homes, Kept())
    assert max(map(len, text.splitlines())) <= 88
    assert "from a.long.module import (\n    name_number_0,\n" in text and '__all__ = [\n    "name_number_0",\n' in text


def test_three_homes_are_listed() -> None:
    homes = {name: Symbol(name.lower(), name) for name in "CBA"}
    assert render(StubMode.REDIRECT, homes, Kept()).startswith('"""Deprecated: import from a, b or c instead."""\n')
