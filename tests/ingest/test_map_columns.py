"""A file's columns brought to a standard schema: by name, by what the organization calls them, by content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import ColumnAlias, Dataset, Resource
from catalog.services.cataloguing.schemas import create_schema
from catalog.table_schema import Constraints, Field, TableSchema
from ingest.models import Upload, UploadState
from ingest.services.processing import process
from ingest.services.recipes import add_steps
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import push
from tests.ingest.result import Result

FIELDS = (
    Field("station", "string", constraints=Constraints(pattern="[A-Z]{3}[0-9]{2}")),
    Field("sky", "string", constraints=Constraints(enum=("clear", "cloudy"))),
    Field("temperature", "number", title="Air temperature", aliases=("Tmax",)),
    Field("wind", "number"),
)
SCHEMA = TableSchema(FIELDS)


def weather(*headers: str) -> str:
    rows = "".join(f"ABC{n % 90 + 10},{('clear', 'cloudy')[n % 2]},{n}.5,{n}.25,x{n}\n" for n in range(60))
    return ",".join([*headers, "remark"]) + "\n" + rows


def renamings(result: Result) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in result.resource.suggestions:
        found |= dict(item["columns"]) if item["step"] == "rename-columns" else {}
    return found


@pytest.mark.parametrize(
    ("headers", "proposed"),
    [
        (("station", "sky", "temperature", "wind"), {}),
        (("Station", "SKY", "Air temperature", "Wind"), {}),
        (("station", "sky", "TMAX", "wind"), {}),
        (("code", "look", "temperature", "wind"), {"code": "station", "look": "sky"}),
        (("station", "sky", "temperatur", "winds"), {"temperatur": "temperature", "winds": "wind"}),
        (("station", "sky", "a", "b"), {}),
    ],
)
def test_names_aliases_and_content_find_a_column(
    ingest: Callable[..., Result], headers: tuple[str, ...], proposed: dict[str, str]
) -> None:
    result = ingest(weather(*headers), schema=SCHEMA)
    assert renamings(result) == proposed
    assert all(field.aliases == () for field in result.resource.schema.fields)
    if proposed:
        steps = [item for item in result.resource.suggestions if item["step"] == "rename-columns"]
        again = ingest(weather(*headers), schema=SCHEMA, recipes={"": steps})
        assert set(again.types) == {"station", "sky", "temperature", "wind", "remark"}
        assert again.table()["station"].null_count == 0


@pytest.mark.django_db(transaction=True)
def test_what_an_owner_said_once_the_organization_s_next_file_knows(cast: Cast) -> None:
    schema = create_schema(
        actor=cast.owner,
        organization=cast.organization,
        name="weather",
        title="Weather",
        version="1.0.0",
        descriptor={"fields": [field.to_descriptor() for field in FIELDS]},
    )
    first, second = make_dataset(cast, slug="first"), make_dataset(cast, slug="second")
    Dataset.objects.update(conforms_to=schema)
    first.refresh_from_db()
    push(cast.contributor, first, weather("station", "sky", "temperature", "Fahrtwind"), "w.csv")
    table = Resource.objects.get(version__dataset=first)
    assert [field["name"] for field in table.schema["fields"]][-2:] == ["fahrtwind", "remark"]
    step = {"step": "rename-columns", "columns": [["fahrtwind", "wind"]]}
    upload = add_steps(actor=cast.contributor, resource=table, steps=[step])
    process(upload_id=upload.pk)
    assert Upload.objects.get(pk=upload.pk).state == UploadState.STORED
    assert names_of(first) == ["station", "sky", "temperature", "wind", "remark"]
    assert ColumnAlias.objects.values_list("alias", "field").get() == ("Fahrtwind", "wind")
    second.refresh_from_db()
    push(cast.contributor, second, weather("station", "sky", "temperature", "Fahrtwind"), "w.csv")
    assert names_of(second) == ["station", "sky", "temperature", "wind", "remark"]
    found: Any = Resource.objects.get(version__dataset=second).findings
    assert "column-absent" not in [group["code"] for group in found]


def names_of(dataset: Dataset) -> list[str]:
    return [field["name"] for field in Resource.objects.get(version__dataset=dataset).schema["fields"]]
