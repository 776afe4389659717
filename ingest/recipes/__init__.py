"""What is done to a table on the way in: as words, as edits, taken to the next file, proposed."""
