"""A table against its rules: Great Expectations gives the verdict, DuckDB every row that fails."""
