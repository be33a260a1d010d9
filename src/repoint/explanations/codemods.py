"""What is said of files that a `[[codemod]]` looks at."""

from __future__ import annotations

from repoint.explanations.entry import ERROR, INFO, WARNING, Explanation, Stage
from repoint.model import Severity

STAGE = Stage.CODEMODS
_EITHER = (Severity.ERROR, Severity.WARNING)
_LEFT = 'The file is left as the steps before made it. With `on_failure = "refuse"` the plan is refused.'

ENTRIES = (
    Explanation(
        "codemod-warning",
        STAGE,
        WARNING,
        "What a codemod itself has to say of a file, by `self.warn(...)`. A text that begins with `12:` or `12:5:` "
        "tells its line and column.",
        "Only whoever wrote the codemod knows what it means; it may be a place that a person has to change.",
        "Read the place, and change it by hand where that is needed.",
        'self.warn("12:5: Engine() lacks context")',
    ),
    Explanation(
        "codemod-printed",
        STAGE,
        INFO,
        "A codemod wrote to its output while it looked at the file; the beginning of it is shown.",
        "Output of codemods is not shown otherwise, however much it is.",
        "Let the codemod `warn` of what a person should know, and print nothing.",
    ),
    Explanation(
        "codemod-skipped",
        STAGE,
        INFO,
        "A codemod raised `SkipFile`: it says that the file is none of its business.",
        "Nothing of that codemod's changes the file.",
        "Nothing is to be done if that is meant; a `prefilter` spares such files the look.",
    ),
    Explanation(
        "codemod-failed",
        STAGE,
        _EITHER,
        "A codemod raised an exception on the file. The message tells its type and the place in the codemod.",
        _LEFT,
        "Mend the codemod (`repoint.testing` runs it on a text), or name the file in its `exclude`.",
    ),
    Explanation(
        "codemod-exited",
        STAGE,
        _EITHER,
        "A codemod asked for the end: it raised `SystemExit` or `KeyboardInterrupt`.",
        _LEFT,
        "Let it raise `SkipFile` for files that are none of its business, or name the file in its `exclude`.",
    ),
    Explanation(
        "codemod-unreadable",
        STAGE,
        _EITHER,
        "Python can read the file, but the parser that the codemod builds on cannot: fissix under Bowler knows no "
        "`match`, no positional-only parameters and nothing newer; LibCST gives some odd layouts back otherwise.",
        _LEFT,
        "Rewrite the file by hand, name it in `exclude`, or leave Bowler for LibCST (docs/codemods.md).",
        "match command:            # fissix stops here\n    case [verb, noun]: ...",
    ),
    Explanation(
        "codemod-timeout",
        STAGE,
        _EITHER,
        "A codemod did not come to an end with the file within its `timeout`, and its process was killed.",
        _LEFT,
        "Look for a loop that does not end, raise `timeout`, or name the file in its `exclude`.",
    ),
    Explanation(
        "codemod-memory",
        STAGE,
        _EITHER,
        "A codemod asked for more memory than `memory` allows its process.",
        _LEFT,
        "Raise `memory`, or name the file in its `exclude`.",
    ),
    Explanation(
        "codemod-died",
        STAGE,
        _EITHER,
        "The process in which a codemod ran ended while it had the file: by `os._exit`, by a crash of a parser written "
        "in C or Rust, or for an answer that was none or over 64 MiB.",
        _LEFT,
        "Mend the codemod, or name the file in its `exclude`: deeply nested code makes LibCST's parser crash.",
    ),
    Explanation(
        "codemod-given-up",
        STAGE,
        ERROR,
        "A codemod lost its process on ten files (time, memory or a crash), and is not tried on the others.",
        "The plan is refused, as nobody knows what the codemod would make of the rest.",
        "Mend the codemod, or raise its `timeout` or `memory`.",
    ),
    Explanation(
        "codemod-idle",
        STAGE,
        WARNING,
        "No Python file in scope fits the `files` and `exclude` of a codemod, so that it is never asked. Stubs-to-be "
        "are no such files. The place is the first of its `files`. Or it is asked of no file because the steps before "
        "rewrite what its `prefilter` looks for; then the place is the first such file.",
        "A slip in a glob or a `prefilter` would otherwise look like a codemod that has nothing to do.",
        "Correct `files` and `exclude`, or `[scope]`; let `prefilter` name what the moves and patterns bring in.",
    ),
    Explanation(
        "codemod-kept",
        STAGE,
        WARNING,
        "A codemod would change a line that says `# repoint: keep`, so nothing that it makes of the file is taken.",
        "What a codemod changes in a file may hang together, so that one line cannot be left out of it.",
        "Change the rest of the file by hand if it is to change, or take the comment away.",
    ),
    Explanation(
        "codemod-overlap",
        STAGE,
        WARNING,
        "A codemod rewrites text that another step has written: a move, a pattern or a codemod before it.",
        "Which of two steps comes first then decides what the code becomes.",
        "See in the diff that the result is meant, or let one of the two leave such places alone.",
    ),
    Explanation(
        "codemod-loses-name",
        STAGE,
        _EITHER,
        "After a codemod, a module does not have a name at its top level that it had before, and other files mention "
        "both the name and the module; of a name that was only imported, they import it from there.",
        "An import of that name would fail. Where a file surely imports it, the plan is refused; else it is a warning.",
        "See that the files named do not mean it, or let the codemod change them as well.",
    ),
    Explanation(
        "codemod-not-proved",
        STAGE,
        ERROR,
        "What a codemod makes of a file does not parse, reads a name that nothing binds or promises it by `__all__`, "
        "or does not fit the file's encoding.",
        "The plan is refused: no file is committed that cannot run.",
        "Mend the codemod, or name the file in its `exclude`.",
    ),
    Explanation(
        "codemod-not-idempotent",
        STAGE,
        ERROR,
        "Run on the result, a codemod, a pattern or a move would change the file once more.",
        "The plan is refused: each further plan would go on rewriting, and the migration would never end.",
        "Make the codemod leave its own results alone, say `idempotent = false` if it cannot, or name the file in its "
        "`exclude`.",
        "class Wrap(VisitorBasedCodemodCommand):   # f(x) -> g(f(x)) -> g(g(f(x)))",
    ),
)
