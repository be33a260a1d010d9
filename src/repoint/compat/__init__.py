"""What a move changes for those who use the symbol, where its old and its new home define two different objects."""
