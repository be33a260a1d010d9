"""Reads a repository at one commit: which files it tracks, which of them hold given words, and their bytes."""
