"""Redirect stubs (DESIGN §5): who uses an old module, where its names live, and the text that takes its place."""
