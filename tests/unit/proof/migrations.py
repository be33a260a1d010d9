"""A small repository and its good migration, in which tests plant faults."""

from __future__ import annotations

from dataclasses import replace

from repoint.proof.model import NewImport
from tests.unit.proof.trees import Migration

OLD = "class Engine: ...\n\ndef make(): ...\n\nLIMIT = 3\n_hidden = 1\n"
STUB = (
    "from pkg.core.user import LIMIT, UserEngine as Engine\n"
    "from pkg.factory import make\n\n"
    "__all__ = ['Engine', 'LIMIT', 'make']\n"
)
REPOSITORY = {
    "pkg/__init__.py": "",
    "pkg/core/__init__.py": "from .user import UserEngine\n",
    "pkg/core/user.py": "LIMIT = 3\n\nclass UserEngine: ...\n",
    "pkg/core/other.py": "class UserEngine: ...\n",
    "pkg/factory.py": "from pkg.core import UserEngine\n\ndef make(): return UserEngine()\n",
    "pkg/old.py": OLD,
    "app/service.py": "from pkg.old import Engine\n\ndef run(): return Engine()\n",
    "tests/test_old.py": "from pkg import old\n\nassert old.make\n",
}
MOVES = {
    "pkg.old.Engine": "pkg.core.user.UserEngine",
    "pkg.old.LIMIT": "pkg.core.user.LIMIT",
    "pkg.old.make": "pkg.factory.make",
}
GOOD = Migration(
    before=REPOSITORY,
    changes={
        "pkg/old.py": STUB,
        "app/service.py": "from pkg.core.user import UserEngine\n\ndef run(): return UserEngine()\n",
    },
    symbols=MOVES,
    stubs=frozenset({"pkg.old"}),
    pairs={"app/service.py": [("pkg.old.Engine", "pkg.core.user.UserEngine")]},
    imports={"app/service.py": [NewImport(1, "pkg.core.user", ("UserEngine",), True)]},
    lost={"app/service.py": ["Engine"]},
)


def changed(before: dict[str, str] | None = None, **changes: str | None) -> Migration:
    """GOOD with other files: `pkg__old` is the file `pkg/old.py`."""
    files = {name.replace("__", "/") + ".py": text for name, text in changes.items()}
    return replace(GOOD, before={**REPOSITORY, **(before or {})}, changes={**GOOD.changes, **files}, searched=[])
