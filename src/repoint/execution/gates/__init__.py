"""Commands of the user: gates, formatters and hooks, run in a linked worktree."""
