"""Audits: what a migration governs and the files of a commit in, what is counted and every place of it out."""
