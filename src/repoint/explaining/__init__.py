"""`why`: a place in the repository in; which rule changes or leaves it, and on what evidence, out."""
