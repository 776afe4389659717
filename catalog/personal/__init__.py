"""What may be said of persons in a table: the words that the scan of `quality` is stored in, and how they are read."""
