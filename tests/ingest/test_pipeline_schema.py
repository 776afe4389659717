"""A dataset's schema in place of inference: strict types, missing and extra columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.findings import sentence
from catalog.table_schema import Constraints, Field, TableSchema
from tests.ingest.result import Result

Ingest = Callable[..., Result]


def schema(*fields: Field, **options: Any) -> TableSchema:
    return TableSchema(fields, **options)


def test_types_are_the_schemas_and_faults_are_on_record(ingest: Ingest) -> None:
    text = "Code,Amount,Day\n007,12,2024-01-31\n008,many,31.01.2024\n009,1.5,x\n"
    result = ingest(text, schema=schema(Field("day", "date"), Field("code", "string"), Field("amount", "integer")))
    assert result.types == {"day": "date32[day]", "code": "string", "amount": "int64"}
    assert result.rows == [
        {"day": dt.date(2024, 1, 31), "code": "007", "amount": 12},
        {"day": dt.date(2024, 1, 31), "code": "008", "amount": None},
        {"day": None, "code": "009", "amount": None},
    ]
    assert {(row["column"], row["row"], row["value"]) for row in result.findings("cell-not-of-type")} == {
        ("amount", 3, "many"),
        ("amount", 4, "1.5"),
        ("day", 4, "x"),
    }


@pytest.mark.parametrize("header", ["Bevölkerung", "bevolkerung", "BEVÖLKERUNG", "Residents"])
def test_columns_are_found_by_any_of_their_names(ingest: Ingest, header: str) -> None:
    field = Field("population", "integer", title="Residents", source_name="Bevölkerung")
    result = ingest(f"x,{header}\na,1\nb,2\n", schema=schema(field))
    assert result.types == {"population": "int64", "x": "string"}
    assert result.codes == {"column-not-in-schema": 1}


def test_a_missing_required_column_rejects(ingest: Ingest) -> None:
    required = Field("b", "integer", constraints=Constraints(required=True))
    result = ingest("a\n1\n", schema=schema(Field("a", "integer"), required))
    assert result.reason == "schema-not-met"
    assert sentence(result.outcome.findings.groups[0]) == (
        "The dataset's schema asks for b, which the file does not have."
    )
    keyed = schema(Field("a", "integer"), Field("k", "string"), primary_key=("k",))
    assert ingest("a\n1\n", schema=keyed).reason == "schema-not-met"


def test_a_missing_optional_column_is_empty(ingest: Ingest) -> None:
    result = ingest("a\n1\n", schema=schema(Field("a", "integer"), Field("b", "date")))
    assert result.rows == [{"a": 1, "b": None}]
    assert result.types["b"] == "date32[day]"
    assert result.codes == {"column-absent": 1}


def test_extra_columns_keep_the_types_of_their_values(ingest: Ingest) -> None:
    result = ingest("a,more\n1,1.5\n2,2\n", schema=schema(Field("a", "string")))
    assert result.rows == [{"a": "1", "more": 1.5}, {"a": "2", "more": 2.0}]


def test_the_schemas_own_missing_values_and_formats(ingest: Ingest) -> None:
    text = "n,d,s\n-99,01/02/2024,x\n5,03/04/2024,nil\n"
    fields = (
        Field("n", "integer", missing_values=("-99",)),
        Field("d", "date", format="%m/%d/%Y"),
        Field("s", "string", missing_values=("nil",)),
    )
    assert ingest(text, schema=schema(*fields)).rows == [
        {"n": None, "d": dt.date(2024, 1, 2), "s": "x"},
        {"n": 5, "d": dt.date(2024, 3, 4), "s": None},
    ]


def test_dates_of_open_order_stay_text_even_if_declared(ingest: Ingest) -> None:
    result = ingest("d\n01/02/2024\n03/04/2024\n", schema=schema(Field("d", "date")))
    assert result.types == {"d": "string"}
    assert result.codes == {"date-order-doubtful": 1}


def test_a_table_conforms_to_its_own_schema(ingest: Ingest) -> None:
    text = 'id,when,share\n1,2024-01-31T10:00:00+01:00,"1.234,5"\n2,2024-02-01T10:00:00Z,"7,25"\n'
    first = ingest(text)
    again = ingest(text, schema=first.resource.schema)
    assert again.types == first.types == {"id": "int64", "when": "timestamp[us, tz=UTC]", "share": "double"}
    assert again.rows == first.rows
    assert again.resource.schema == first.resource.schema


def test_the_schemas_meaning_is_kept(ingest: Ingest) -> None:
    field = Field("a", "number", title="A", description="All of it", unit="kg", constraints=Constraints(minimum=0))
    result = ingest("a\n1\n2\n", schema=schema(field, primary_key=("a",)))
    kept = result.resource.schema["a"]
    assert (kept.title, kept.description, kept.unit, kept.constraints.minimum) == ("A", "All of it", "kg", 0)
    assert (kept.arrow, kept.source_name) == ("double", "a")
    assert result.resource.schema.primary_key == ("a",)


def test_typed_columns_are_cast_to_the_schema(ingest: Ingest, tmp_path: Any) -> None:
    path = tmp_path / "typed.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": ["5", "x"], "c": [1.5, 2.0]}), path)
    fields = (Field("a", "string"), Field("b", "integer"), Field("c", "number"))
    result = ingest(path, schema=schema(*fields))
    assert result.rows == [{"a": "1", "b": 5, "c": 1.5}, {"a": "2", "b": None, "c": 2.0}]
    assert result.codes == {"cell-not-of-type": 1}
