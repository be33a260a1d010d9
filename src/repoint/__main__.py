"""`python -m repoint`: takes the command line, gives the exit code of the command."""

import gc
import sys

from repoint.cli import main


def run() -> int:
    """What the installed command runs."""
    gc.set_threshold(100_000)  # what a start makes stays: modules, classes, patterns
    code = main()
    gc.freeze()  # what is left goes with the process: the collector need not look at it once more
    return code


if __name__ == "__main__":
    sys.exit(run())
