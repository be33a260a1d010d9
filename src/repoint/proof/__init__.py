"""The proof of a plan: changed files before and after in, faults out; it shares no code with what made the changes."""
