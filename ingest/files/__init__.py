"""What a file is: its format by its first bytes, and what is packed in it."""
