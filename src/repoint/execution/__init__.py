"""Takes a `Plan` and a repository, gives commits on a branch; the only stage that writes to a repository."""
