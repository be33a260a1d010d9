"""The branch as a journal: what its commits say of batches, and what of a plan stands there."""
