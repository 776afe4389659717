"""The difference between two versions of a table: columns, rows, cells, drift, quality and words.

Rows and cells are compared by DuckDB, out of core, over the Parquet parts; the rest is read off what the two versions
have stored already (schemas, profiles, reports, manifests).
"""
