"""What `inject_dependencies` is made of: scopes, evidence, values in reach, calls and their layout."""
