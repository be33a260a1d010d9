"""What is said of the repository's own files, before anything is rewritten."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage
from repoint.model import Severity

STAGE = Stage.READING

ENTRIES = (
    Explanation(
        "unparsable",
        STAGE,
        (Severity.ERROR, Severity.WARNING),
        "The file names an old path, but it is no Python that can be parsed, so nothing in it was looked at or "
        "changed. The line is that of the first mention of an old path. In `verify` it is an error when a changed file "
        "parsed before and does not parse now; `audit` counts nothing in it.",
        "Its imports of the old path stay. They go on working while a stub stands there, and fail once the stub is "
        "deleted, if the file is ever run.",
        "Mend its syntax and plan again, rewrite it by hand, or take it out of `[scope]` if it is not meant to be "
        "code.",
        "from pkg.old import Engine\ndef run(:      # the parser stops here",
    ),
    Explanation(
        "root-empty",
        STAGE,
        WARNING,
        "A folder in `[scope] roots` holds no Python file that is in scope.",
        "Roots say which folders imports start from. With a wrong root, `src/pkg/mod.py` is taken for `src.pkg.mod`, "
        "and no import of `pkg.mod` is recognised.",
        "Correct `[scope] roots`; look also at `include` and `exclude`.",
        '[scope]\nroots = ["scr"]    # meant: "src"',
    ),
    Explanation(
        "not-a-file",
        STAGE,
        INFO,
        "A path in scope is a symbolic link or a submodule. It is not followed, and never written through.",
        "The target of a link is looked at under its own path. The files of a submodule belong to another repository, "
        "where their imports are to be migrated.",
        "Nothing, for a link. For a submodule, run the migration in its own repository.",
    ),
    Explanation(
        "path-not-utf-8",
        STAGE,
        WARNING,
        "The path of a tracked file is not UTF-8, so the file is not looked at.",
        "A plan is JSON and names files by their path; this one cannot be named exactly. What it imports is not known.",
        "Rename the file (`git mv`), or rewrite it by hand.",
    ),
    Explanation(
        "path-not-plain",
        STAGE,
        ERROR,
        "A file that would change has a path that no plan may hold: it leaves the tree, lies in `.git`, or holds "
        "characters that mean something else on another system.",
        "A plan may be applied by somebody else, elsewhere. Such a path could be written where nobody expects it.",
        "Rename the file, or exclude it in `[scope]` and rewrite it by hand.",
    ),
    Explanation(
        "encoding-not-plain",
        STAGE,
        ERROR,
        "A file that would change declares an encoding in which ASCII text is not what it looks like, such as UTF-16, "
        "UTF-7 or `unicode_escape`.",
        "A reviewer reads the plan as text. In such an encoding the same text could be other bytes, and other code.",
        "Save the file as UTF-8.",
        "# -*- coding: utf-7 -*-",
    ),
    Explanation(
        "module-twice",
        STAGE,
        WARNING,
        "Two files, under two roots, stand for one module that the migration is about. Only the first is taken for it.",
        "At run time the order of `sys.path` decides which of them is imported; names of the other one may be missed.",
        "Take one of the two roots, or one of the files, out of `[scope]`.",
        'roots = [".", "src"]    # pkg/old.py and src/pkg/old.py are both `pkg.old`',
    ),
    Explanation(
        "type-comments-unread",
        STAGE,
        INFO,
        "The file has a type comment in a place where Python's grammar has none, so it was read without type comments.",
        "Names in its type comments (`# type: Engine`) are not followed; only type checkers read those.",
        "Turn the type comments into annotations, or take out the one that is out of place.",
        "x = [  # type: list[Engine]\n    1,\n]",
    ),
)
