"""What is said where an implementation module becomes a stub."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage

STAGE = Stage.STUBS

ENTRIES = (
    Explanation(
        "orphan",
        STAGE,
        ERROR,
        "A name of a module that is to become a stub is used here, and has no home: no `[[move]]` takes it anywhere, "
        "no chain of imports leads to its definition, and the stub does not `keep` it. Names that only tests patch "
        "count as well.",
        "The stub would lack the name. Its users would fail with ImportError or AttributeError; a patch would reach "
        "nothing. This is how hand-written stubs break production.",
        "Give the name a `[[move]]` (the summary offers lines to paste where a home binds that name), or list it under "
        "`keep` or `drop` of the `[[stub]]`.",
        '[[stub]]\nmodule = "pkg.old"\nkeep = ["EngineConfig"]      # carried over into the stub as it is',
    ),
    Explanation(
        "absent-name",
        STAGE,
        WARNING,
        "A name is imported from, or patched in, a module that does not bind it, now or before the migration.",
        "That import fails already, or is guarded by `try`. It is not part of what a stub has to pass on.",
        "Correct the import or the patch; or declare a `[[move]]` for the name if it has a home elsewhere.",
        "from pkg.old import NeverThere",
    ),
    Explanation(
        "name-lost",
        STAGE,
        WARNING,
        "A name of the old module has no home and no user that was found, and goes with the implementation.",
        "Code outside the repository that uses it would fail.",
        "List it under `drop` if that is meant; else give it a `[[move]]`, or `keep` it.",
    ),
    Explanation(
        "dropped-name-used",
        STAGE,
        ERROR,
        "The stub is to `drop` a name that is still imported or read here.",
        "That use would fail as soon as the stub stands.",
        "Stop using it, or take it from `drop` and give it a home.",
        '[[stub]]\nmodule = "pkg.old"\ndrop = ["helper"]      # but: from pkg.old import helper',
    ),
    Explanation(
        "dropped-name-patched",
        STAGE,
        WARNING,
        "The stub is to `drop` a name that a test patches here.",
        "The patch fails with AttributeError once the stub stands: the test is about code that goes.",
        "Patch what takes its place, or delete the test.",
    ),
    Explanation(
        "kept-name-patched",
        STAGE,
        WARNING,
        "A test patches a name that the stub keeps, and nothing else uses that name.",
        "In the stub the patch reaches only what is kept there. Code that moved reads the name in its new home, and "
        "does not see the patch.",
        "See that the test is of what is kept; else patch the new home.",
    ),
    Explanation(
        "kept-name-left-behind",
        STAGE,
        WARNING,
        "A statement of the top level is about a name that the stub keeps, but is not carried over with it.",
        "What is kept may need it: a registration, an attribute that is set, an entry in a table.",
        "See whether what is kept works without it; else write it into the home, or move the name instead.",
        "def helper(): ...\nhelper.cache = {}      # goes with the implementation",
    ),
    Explanation(
        "cannot-keep",
        STAGE,
        ERROR,
        "A name under `keep` cannot be carried over into the stub; the message says what stands against it.",
        "A definition is copied together with the imports and names that it reads. Where they cannot all be copied, "
        "the copy would fail when it is used.",
        "Give the name a `[[move]]`, or take it from `keep`.",
    ),
    Explanation(
        "drop-unknown",
        STAGE,
        INFO,
        "A name under `drop` is no name of the module, and nothing uses it.",
        "It is most likely misspelled, and the name that was meant is not dropped.",
        "Correct `drop`, or take the name out.",
    ),
    Explanation(
        "lazy-name-loaded",
        STAGE,
        INFO,
        "A lazy stub keeps a definition that reads this name, so the stub imports the name at once.",
        "Uses of this name through the old module give no DeprecationWarning, and its home is loaded with the stub.",
        "Nothing; or move what is kept, so that the stub holds no code.",
    ),
    Explanation(
        "main-block-lost",
        STAGE,
        WARNING,
        "`python -m` runs a block of this module, which goes with the implementation.",
        "Scripts, containers and schedules that run the module would do nothing, without an error.",
        "Run the new home instead. `__main__` under `keep` carries the block over; under `drop` it says that this is "
        "meant.",
        'if __name__ == "__main__":\n    main()',
    ),
    Explanation(
        "effect-lost",
        STAGE,
        WARNING,
        "A statement that runs when the module is imported reaches beyond the module, and goes with the "
        "implementation.",
        "What it registered, patched or configured is not done any longer, and nothing fails at the place itself.",
        "Do it where the new home is imported, if it is still needed.",
        "registry.register(Engine)",
    ),
    Explanation(
        "stub-unreadable",
        STAGE,
        ERROR,
        "The module that is to become a stub, or the `.pyi` beside it, does not parse.",
        "Nobody can say which names it has, so no stub could be shown to pass them all on.",
        "Mend its syntax.",
    ),
    Explanation(
        "stub-module-missing",
        STAGE,
        ERROR,
        "A `[[stub]]` names a module that is no `.py` file in scope.",
        "There is nothing to replace. Most likely the module is misspelled, or `[scope] roots` are not those that "
        "imports start from.",
        "Correct `module` in the `[[stub]]`. Where the stub was there and is pruned, take the table out, or write "
        '`mode = "delete"`.',
        '[[stub]]\nmodule = "pkg.olt"      # meant: "pkg.old"',
    ),
    Explanation(
        "stub-of-a-home",
        STAGE,
        ERROR,
        "A `[[move]]` leads to a module that is itself to become a stub.",
        "The new home would hold nothing but redirects, and the name that moves there would have no definition.",
        "`keep` the name in that stub, or correct the `[[move]]`.",
    ),
    Explanation(
        "deleted-module-used",
        STAGE,
        ERROR,
        'A stub with `mode = "delete"` removes a module that is still used here.',
        "That use would fail with ModuleNotFoundError.",
        'Rewrite the use, or choose `mode = "redirect"` until nothing uses the module.',
    ),
)
