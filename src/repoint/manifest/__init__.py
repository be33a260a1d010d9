"""A migration's manifest: TOML bytes in, a `Migration` out. Nothing here reads a file."""

from repoint.manifest.decode import Migration, decode
from repoint.manifest.moves import MoveTable

__all__ = ["Migration", "MoveTable", "decode"]
