"""What was said of columns stays when a new file takes the table's place."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.carried import carry
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
