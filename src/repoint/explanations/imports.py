"""What is said where imports, and the names that they bind, are rewritten or left."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage
from repoint.model import Severity

STAGE = Stage.IMPORTS

ENTRIES = (
    Explanation(
        "kept",
        STAGE,
        INFO,
        "The line says `# repoint: keep`, so what it imports or names stays on the old path.",
        "It goes on working for as long as a stub stands at the old path, and is counted as kept by `audit`.",
        "Nothing, if that is meant; else take the comment away and plan again.",
        "from pkg.old import Engine  # repoint: keep",
    ),
    Explanation(
        "excepted",
        STAGE,
        INFO,
        "The file is listed under `[[except]]`: it is meant to keep the old path, for the reason that is told.",
        "Tests of the redirects themselves, for example, must import the old path. They fail when the stub is deleted.",
        "Nothing, if that is meant; else correct the globs of `[[except]]`.",
        '[[except]]\nfiles = ["tests/compat/**"]\nreason = "tests of the redirects themselves"',
    ),
    Explanation(
        "home-missing",
        STAGE,
        ERROR,
        "The old path exists and the new one surely does not, so an import that works now would fail.",
        "The rewritten import would raise ImportError. It is told once for each missing home, at the first place.",
        "Correct `new` in the `[[move]]`, or bring the definition to its new home first.",
        '[[move]]\nold = "pkg.old:Engine"\nnew = "pkg.new:Engin"      # pkg/new.py has no `Engin`',
    ),
    Explanation(
        "home-imports-itself",
        STAGE,
        ERROR,
        "The new home of a name imports it under its old path, and it cannot be shown that the home's own definition "
        "is bound at that point.",
        "The rewritten import would make the module import itself: at best it binds nothing new, at worst it fails "
        "because the module is only half loaded.",
        "Take the import out by hand, or move the definition into the home before you plan.",
        "# pkg/new.py, the home of Engine\nfrom pkg.old import Engine as Base\nclass Engine(Base): ...",
    ),
    Explanation(
        "name-clash",
        STAGE,
        WARNING,
        "The import moved, but its local name could not take the new name: something else in this file has that name "
        "where it would be used. It is imported by `as`, under the name it had.",
        "The code works. An alias is left, which `audit` counts where the manifest forbids aliases.",
        "Rename the other variable and plan again, or accept the alias.",
        "from pkg.old import Engine\nUserEngine = object()      # in the way of the new name\nEngine()\n"
        "# becomes: from pkg.new import UserEngine as Engine",
    ),
    Explanation(
        "local-name-kept",
        STAGE,
        INFO,
        "The import moved, and the variable kept its old name by `as`, because code may reach it by that name in a way "
        'that cannot be followed: `globals()`, `exec`, `f"{name=}"`, or a path put together at run time.',
        "A rename could change what that code does. The alias is safe.",
        "Nothing; or spell the access out, so that it can be renamed with the rest.",
        'from pkg.old import Engine\nprint(f"{Engine=}")      # would print another text',
    ),
    Explanation(
        "alias-kept",
        STAGE,
        WARNING,
        "The manifest forbids aliases of this canonical symbol, but this alias is part of the module's surface: other "
        "files, `__all__` or a patch reach it by that name.",
        "To undo it here would break whoever imports the alias from this module.",
        "Move its importers to the canonical name, then plan again.",
        '# pkg/__init__.py\nfrom pkg.engine import UserEngine as Engine\n__all__ = ["Engine"]',
    ),
    Explanation(
        "module-kept",
        STAGE,
        WARNING,
        "An import of an old module, or a use of it, stays: the variable is bound again, stands for more than the "
        "module, is passed on as an object, or the names read from it go to several modules. The message says which.",
        "What goes on reading the old module works while a stub stands there, and fails when the stub is deleted.",
        "Import the new path by hand, or do what the finding's own line says.",
        "import pkg.old as engines\nengines = wrap(engines)      # more than the module from here on",
    ),
    Explanation(
        "star-import",
        STAGE,
        WARNING,
        "`from old import *` is left alone, because the names that it binds are not written there.",
        "The file goes on depending on the old module, and nobody can say which of its names it uses.",
        'Import by name what the file uses; or set `star = "expand"` under `[rewrite]`.',
        "from pkg.old import *      # better: from pkg.new import Engine",
    ),
    Explanation(
        "collapse",
        STAGE,
        (Severity.ERROR, Severity.WARNING),
        "Two names that were two objects become one, in a place that tells them apart: a comparison, two keys of a "
        "dict, two `except` clauses, two branches, or two bases of a class. Equal bases are an error.",
        "The comparison is always true, one key is lost, the second branch is never reached; "
        "`class C(A, A)` raises TypeError.",
        "Decide what the line is to do now, and take one of the two out.",
        "handlers = {old.Engine: f, new.Engine: g}      # one key after the migration",
    ),
)
