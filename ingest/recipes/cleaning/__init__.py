"""Cleaning that an owner chose: steps taken in order to the text of a table before it is typed.

None of it happens by itself. Each step counts what it changed and keeps examples, and what it takes out of the
table (a row, a column's content) goes on record. The words are in ``ingest.recipes.vocabulary``; each module here
does some.
"""

from ingest.recipes.cleaning import cells, columns, rows

__all__ = ["cells", "columns", "rows"]
