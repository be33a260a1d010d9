"""One canonical path per symbol: move a Python codebase off deprecated import paths."""

__version__ = "0.1.0"
