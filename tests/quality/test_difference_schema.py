"""Schemas, names, reports and words of two versions: what changed, and whether it breaks anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from catalog.numbering import TableState, propose
from catalog.table_schema import TableSchema
from quality.difference.columns import compare_schemas
from quality.difference.difference import TableDifference, difference
from quality.difference.renames import declared_renames
from quality.difference.side import Side
from quality.difference.verdicts import compare_outcomes
from quality.difference.words import compare_words
from quality.profiling.profile import profile
from tests.quality.test_difference_rows import side


def schema(*fields: dict[str, Any], **more: Any) -> TableSchema:
    return TableSchema.from_descriptor({"fields": list(fields), **more})


def changes(before: TableSchema, after: TableSchema) -> list[tuple[str, str, str]]:
    """The kind, the column and the constraint of every change."""
    found = compare_schemas(before, after, renames=declared_renames(before, after))
    return [(item.change, item.column, item.constraint) for item in found]


CONSTRAINTS = [
    ({}, {"required": True}, "tightened", "required"),
    ({"required": True}, {}, "loosened", "required"),
    ({"minimum": 0}, {"minimum": 5}, "tightened", "minimum"),
    ({"minimum": 5}, {"minimum": 0}, "loosened", "minimum"),
    ({"maximum": 5}, {"maximum": 9}, "loosened", "maximum"),
    ({"maximum": "2024-01-01"}, {"maximum": "2023-01-01"}, "tightened", "maximum"),
    ({"maximum": "2024-01-01"}, {"maximum": 3}, "constrained", "maximum"),
    ({"minLength": 2}, {"minLength": 3}, "tightened", "minLength"),
    ({"maxLength": 3}, {"maxLength": 2}, "tightened", "maxLength"),
    ({"pattern": "a+"}, {"pattern": "b+"}, "constrained", "pattern"),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "tightened", "enum"),
    ({"enum": ["a"]}, {"enum": ["b", "a"]}, "loosened", "enum"),
    ({"enum": ["a", "b"]}, {"enum": ["a", "c"]}, "constrained", "enum"),
    ({"unique": True}, {}, "loosened", "unique"),
]


@pytest.mark.parametrize(("old", "new", "change", "name"), CONSTRAINTS)
def test_a_constraint_is_stricter_or_less_strict_or_another(
    old: dict[str, Any], new: dict[str, Any], change: str, name: str
) -> None:
    before = schema({"name": "x", "constraints": old})
    after = schema({"name": "x", "constraints": new})
    assert changes(before, after) == [(change, "x", name)]


def test_every_kind_of_change_of_a_schema_the_breaking_ones_first() -> None:
    before = schema(
        {"name": "gone", "type": "string"},
        {"name": "t", "type": "integer", "arrow": "int32", "title": "T", "unit": "m", "description": "Long."},
        {"name": "w", "type": "integer", "arrow": "int32"},
        {"name": "same"},
        primaryKey="t",
    )
    after = schema(
        {"name": "same", "semantic": "email", "format": "uuid"},
        {"name": "t", "type": "number", "title": "U", "unit": "ft", "description": "Longer."},
        {"name": "w", "type": "integer", "arrow": "int64"},
        {"name": "fresh", "type": "date"},
    )
    found = changes(before, after)
    assert {item[:2] for item in found[:3]} == {("removed", "gone"), ("retyped", "t"), ("key", "")}
    assert {item[:2] for item in found[3:]} == {
        ("added", "fresh"),
        ("title", "t"),
        ("description", "t"),
        ("unit", "t"),
        ("format", "same"),
        ("meaning", "same"),
        ("stored", "w"),
        ("moved", ""),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (schema({"name": "a"}), schema({"name": "a"}, {"name": "b"})),
        (schema({"name": "a"}, {"name": "b"}), schema({"name": "a"})),
        (schema({"name": "a", "type": "integer"}), schema({"name": "a", "type": "string"})),
        (schema({"name": "a"}), schema({"name": "a"}, primaryKey="a")),
        (schema({"name": "a", "description": "x"}), schema({"name": "a", "description": "y"})),
        (schema({"name": "a"}), schema({"name": "a", "constraints": {"required": True}})),
        (schema({"name": "a", "sourceName": "A"}), schema({"name": "b", "sourceName": "A"})),
    ],
)
def test_what_breaks_here_makes_the_number_major(old: TableSchema, new: TableSchema) -> None:
    found = compare_schemas(old, new, renames=declared_renames(old, new))
    states = [{"t": TableState(item.to_descriptor(), ["x"])} for item in (old, new)]
    assert any(change.is_breaking for change in found) == (propose("1.0.0", *states).change == "major")


@pytest.mark.parametrize(
    ("old", "new", "evidence"),
    [
        ({"name": "Temp", "sourceName": "Temp"}, {"name": "temp_c", "sourceName": "Temp"}, "source"),
        ({"name": "Temp"}, {"name": "temp_c", "sourceName": "Temp"}, "source"),
        ({"name": "temp"}, {"name": "temp_c", "aliases": ["temp"]}, "alias"),
    ],
)
def test_a_renaming_that_the_schemas_say_is_no_guess(old: dict[str, Any], new: dict[str, Any], evidence: str) -> None:
    before, after = schema(old, {"name": "x"}), schema({"name": "x"}, new)
    (rename,) = declared_renames(before, after)
    assert (rename.before, rename.after, rename.evidence, rename.is_guess) == (
        old["name"],
        new["name"],
        evidence,
        False,
    )


def test_a_header_that_would_fit_two_columns_fits_none() -> None:
    before = schema({"name": "a", "sourceName": "X"}, {"name": "b", "sourceName": "X"})
    assert declared_renames(before, schema({"name": "c", "sourceName": "X"})) == []


def compare(folder: Path, before: pa.Table, after: pa.Table, *, key: tuple[str, ...] = ()) -> TableDifference:
    """The difference of two tables that have been profiled."""
    sides = []
    for name, table in (("old", before), ("new", after)):
        made = side(folder / name, table, key=[column for column in key if column in table.column_names])
        paths = [part.path for part in made.parts]
        known = profile(parquet=paths, schema=made.schema, workdir=folder).to_json()
        sides.append(Side(made.parts, made.schema, known))
    return difference(before=sides[0], after=sides[1], workdir=folder)


NUMBERS = list(range(50))
LABELS = [f"n{number % 7}" for number in NUMBERS]


def test_a_renamed_column_is_found_by_its_values_and_is_compared_by_cell(tmp_path: Path) -> None:
    changed = [*LABELS[:-1], "other"]
    before = pa.table({"id": NUMBERS, "label": LABELS, "twin": ["x"] * 50})
    after = pa.table({"id": NUMBERS[::-1], "name": changed[::-1], "twin_b": ["x"] * 50})
    found = compare(tmp_path, before, after, key=("id",))
    (rename,) = [change for change in found.columns if change.change == "renamed"]
    assert (rename.before, rename.after, rename.guess, rename.evidence) == ("label", "name", True, "rows")
    assert rename.share == pytest.approx(49 / 50)
    assert found.cells is not None
    (column,) = found.cells.columns
    assert (column.before_name, column.name, column.changed) == ("label", "name", 1)
    # Two columns of one single value say nothing of each other.
    assert {("removed", "twin"), ("added", "twin_b")} <= {(item.change, item.column) for item in found.columns}


def test_without_a_key_a_renamed_column_is_found_by_its_profile(tmp_path: Path) -> None:
    before = pa.table({"a": NUMBERS, "label": LABELS})
    after = pa.table({"a": [n + 1 for n in NUMBERS], "name": LABELS[::-1]})
    (rename,) = [change for change in compare(tmp_path, before, after).columns if change.change == "renamed"]
    assert (rename.before, rename.after, rename.evidence) == ("label", "name", "profile")


def test_two_columns_that_fit_as_well_are_not_guessed(tmp_path: Path) -> None:
    before = pa.table({"id": NUMBERS, "label": LABELS})
    after = pa.table({"id": NUMBERS, "one": LABELS, "two": LABELS})
    found = compare(tmp_path, before, after, key=("id",))
    assert {item.change for item in found.columns} == {"removed", "added"}


def test_a_renamed_key_still_tells_the_rows(tmp_path: Path) -> None:
    before = schema({"name": "id", "sourceName": "ID"}, {"name": "x"}, primaryKey="id")
    after = schema({"name": "key", "sourceName": "ID"}, {"name": "x"}, primaryKey="key")
    old = side(tmp_path / "o", pa.table({"id": [1, 2], "x": [1, 2]}))
    new = side(tmp_path / "n", pa.table({"key": [2, 3], "x": [5, 3]}), key=())
    found = difference(before=Side(old.parts, before), after=Side(new.parts, after), workdir=tmp_path)
    assert found.rows.key == ("key",)
    assert (found.rows.added, found.rows.removed, found.rows.changed) == (1, 1, 1)
    assert [item.change for item in found.columns] == ["renamed"]


def outcome(name: str, status: str, failing: int | None = None) -> dict[str, Any]:
    return {"rule": {"id": name, "type": "unique", "column": name}, "status": status, "failing_count": failing}


def test_rules_that_fail_now_come_first() -> None:
    before = [
        outcome("a", "passed"),
        outcome("b", "failed", 5),
        outcome("c", "failed", 5),
        outcome("d", "failed", 5),
        outcome("e", "passed"),
        outcome("f", "passed"),
        outcome("same", "failed", 3),
    ]
    after = [
        outcome("a", "failed", 2),
        outcome("b", "passed"),
        outcome("c", "failed", 9),
        outcome("d", "failed", 1),
        outcome("e", "errored"),
        outcome("g", "passed"),
        outcome("same", "failed", 3),
    ]
    found = compare_outcomes(before, after)
    assert [(item.change, item.rule["id"]) for item in found] == [
        ("failing", "a"),
        ("unchecked", "e"),
        ("worse", "c"),
        ("added", "g"),
        ("passing", "b"),
        ("better", "d"),
        ("gone", "f"),
    ]
    assert found[2].to_json()["before"]["failing_count"] == 5
    assert found[2].to_json()["after"]["failing_count"] == 9


def test_words_are_compared_word_by_word_and_sign_by_sign() -> None:
    before = {"title": "Birds of 上海", "keywords": ["a"], "license": "CC-BY-4.0", "attribution": "", "note": "One"}
    after = {
        "title": "Birds of 上京",
        "keywords": ["a", "b"],
        "license": "CC-BY-4.0",
        "attribution": None,
        "note": "Two",
    }
    found = {change.name: change for change in compare_words(before, after)}
    assert list(found) == ["title", "keywords", "note"]
    assert found["title"].pieces == (("same", "Birds of 上"), ("removed", "海"), ("added", "京"))
    assert (found["keywords"].before, found["keywords"].after, found["keywords"].pieces) == (["a"], ["a", "b"], ())


@pytest.mark.parametrize("size", [100, 5_000])
def test_pieces_put_together_are_both_texts(size: int) -> None:
    before = " ".join(f"word{number % 40}" for number in range(size))
    after = " ".join(f"word{number % 41}" for number in range(size))
    (change,) = compare_words({"description": before}, {"description": after})
    assert "".join(text for kind, text in change.pieces if kind != "added") == before
    assert "".join(text for kind, text in change.pieces if kind != "removed") == after
