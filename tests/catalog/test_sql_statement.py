"""What a query may be, by the tree that DuckDB's parser makes of it: what is refused, what is named, what holds."""

from __future__ import annotations

import duckdb
import pytest

from catalog.querying.statement import StatementRefused, read_statement, write_statement
from catalog.querying.vocabulary import REFUSED, REFUSED_BEGINNINGS, TABLE_FUNCTIONS, UNSTABLE, is_refused


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


ESCAPES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM glob('/**')",
    "SELECT * FROM read_parquet('../../preview/*.parquet')",
    "SELECT * FROM parquet_metadata('in/0-0.parquet')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('birds')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/commonfield-escaped'",
    "EXPORT DATABASE '/tmp/commonfield-escaped'",
    "ATTACH '/tmp/commonfield-escaped.db' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CREATE TABLE t AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE SECRET (TYPE s3)",
    "INSERT INTO birds VALUES (1)",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "EXPLAIN ANALYZE SELECT 1",
    "CHECKPOINT",
    "USE memory",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '/tmp/commonfield-escaped'",
    "SELECT getenv('PATH')",
    "SELECT current_setting('temp_directory')",
    "SELECT main.current_setting('allowed_directories')",
    "SELECT list_transform([1], x -> current_setting('temp_directory'))",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    "WITH x AS (FROM read_text('/etc/passwd')) SELECT 1",
    "SELECT getvariable('x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT pg_get_viewdef(1)",
    "SELECT * FROM memory.main.birds",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SELECT write_log('x')",
    "SELECT sleep_ms(100000)",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM python_map_function()",
    "SELECT * FROM test_all_types()",
    "SELECT * FROM birds AT (VERSION => 1)",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_what_looks_beyond_tables_is_refused_as_that(engine, sql):
    with pytest.raises(StatementRefused) as refused:
        read_statement(sql, by=engine)
    assert refused.value.is_escape
    assert refused.value.sentence


@pytest.mark.parametrize("sql", ["SELECT '\0'", "SELECT '\ud800'", "SELEC", "", "SELECT 1" + " " * 100_000])
def test_what_is_no_query_is_a_slip(engine, sql):
    with pytest.raises(StatementRefused) as refused:
        read_statement(sql, by=engine)
    assert not refused.value.is_escape


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("FROM a", ("a",)),
        ('SELECT * FROM "o/d@1.0.0/t" x JOIN b USING (id)', ("o/d@1.0.0/t", "b")),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", ("a",)),
        ("WITH a AS (FROM b), c AS (FROM a) FROM c, a", ("b",)),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r", ()),
        ("SELECT (WITH x AS (FROM y) SELECT max(i) FROM x) FROM z WHERE i IN (FROM x)", ("y", "z", "x")),
        ("DESCRIBE a", ("a",)),
        ("SUMMARIZE a", ("a",)),
        ("FROM a PIVOT (sum(x) FOR y IN (1, 2))", ("a",)),
        ("SELECT * FROM range(3) r, LATERAL (SELECT r.range + 1)", ()),
        ("SELECT * FROM 'x.parquet'", ("x.parquet",)),
        ("VALUES (1)", ()),
    ],
)
def test_its_tables_are_named_and_steps_of_its_own_are_not(engine, sql, tables):
    assert set(read_statement(sql, by=engine).tables) == set(tables)


def test_what_runs_is_written_from_what_was_looked_at(engine):
    found = read_statement("with a as (from a where a.i > 1) select a.i from a join b on a.i=b.i", by=engine)
    text = write_statement(found, full={"a": "o/d@1.0.0/a", "b": 'b"b'}, by=engine)
    engine.execute('CREATE OR REPLACE VIEW "o/d@1.0.0/a" AS FROM range(5) r(i)')
    engine.execute('CREATE OR REPLACE VIEW "b""b" AS FROM range(4) r(i)')
    assert engine.execute(text).fetchall() == [(2,), (3,)]
    again = read_statement(text, by=engine)
    assert write_statement(again, full={name: name for name in again.tables}, by=engine) == text


@pytest.mark.parametrize(
    ("sql", "is_stable"),
    [
        ("SELECT 1", True),
        ("SELECT md5('x')", True),
        ("SELECT random()", False),
        ("SELECT now()", False),
        ("SELECT current_timestamp", False),
        ("SELECT CURRENT_DATE", False),
        ("SELECT uuid()", False),
        ("FROM a TABLESAMPLE 5 ROWS", False),
        ("FROM a TABLESAMPLE reservoir(5 ROWS) REPEATABLE (42)", True),
        ("SELECT (SELECT random() FROM a)", False),
    ],
)
def test_whether_it_answers_the_same_tomorrow(engine, sql, is_stable):
    assert read_statement(sql, by=engine).is_stable is is_stable


def test_every_function_of_the_engine_is_looked_at(engine):
    """A new DuckDB may bring functions that look around, or that change: this is where they are seen."""
    rows = engine.execute("SELECT DISTINCT function_name, function_type, stability FROM duckdb_functions()").fetchall()
    scalars = {(name, stability) for name, kind, stability in rows if kind in {"scalar", "macro", "aggregate"}}
    allowed = {name for name, _ in scalars if not is_refused(name)}
    suspects = (
        "env",
        "setting",
        "secret",
        "file_",
        "read",
        "write",
        "catalog",
        "privilege",
        "execute",
        "sleep",
        "exec",
    )
    assert {name for name in allowed if any(word in name for word in suspects)} == set()
    moving = {name for name, stability in scalars if stability in {"VOLATILE", "CONSISTENT_WITHIN_QUERY"}}
    assert (moving & allowed) - UNSTABLE == {"error"}
    readers = {name for name, kind, _ in rows if kind in {"table", "table_macro", "pragma"}}
    assert {"range", "unnest", "json_each"} <= TABLE_FUNCTIONS
    assert not {name for name in readers & TABLE_FUNCTIONS if name.startswith(REFUSED_BEGINNINGS) or name in REFUSED}
