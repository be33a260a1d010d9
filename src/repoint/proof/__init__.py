"""The proof of a plan (DESIGN §6): both trees in, what could not be shown out; no code shared with what made it."""
