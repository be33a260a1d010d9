"""What `repoint verify` says of a migration after the fact."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, WARNING, Explanation, Stage

STAGE = Stage.VERIFY

ENTRIES = (
    Explanation(
        "left-to-move",
        STAGE,
        ERROR,
        "Planning on what is there now would still change this place.",
        "The migration is not complete: the place was skipped, or came in after the plan was made.",
        "Plan and apply once more.",
    ),
    Explanation(
        "stub-differs",
        STAGE,
        WARNING,
        "The module is a redirect, but not the one that `plan` would write now.",
        "It may lack a name, or hold code that somebody added since.",
        "See whether that is meant; plan and apply writes it anew.",
    ),
    Explanation(
        "no-redirect",
        STAGE,
        ERROR,
        "A module that the manifest declares as a stub still is an implementation.",
        "Old and new code live side by side, and can drift apart.",
        "Plan and apply its stub.",
    ),
    Explanation(
        "broken-redirect",
        STAGE,
        ERROR,
        "At run time a stub gives another object than its home, lacks a name, or cannot be imported though its homes "
        "can.",
        "Users of the old path get something else than users of the new one, or fail.",
        "Let the stub take the name from its home; correct the imports that fail.",
        "assert pkg.old.Engine is pkg.new.UserEngine      # does not hold",
    ),
    Explanation(
        "cannot-import",
        STAGE,
        WARNING,
        "A stub or its home cannot be imported here, for a reason that is not the stub's: a package is not installed.",
        "Nothing is known of this redirect at run time.",
        "Run `verify --runtime --python` with an interpreter in which the code can be imported.",
    ),
)
