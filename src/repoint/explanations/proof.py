"""What is said where the order of batches matters, or a change could not be proved."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage

STAGE = Stage.PROOF

ENTRIES = (
    Explanation(
        "not-proved",
        STAGE,
        ERROR,
        "It could not be shown that the changed files mean what they meant: a name would resolve to something else, an "
        "import that worked would fail, an import cycle would appear, a patch would reach nothing, or applying the "
        "migration again would change more. The message says which.",
        "The proof shares no code with the rewriting, so it catches faults of either. An unproved plan is refused.",
        "Do what the finding's own line says. A cycle may be accepted by name under `[proof] cycles`; a file that "
        "causes trouble can be kept out by `[[except]]`. Where the tool is wrong, report it with that file.",
    ),
    Explanation(
        "not-neutral",
        STAGE,
        WARNING,
        "With stubs first, the commit of this file's batch changes what runs: its old path leads to another object "
        "than the new one, and no stub joins them.",
        'With `stubs = "first"`, every batch after the stubs is meant to change no behaviour. This one does.',
        "Make its old module a `[[stub]]`, or let a gate look at this batch.",
    ),
    Explanation(
        "identity-over-batches",
        STAGE,
        INFO,
        "The file tests the identity of a symbol (`isinstance`, `except`, a base class), and other users of the symbol "
        "move in another batch.",
        "Between the two commits some objects are of the old class and some of the new one, and the test may fail.",
        'Run the tests after each batch (`[gates] each`), or set `stubs = "first"` under `[batches]`.',
        "isinstance(engine, ExecutionEngine)   # made in a batch that comes later",
    ),
    Explanation(
        "owners-unclear",
        STAGE,
        WARNING,
        "A line of the CODEOWNERS file cannot be read, so that it does not count.",
        'With `by = "owner"` under `[batches]`, its files go by an earlier line, or to nobody\'s batch.',
        "Correct the line.",
    ),
)
