"""git itself: where things are, objects and refs, and what keeps two writers apart."""
