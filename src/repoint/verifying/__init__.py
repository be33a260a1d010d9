"""Takes a migration and two states of a repository, gives what can be shown of it after the fact."""
