"""The search for personal data: every column of a table, its values, its texts, and how rows single people out."""
