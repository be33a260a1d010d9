"""What a Python file says: bytes in, frozen facts out. Nothing here reads a file or knows what will be rewritten."""
