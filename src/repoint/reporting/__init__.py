"""Takes a plan, gives what people and programs read: the summary as text and JSON, and the unified diff."""
