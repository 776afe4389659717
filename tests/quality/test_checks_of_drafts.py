"""Checks of real drafts: other tables, promises, earlier versions, and every failing row."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from catalog.models import Dataset, Resource
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.publishing.resources import edit_resource, remove_resource
from ingest.services.processing import process
from ingest.services.recipes import add_steps
from quality.services.rules import set_rules
from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import check_draft, publish, push

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(resource: Resource) -> dict[str, dict[str, Any]]:
    resource.refresh_from_db()
    assert resource.report is not None
    return {item["rule"]["type"]: item for item in resource.report.outcomes}


def given_rules(cast: Any, dataset: Dataset, *rules: dict[str, Any]) -> None:
    set_rules(actor=cast.owner, dataset=dataset, rules=list(rules))
    dataset.refresh_from_db()


def failing(client: Any, dataset: Dataset, resource: str = "t", kind: str = "between") -> list[dict[str, str]]:
    base = f"/api/v1/datasets/{dataset.organization.slug}/{dataset.slug}/versions/draft/resources/{resource}"
    answer = client.get(f"{base}/report")
    assert answer.status_code == 200, answer.content
    [told] = [item for item in answer.json()["outcomes"] if item["type"] == kind]
    answer = client.get(told["failing_rows"]["csv"])
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == told["failing_count"] == told["failing_rows"]["rows"]
    return rows


@pytest.fixture
def client(api: Any, cast: Any) -> Any:
    found = api()
    found.force_authenticate(cast.contributor.user)
    return found


def test_failing_rows_of_appended_files_with_long_cells_and_dropped_rows_are_told_by_file_and_line(
    cast: Any, client: Any
) -> None:
    dataset = make_dataset(cast)
    given_rules(cast, dataset, {"type": "between", "column": "id", "max": 100})
    first = 'id,name\n1,"a\nb"\n500,=1+1\n\n3,c\n501,"d\ne"\n'
    second = "# told by\n# somebody\nid,name\n600,x\n7,y\n601,z\n"
    push(cast.contributor, dataset, first, "one.csv", resource="t")
    push(cast.contributor, dataset, second, "two.csv", mode="append")
    check_draft(dataset)
    found = failing(client, dataset)
    texts = {"one.csv": first.split("\n"), "two.csv": second.split("\n")}
    assert [(row["row"], row["file"], row["id"]) for row in found] == [
        ("2", "one.csv", "500"),
        ("4", "one.csv", "501"),
        ("5", "two.csv", "600"),
        ("7", "two.csv", "601"),
    ]
    for row in found:
        assert texts[row["file"]][int(row["line"]) - 1].startswith(row["id"])


def test_many_runs_of_lines_lie_in_the_store_and_rows_taken_out_shift_none(cast: Any, client: Any) -> None:
    """Every row but the last stands on two lines; a repeated one is taken out by the recipe."""
    dataset = make_dataset(cast)
    given_rules(cast, dataset, {"type": "between", "column": "id", "max": 5})
    text = "id,name\n" + "".join(f'{number},"a\nb"\n' for number in (1, 2, 2, *range(3, 1_500)))
    push(cast.contributor, dataset, text, resource="t")
    resource = dataset.versions.open().get().resources.get()
    source = resource.sources.get()
    assert (source.lines, len(source.lines_sha256)) == ([], 64)
    again = add_steps(actor=cast.contributor, resource=resource, steps=[{"step": "drop-duplicates"}])
    process(upload_id=again.pk)
    check_draft(dataset)
    found = failing(client, dataset)
    lines = text.split("\n")
    assert len(found) == 1_494
    assert all(lines[int(row["line"]) - 1].startswith(f"{row['id']},") for row in found)


def test_more_failing_rows_than_any_sample_are_all_in_the_file(cast: Any, client: Any) -> None:
    dataset = make_dataset(cast)
    given_rules(cast, dataset, {"type": "between", "column": "id", "max": 10, "level": "warning"})
    push(cast.contributor, dataset, "id\n" + "".join(f"{number}\n" for number in range(1, 3_001)), resource="t")
    draft = check_draft(dataset)
    found = failing(client, dataset)
    assert [(row["row"], row["line"], row["id"]) for row in found] == [
        (str(number), str(number + 1), str(number)) for number in range(11, 3_001)
    ]
    assert draft.verdict == "warnings"
    browser = Client()
    browser.force_login(cast.contributor.user)
    page = browser.get(f"/institute/{dataset.slug}/v/draft/quality/").content.decode()
    outcome = outcomes(draft.resources.get())["between"]
    link = f"/versions/draft/resources/t/report/failing/{outcome['rule']['id']}.csv"
    assert link in page
    assert "All 2,990 failing rows as CSV" in page.replace("\u202f", ",")


@pytest.mark.parametrize(("level", "verdict"), [("error", "failed"), ("warning", "warnings"), ("info", "passed")])
def test_the_level_of_a_broken_rule_decides(cast: Any, level: str, verdict: str) -> None:
    dataset = make_dataset(cast)
    rule = {"type": "sum_equals", "columns": ["a", "b"], "total": "c", "level": level}
    given_rules(cast, dataset, rule)
    push(cast.contributor, dataset, "a,b,c\n1,2,3\n1,2,4\n", resource="t")
    assert check_draft(dataset).verdict == verdict


def test_a_foreign_key_of_the_schema_is_checked_against_the_other_table_whenever_that_changes(cast: Any) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "code,n\nA,1\nB,2\nC,3\n,4\n", "flights.csv", resource="flights")
    draft = dataset.versions.open().get()
    flights = draft.resources.get(name="flights")
    key = {"fields": "code", "reference": {"resource": "airports", "fields": "iata"}}
    edit_resource(actor=cast.contributor, resource=flights, schema={**flights.schema, "foreignKeys": [key]})
    check_draft(dataset)
    alone = outcomes(flights)["foreign_key"]
    assert (alone["status"], alone["obstacle"], alone["error"]) == ("errored", "table-missing", "airports")

    push(cast.contributor, dataset, "iata\nA\nB\n", "airports.csv", resource="airports")
    flights.refresh_from_db()
    assert flights.verdict == "pending"
    check_draft(dataset)
    found = outcomes(flights)["foreign_key"]
    assert (found["status"], found["failing_count"], found["checked"]) == ("failed", 1, 3)
    assert found["samples"] == [{"row": 3, "value": "C"}]

    push(cast.contributor, dataset, "iata\nC\n", "more.csv", resource="airports", mode="append")
    assert check_draft(dataset).verdict == "passed"
    assert outcomes(flights)["foreign_key"]["status"] == "passed"

    remove_resource(actor=cast.contributor, resource=draft.resources.get(name="airports"))
    check_draft(dataset)
    assert outcomes(flights)["foreign_key"]["status"] == "errored"


def test_freshness_is_held_against_the_promised_frequency(cast: Any) -> None:
    dataset = make_dataset(cast)
    given_rules(cast, dataset, {"type": "fresh", "column": "day"})
    day = (dt.datetime.now(dt.UTC) - dt.timedelta(days=10)).date().isoformat()
    push(cast.contributor, dataset, f"day\n2001-01-01\n{day}\n", resource="t")
    found = {}
    for promise in ("", "P1W", "P1M"):
        update_dataset(actor=cast.owner, dataset=dataset, description=Description(update_frequency=promise))
        given_rules(cast, dataset, {"type": "fresh", "column": "day"})
        draft = check_draft(dataset)
        outcome = outcomes(draft.resources.get())["fresh"]
        found[promise] = (outcome["status"], outcome["obstacle"] or outcome["observed"])
    assert found == {"": ("errored", "no-promise"), "P1W": ("failed", day), "P1M": ("passed", day)}


def test_drift_is_held_against_the_last_published_version_and_not_asked_of_the_first(cast: Any) -> None:
    dataset = make_dataset(cast)
    rules = [{"type": "drift", "column": name, "max": 0.2} for name in ("n", "s")]
    given_rules(cast, dataset, *rules)
    same = "n,s\n" + "".join(f"{number % 50},{'ab'[number % 2]}\n" for number in range(400))
    push(cast.contributor, dataset, same, resource="t")
    draft = check_draft(dataset)
    assert "drift" not in outcomes(draft.resources.get())
    publish(cast, dataset)
    for text, status in ((same, "passed"), (same.replace(",b", ",c").replace("\n4", "\n9"), "failed")):
        dataset.refresh_from_db()
        push(cast.contributor, dataset, text, resource="t")
        resource = check_draft(dataset).resources.get()
        resource.refresh_from_db()
        drifts = [item for item in resource.report.outcomes if item["rule"]["type"] == "drift"]
        assert [item["status"] for item in drifts] == [status, status], drifts
        if status == "failed":
            # Half of s has a value that was not there, and one that was is gone; an empty class counts as half a row.
            assert drifts[1]["observed"] == pytest.approx(2 * (0.5 - 0.5 / 400) * math.log(400))
        else:
            assert [item["observed"] for item in drifts] == [0, 0]


def test_the_file_is_for_those_who_may_have_the_bytes(cast: Any, api: Any, tmp_path: Any) -> None:
    dataset = make_dataset(cast, access="restricted")
    given_rules(cast, dataset, {"type": "unique", "column": "id", "level": "info"})
    push(cast.contributor, dataset, "id\n1\n1\n2\n", resource="t")
    publish(cast, dataset)
    base = f"/api/v1/datasets/institute/{dataset.slug}/versions/1.0.0/resources/t/report"
    outsider, member = api(), api()
    member.force_authenticate(cast.reader.user)
    [hidden] = [item for item in outsider.get(base).json()["outcomes"] if item["type"] == "unique"]
    [told] = [item for item in member.get(base).json()["outcomes"] if item["type"] == "unique"]
    assert hidden["failing_rows"] is None
    assert hidden["failing_count"] == 2
    for kind in ("csv", "parquet"):
        assert outsider.get(told["failing_rows"][kind]).status_code == 401
    answer = member.get(f"{told['failing_rows']['parquet']}?stream=1")
    path = tmp_path / "failing.parquet"
    path.write_bytes(b"".join(answer.streaming_content))
    assert pq.read_table(path).column("row").to_pylist() == [1, 2]
    trail = [event.detail for event in dataset.audit_events()] if hasattr(dataset, "audit_events") else None
    assert trail is None or any(item.get("kind") == "failing" for item in trail)
