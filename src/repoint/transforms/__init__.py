"""What is to change in a file: facts and the world they stand in go in, edits and findings come out. No I/O."""
