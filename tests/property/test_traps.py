"""Small programs that once lost their meaning, found by the properties; each is one trap."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.property.meaning import check_idempotent, check_same_meaning
from tests.property.programs import HOMES, MOVES, manifest
from tests.property.repository import Workshop

TRAPS = {
    "module imported twice by one name": """
        import pkg.legacy.engine as eng
        if 1:
            import pkg.legacy.engine as eng
        probe(eng.make)
        """,
    "module imported again in the handler": """
        try:
            import pkg.legacy.engine as eng
        except ImportError:
            import pkg.legacy.engine as eng
        probe(eng.make)
        """,
    "guarded module of two homes": """
        try:
            from pkg.legacy import engine
        except ImportError:
            engine = None
        def f():
            probe(engine and engine.Engine)
            probe(engine and engine.make())
        call(f)
        """,
    "guarded module, asked for before use": """
        try:
            import pkg.legacy.engine as eng
        except ImportError:
            eng = None
        def f():
            if eng is None:
                return
            probe(eng.make)
        call(f)
        """,
    "module rebound to something else": """
        import pkg.legacy.engine as eng
        for eng in (eng, len):
            pass
        call(lambda: probe(eng.Engine))
        """,
    "rebound name beside an import of the new one": """
        from pkg.legacy.engine import Engine
        from pkg.home.core import UserEngine
        for Engine in (Engine, 1):
            pass
        probe(UserEngine)
        """,
    "name rebound before an import of the new one": """
        from pkg.legacy.engine import Engine
        probe((Engine := len))
        from pkg.home.core import UserEngine
        probe(Engine)
        """,
    "global rebound, read where the new name is local": """
        from pkg.legacy.engine import Engine
        def f():
            global Engine
            Engine = 5
        def g():
            from pkg.home.core import UserEngine
            probe(UserEngine)
            probe(Engine)
        call(f)
        call(g)
        """,
    "equal imports on two lines with semicolons": """
        from pkg.legacy.engine import Engine; from pkg.legacy.engine import make
        from pkg.legacy.engine import Engine; from pkg.legacy.engine import make
        """,
    "module name also bound by another import": """
        from pkg.home import core as tools
        if 0:
            from pkg.legacy import tools
        probe(tools)
        """,
    "class body that passes an outer name on": """
        from pkg.legacy.engine import Engine
        class C:
            Engine = Engine
            def method(self): return probe(self.Engine)
        call(C().method)
        """,
    "module deleted after its use": """
        import pkg.legacy.engine as eng
        probe(eng.make)
        del eng
        """,
    "module imported into a global name, partly moved": """
        def use():
            probe(eng.make)
            probe(eng.other)
        def load():
            global eng
            import pkg.legacy.engine as eng
        call(load)
        call(use)
        """,
    "guarded plain import of a module": """
        try:
            import legacy_tools
        except ImportError:
            legacy_tools = None
        def f():
            probe(legacy_tools is None)
            probe(legacy_tools.LIMIT)
        call(f)
        """,
    "plain import of a module, deleted after its use": """
        import legacy_tools
        probe(legacy_tools.LIMIT)
        del legacy_tools
        """,
}
# Other moves than those of `programs`: of a module without a package, whose plain import binds its own name.
TOP_LEVEL = {"legacy_tools": "pkg.home.toolbox"}
ALIASES = {"legacy_tools.py": HOMES["pkg/legacy/tools.py"]}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_keeps_its_meaning(tmp_path: Path, name: str) -> None:
    workshop = Workshop(tmp_path / "repo")
    files = {"pkg/mods/m0.py": dedent(TRAPS[name]).lstrip("\n").encode()}
    moves = {**MOVES, **TOP_LEVEL}
    planned = workshop.plan({**HOMES, **ALIASES, **files}, manifest(moves))
    check_same_meaning(planned, files, moves, ALIASES)
    check_idempotent(workshop, planned, moves)
