"""What was said of columns stays when a new file takes the table's place."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.carried import carry, new_names
from catalog.models import Resource
from catalog.services.publishing.resources import edit_resource
from catalog.table_schema import TableSchema
from tests.fixtures.datasets import SCHEMA, add_table, make_dataset
from tests.fixtures.people import Cast


def schema(*fields: dict[str, Any], **more: Any) -> TableSchema:
    return TableSchema.from_descriptor({"fields": list(fields), **more})


SAID = {
    "name": "mass",
    "type": "number",
    "title": "Mass",
    "description": "Weighed alive.",
    "unit": "g",
    "constraints": {"minimum": 0, "required": True, "unique": True},
    "categories": [{"value": -1, "label": "not weighed"}],
    "limits": "Not below 2 g.",
    "group": True,
}


def test_meaning_unit_rules_and_labels_are_taken_over_by_name() -> None:
    now = schema({"name": "mass", "type": "number"}, {"name": "other", "type": "number"})
    carried = carry(schema(SAID), to=now).to_descriptor()["fields"]
    assert carried == [SAID, {"name": "other", "type": "number"}]


def test_what_the_new_file_says_itself_counts() -> None:
    own = {"name": "mass", "type": "number", "unit": "kg", "description": "Dead.", "constraints": {"maximum": 9}}
    (carried,) = carry(schema(SAID), to=schema(own)).to_descriptor()["fields"]
    assert {name: carried[name] for name in own} == own


def test_rules_on_values_do_not_outlive_the_type() -> None:
    (carried,) = carry(schema(SAID), to=schema({"name": "mass", "type": "string"})).to_descriptor()["fields"]
    assert carried["constraints"] == {"required": True, "unique": True}
    assert "categories" not in carried
    assert carried["description"] == "Weighed alive."


@pytest.mark.parametrize(("key", "expected"), [(["mass"], ("mass",)), (["mass", "gone"], ()), ("mass", ("mass",))])
def test_a_key_stays_where_all_its_columns_are(key: Any, expected: tuple[str, ...]) -> None:
    before = schema({"name": "mass"}, {"name": "gone"}, primaryKey=key)
    assert carry(before, to=schema({"name": "mass"})).primary_key == expected


def test_a_key_of_the_new_file_is_its_own() -> None:
    before = schema({"name": "a"}, {"name": "b"}, primaryKey=["a"])
    assert carry(before, to=schema({"name": "a"}, {"name": "b"}, primaryKey=["b"])).primary_key == ("b",)


@pytest.mark.django_db
def test_a_new_upload_keeps_what_the_owner_said_of_the_draft(cast: Cast) -> None:
    dataset = make_dataset(cast)
    table = add_table(cast.contributor, dataset)
    said = {**SCHEMA, "fields": [{**field, "description": f"Of {field['name']}."} for field in SCHEMA["fields"]]}
    edit_resource(actor=cast.contributor, resource=table, schema={**said, "primaryKey": ["id"]})
    bare = {"fields": [{"name": field["name"], "type": field["type"]} for field in SCHEMA["fields"]]}
    add_table(cast.contributor, dataset, schema=bare)
    again = Resource.objects.get(version__dataset=dataset)
    assert again.pk != table.pk
    assert [field["description"] for field in again.schema["fields"]] == [
        f"Of {field['name']}." for field in SCHEMA["fields"]
    ]
    assert again.schema["primaryKey"] in ("id", ["id"])


# ---------------------------------------------------------------- columns that are called otherwise
def rename(*pairs: list[str]) -> dict[str, Any]:
    return {"step": "rename-columns", "columns": list(pairs)}


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ([], [rename(["mass", "weight"])], {"mass": "weight"}),
        ([rename(["mass", "weight"])], [], {"weight": "mass"}),
        ([rename(["mass", "weight"])], [rename(["mass", "weight"]), rename(["weight", "grams"])], {"weight": "grams"}),
        ([rename(["mass", "weight"])], [rename(["mass", "grams"])], {"weight": "grams"}),
        ([], [rename(["a", "b"], ["b", "a"])], {"a": "b", "b": "a"}),
        ([rename(["a", "b"], ["b", "a"])], [], {"a": "b", "b": "a"}),
        ([rename(["mass", "weight"])], [rename(["mass", "weight"])], {}),
    ],
)
def test_recipes_tell_what_columns_are_called_now(
    before: list[dict[str, Any]], after: list[dict[str, Any]], names: dict[str, str]
) -> None:
    assert new_names(before, after) == names


def test_what_was_said_goes_along_with_the_name() -> None:
    before = schema(SAID, {"name": "id"}, primaryKey=["mass"], uniqueKeys=[["mass", "id"]])
    now = schema({"name": "weight", "type": "number"}, {"name": "id"})
    carried = carry(before, to=now, names={"mass": "weight"})
    assert carried["weight"].to_descriptor() == {**SAID, "name": "weight"}
    assert (carried.primary_key, carried.unique_keys) == (("weight",), (("weight", "id"),))


def test_a_column_whose_name_another_one_takes_says_nothing_of_it() -> None:
    before = schema(SAID, {"name": "id", "unit": "none"})
    carried = carry(before, to=schema({"name": "id", "type": "number"}), names={"mass": "id"})
    assert carried["id"].unit == "g"


def test_of_the_same_file_a_unit_that_was_typed_counts() -> None:
    own = schema({"name": "mass", "type": "number", "unit": "kg"})
    assert carry(schema(SAID), to=own, same_file=True)["mass"].unit == "g"
    assert carry(schema({"name": "mass"}), to=own, same_file=True)["mass"].unit == "kg"
