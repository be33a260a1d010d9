"""Structural rules, `[[pattern]]`: rules and a file's bytes in, hits and rewrites out. Nothing here reads a file."""
