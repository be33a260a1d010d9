"""The working tree of the user: what must not be overwritten there, and how its files follow a branch."""
