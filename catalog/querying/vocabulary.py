"""What SQL may call here: few functions that make tables, and all that compute, but for those that look around."""

from __future__ import annotations

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "generate_subscripts", "unnest", "json_each", "json_tree"})
"""All that may stand in FROM beside tables; whatever reads files, settings or the engine's catalogue does not."""

REFUSED = frozenset(
    {
        *("current_setting", "getenv", "getvariable", "getvar", "nextval", "currval", "query", "query_table", "stats"),
        *("current_catalog", "current_database", "current_schema", "current_schemas", "current_query"),
        *("current_query_id", "current_connection_id", "current_transaction_id", "in_search_path", "txid_current"),
        *("current_role", "current_user", "session_user", "user", "get_block_size", "setseed"),
        *("histogram_values", "json_execute_serialized_sql", "json_serialize_sql", "json_serialize_plan"),
        *("json_deserialize_sql", "parse_duckdb_log_message", "glob", "seq_scan", "summary", "which_secret"),
    }
)
REFUSED_BEGINNINGS = (
    *(
        "duckdb_",
        "read_",
        "write_",
        "parquet_",
        "arrow_",
        "pandas_",
        "pragma_",
        "sniff_",
        "test_",
        "enable_",
        "disable_",
    ),
    *("has_", "inet_", "sleep", "icu_", "checkpoint", "force_", "truncate_", "python_", "col_", "obj_", "shobj_"),
)
ALLOWED_PG = frozenset({"pg_typeof", "pg_size_pretty"})

UNSTABLE = frozenset(
    {
        *("random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "now", "today", "ago", "transaction_timestamp"),
        *("get_current_time", "get_current_timestamp", "current_date", "current_time", "current_timestamp"),
        *("current_localtime", "current_localtimestamp", "localtime", "localtimestamp", "age"),
    }
)
"""What gives another answer tomorrow. A question with one of these has no permanent address."""

TABLE_REFERENCES = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "PIVOT", "SHOW_REF"}
)


def is_refused(function: str) -> bool:
    """Whether a function of this name may not be called in an expression."""
    name = function.lower()
    if name.startswith("pg_"):
        return name not in ALLOWED_PG
    return name in REFUSED or name.startswith(REFUSED_BEGINNINGS)
