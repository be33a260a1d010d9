"""`python -m repoint`: takes the command line, gives the exit code of the command."""

import sys

from repoint.cli import main

if __name__ == "__main__":
    sys.exit(main())
