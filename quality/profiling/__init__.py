"""What a table holds: each column in numbers, how its texts are built, what is missing where, what goes together."""
