"""The audit and the plan count the same imports, before a migration and after it."""

from __future__ import annotations

import pytest

from tests.audit_tools import HOMES, audited
from tests.transform_tools import RENAMED, WHOLE, Sources, applied, move, plan_of

STUB = '[[stub]]\nmodule = "pkg.old"\n'


@pytest.mark.parametrize(
    ("manifest", "files", "left"),
    [
        (RENAMED, {"a.py": "from pkg.old import Old\nOld\n", "b.py": "import pkg.old\npkg.old.Old\n"}, 0),
        (RENAMED, {"a.py": "from pkg.old import *\n", "b.py": "from pkg import old\nold.Old()\n"}, 1),
        (
            RENAMED + STUB,
            {"a.py": "from pkg.old import Old\nOld\n", "b.py": "def f():\n    from pkg.old import Old\n"},
            0,
        ),
        (RENAMED + STUB + 'mode = "lazy"\n', {"a.py": "from pkg.old import Old\nOld\n"}, 0),
        (RENAMED + STUB + 'mode = "warn"\n', {"a.py": "from pkg.old import Old as E\nE\n"}, 0),
        (WHOLE + STUB, {"a.py": "from pkg.old import Old\n", "pkg/new.py": "class Old: ...\n"}, 0),
        (
            RENAMED + STUB + move("pkg.older:Older", "pkg.new:New") + STUB.replace("old", "older"),
            {
                "pkg/old.py": "from pkg.older import Older\nclass Old(Older): ...\n",
                "pkg/older.py": "class Older: ...\n",
                "a.py": "from pkg.old import Old\nOld\n",
            },
            0,
        ),
        (
            RENAMED + STUB + 'keep = ["helper"]\n',
            {
                "pkg/old.py": "class Old: ...\ndef helper(): ...\n",
                "a.py": "from pkg.old import Old, helper\nOld, helper\n",
            },
            0,
        ),
    ],
)
def test_deprecated_imports_are_those_of_the_plan(manifest: str, files: Sources, left: int) -> None:
    before: Sources = {**HOMES, **files}
    plan = plan_of(before, manifest)
    assert audited(before, manifest, homes={}).figures.deprecated_imports == plan.before.deprecated_imports
    after = audited(applied(before, plan), manifest, homes={})
    assert after.figures.deprecated_imports == plan.after.deprecated_imports == left
