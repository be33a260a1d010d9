"""What is said of places that a `[[pattern]]` rewrites."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage

STAGE = Stage.PATTERNS

ENTRIES = (
    Explanation(
        "pattern-blind",
        STAGE,
        INFO,
        "A pattern with a `fix` rewrites code by its form alone; told once for each pattern, at its first place.",
        "Nobody looks at what the names there are bound to: another `Engine()` is rewritten just the same.",
        "Read the hunks of this pattern; narrow it by `files`, `exclude` or a rule where one of them is wrong.",
    ),
    Explanation(
        "pattern-overtaken",
        STAGE,
        WARNING,
        "A pattern matches code that another pattern has rewritten, so that this match is not rewritten itself.",
        "Which of two patterns comes first then decides what the code becomes.",
        "Let the two patterns exclude each other, or see that the result is meant.",
    ),
    Explanation(
        "pattern-not-proved",
        STAGE,
        ERROR,
        "What patterns make of a file does not parse, or a worker process died of it.",
        "The plan is refused: no file is committed that Python cannot read.",
        "Correct the `fix` of the pattern, or name the file in its `exclude`.",
    ),
    Explanation(
        "pattern-not-idempotent",
        STAGE,
        ERROR,
        "The patterns, or the moves, would change the result of the patterns once more.",
        "The plan is refused: each further plan would go on rewriting, and the migration would never end.",
        "Make the patterns match nothing that they write, or name the file in `exclude`.",
        'rule = {pattern = "f($A)"}\nfix = "f(g($A))"      # matches what it wrote',
    ),
)
