"""Edits in, an ordered and verified plan out; and the plan file's form. No I/O."""
