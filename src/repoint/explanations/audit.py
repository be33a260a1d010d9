"""What `repoint audit` counts, place by place."""

from __future__ import annotations

from repoint.explanations.entry import INFO, WARNING, Explanation, Stage

STAGE = Stage.AUDIT

ENTRIES = (
    Explanation(
        "canonical-import",
        STAGE,
        INFO,
        "A governed symbol is imported by its canonical path and its own name.",
        "This is how it is meant. `audit --symbol NAME` shows these places; elsewhere they are only counted.",
        "Nothing.",
        "from pkg.new import UserEngine",
    ),
    Explanation(
        "deprecated-import",
        STAGE,
        WARNING,
        "A governed symbol is imported by an old path that a `[[move]]` of the manifest declares.",
        "It binds users to a module that is to go. As long as there is one, the stub cannot be deleted.",
        "Run `repoint plan` and `repoint apply`; or import it by its canonical path.",
        "from pkg.old import Engine            # deprecated\nfrom pkg.new import UserEngine        # canonical",
    ),
    Explanation(
        "alias-import",
        STAGE,
        WARNING,
        "A canonical symbol is imported by its own path, but under another name.",
        "A search for the name does not find this user, and two names for one class look like two classes.",
        'Import it by its own name; `aliases = "forbid"` under `[[canonical]]` lets `plan` undo aliases.',
        "from pkg.new import UserEngine as Engine",
    ),
    Explanation(
        "reexport-import",
        STAGE,
        WARNING,
        "A governed symbol is imported from a module that only passes it on, and is no declared old path.",
        "Each such module is one more path for the same symbol, and breaks its users when it is tidied up.",
        "Import it from the module that defines it.",
        "# pkg/__init__.py: from pkg.new import UserEngine\nfrom pkg import UserEngine            # re-export\n"
        "from pkg.new import UserEngine        # canonical",
    ),
    Explanation(
        "unresolvable-import",
        STAGE,
        WARNING,
        "An import names a governed symbol, or asks a governed module for a name, that no module of the tree binds.",
        "It raises ImportError when it runs: dead code, a test that cannot pass, or a fallback behind `try`.",
        "Correct it to the canonical path, or delete what needs it.",
        "from pkg.core.engine import UserEngine      # there is no pkg/core/engine.py",
    ),
    Explanation(
        "kept-import",
        STAGE,
        INFO,
        "The import keeps an old path or an alias on purpose: a stub keeps the name, the file is listed under "
        "`[[except]]`, or the line says `# repoint: keep`.",
        "It counts as no violation, and it does not lower the canonical share; but an old path holds its stub.",
        "Nothing, for as long as it is meant.",
    ),
    Explanation(
        "direct-instantiation",
        STAGE,
        WARNING,
        "A governed class is called outside its home and the home of its factory.",
        "What a factory does for an instance (its dependencies, its isolation, its clean-up) is passed over.",
        "Construct it through its factory.",
        "engine = UserEngine(context)                 # direct\n"
        "engine = factory.create_for_user(context)    # through the factory",
    ),
    Explanation(
        "missing-symbol",
        STAGE,
        WARNING,
        "The manifest says that a symbol is to be imported from a module, and the module does not bind it.",
        "Imports by that path fail, and none of the figures of that symbol means anything.",
        "Correct the name in `[[canonical]]` or `[[move]]`, or bring the definition to its home.",
    ),
    Explanation(
        "duplicate-definition",
        STAGE,
        WARNING,
        "A class or function with the name of a governed symbol is defined once more, outside its canonical home.",
        "Readers and editors take one for the other, and the two drift apart.",
        "Delete it, import the canonical one, or give it a name of its own.",
        "# pkg/other.py\nclass UserEngine: ...      # the canonical one is in pkg/new.py",
    ),
    Explanation(
        "deprecated-string",
        STAGE,
        WARNING,
        "A string that names an import path (a patch target, `import_module`, a logger) names an old path.",
        "A patch through a stub reaches nothing; a string that is imported fails when the stub is deleted.",
        "Run `repoint plan` and `repoint apply`; or write the new path.",
        'patch("pkg.old.Engine")      # becomes: patch("pkg.new.UserEngine")',
    ),
)
