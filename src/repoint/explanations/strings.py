"""What is said of paths in strings, and in files that are no Python."""

from __future__ import annotations

from repoint.explanations.entry import INFO, WARNING, Explanation, Stage

STAGE = Stage.STRINGS

ENTRIES = (
    Explanation(
        "string-not-rewritten",
        STAGE,
        WARNING,
        "A string names an old path as an import path, but it is not spelled as one plain literal, or it names what "
        "cannot be spelled anew in one string.",
        "`patch` or `import_module` goes on asking for the old path: through a stub a patch may reach nothing, and "
        "after the stub is deleted it fails.",
        "Write the new path by hand.",
        'patch("pkg.old"\n      ".Engine")      # two parts',
    ),
    Explanation(
        "patch-target-missing",
        STAGE,
        WARNING,
        "A test patches an attribute of an old module which the new module does not have, so the string is left.",
        "A patch must name the module whose code reads the name. Patched in the wrong module it changes nothing, and "
        "the test passes or fails for another reason.",
        "Patch the name in the module where the code under test reads it.",
        'patch("pkg.old.get_tracker")      # pkg/new.py does not bind `get_tracker`',
    ),
    Explanation(
        "name-told-as-text",
        STAGE,
        WARNING,
        "The old name of a symbol that gets a new one is asked for as text: compared with `__name__`, or given to "
        "`getattr`.",
        "After the migration the object has the new name. The comparison is false, `getattr` raises AttributeError.",
        "Ask for the object itself, or for both names while both are about.",
        'if type(engine).__name__ == "ExecutionEngine": ...\n# better: if isinstance(engine, UserExecutionEngine): ...',
    ),
    Explanation(
        "dynamic-path",
        STAGE,
        WARNING,
        "A path below an old one is put together at run time, so that it cannot be followed.",
        "It goes on naming the old path, and fails when that is gone.",
        "Build it from the new path, or keep a table of whole paths.",
        'import_module(f"pkg.old.{name}")',
    ),
    Explanation(
        "path-in-text",
        STAGE,
        INFO,
        "An old path stands in a string that is no import path: a docstring, a log message, a constant.",
        "Nothing breaks, unless other code reads the string as a path. Prose that names the old path misleads readers.",
        'Correct the text; or set `strings = "exact"` under `[rewrite]` for literals that equal an old path; or add '
        "the "
        "call that takes the string to `known_calls`.",
        'LOADERS = ["pkg.old.Engine"]',
    ),
    Explanation(
        "path-in-other-file",
        STAGE,
        INFO,
        "A tracked file that is no Python names an old path: settings, entry points, CI, documentation.",
        "What is loaded by its path from there (an entry point, a logging configuration) fails when the path is gone.",
        "List the file under `text` in `[rewrite]` to have its paths rewritten, or correct it by hand.",
        '[rewrite]\ntext = ["docs/**/*.md", "pyproject.toml"]',
    ),
)
