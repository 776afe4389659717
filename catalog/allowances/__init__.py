"""How much somebody may have in a time: requests, queries, bytes. Counted in the broker, which all processes share."""
