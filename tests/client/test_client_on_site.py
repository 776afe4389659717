"""The client against the running site: what its users do, from a file to a table.

Needs the fixture `site`: an object with .url, .owner_token (a maintainer of the organization `institute`
with the scopes read and upload), .steward_token (read, review) and .researcher_token (of nobody's).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from commonfield import (
    BadArgument,
    Client,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Progress,
    PushResult,
    Rejected,
    RetryPolicy,
)

pytestmark = [pytest.mark.clients, pytest.mark.slow]

CSV = Path(__file__).parents[1] / "data" / "penguins.csv"
ORGANIZATION = "institute"
WAIT_SECONDS = 60


@pytest.fixture
def as_(site: Any, tmp_path: Path) -> Iterator[Callable[[str | None], Client]]:
    """A client with the token of somebody, and a cache that nobody else has."""
    made: list[Client] = []

    def make(who: str | None) -> Client:
        token = getattr(site, f"{who}_token") if who else None
        made.append(Client(site.url, token, cache_dir=tmp_path / f"cache-{who}", retry=RetryPolicy(base=0.1)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def publish(as_: Callable[[str | None], Client]) -> Callable[..., PushResult]:
    """Push as the owner, and approve as the steward through the API."""

    def make(source: Any, slug: str, **more: Any) -> PushResult:
        words = {"title": slug.title(), "license": "CC0-1.0", "note": "From the test", **more}
        result = as_("owner").push(source, f"{ORGANIZATION}/{slug}", **words)
        assert result.submitted
        assert result.version is not None
        if result.version.state == "in_review":
            review = result.version.raw["review"]["id"]
            transport = as_("steward")._transport
            transport.post(f"/reviews/{review}/decision", {"decision": "approve", "reason": "Looks right."})
        return result

    return make


def test_from_a_file_to_a_reviewed_table_and_back(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult], tmp_path: Path
) -> None:
    told: list[Progress] = []
    result = publish(CSV, "penguins", access="public", description="Birds.", progress=told.append)
    assert result.created
    assert result.upload.state == "stored"
    assert {"upload"} < {progress.stage for progress in told}

    anyone = as_(None)
    version = anyone.info(f"{ORGANIZATION}/penguins")
    assert (version.state, version.rows) == ("published", 344)
    assert version.number is not None
    frame = anyone.load(f"{ORGANIZATION}/penguins", version=version.number)
    source = pd.read_csv(CSV, keep_default_na=False, na_values=["NA"])
    pd.testing.assert_frame_equal(frame, source, check_dtype=False)
    assert frame.attrs["commonfield.version"] == version.number
    assert frame.attrs["commonfield.manifest_sha256"] == version.manifest_sha256

    with anyone.open(f"{ORGANIZATION}/penguins", original=True) as handle:
        assert handle.read() == CSV.read_bytes()
    paths = anyone.download(f"{ORGANIZATION}/penguins", to=tmp_path / "out")
    pd.testing.assert_frame_equal(pd.read_parquet(paths[0]), source, check_dtype=False)
    for engine in ("polars", "arrow", "duckdb"):
        found = anyone.load(f"{ORGANIZATION}/penguins", as_=engine)  # type: ignore[call-overload]
        assert (found.shape[0] if engine != "arrow" else found.num_rows) == 344

    assert [item.number for item in anyone.versions(f"{ORGANIZATION}/penguins")] == [version.number]
    assert f"{ORGANIZATION}/penguins" in {item.id for item in anyone.search("penguins")}
    assert anyone.report(f"{ORGANIZATION}/penguins").verdict == version.verdict
    anyone.findings(f"{ORGANIZATION}/penguins")


def test_a_second_version_is_a_second_version(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    one = pd.DataFrame({"id": [1, 2], "size": [1.5, 2.5]})
    two = pd.DataFrame({"id": [1, 2, 3], "size": [1.5, 2.5, 3.5]})
    publish(one, "sizes", access="public")
    first = as_(None).info(f"{ORGANIZATION}/sizes").number
    publish(two, "sizes")
    anyone = as_(None)
    second = anyone.info(f"{ORGANIZATION}/sizes").number
    assert first is not None
    assert second is not None
    assert first != second
    pd.testing.assert_frame_equal(anyone.load(f"{ORGANIZATION}/sizes", version=first), one, check_dtype=False)
    pd.testing.assert_frame_equal(anyone.load(f"{ORGANIZATION}/sizes", version=second), two, check_dtype=False)


def test_rows_are_added_and_updated_and_the_first_version_stays(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    dataset = f"{ORGANIZATION}/grown"
    publish(pd.DataFrame({"id": [1, 2], "size": [1.5, 2.5]}), "grown", access="public")
    first = as_(None).info(dataset).number
    added = as_("owner").push(pd.DataFrame({"id": [3], "size": [3.5]}), dataset, note="n", mode="append", submit=False)
    assert added.upload.counts == {"inserted": 1}
    fixes = pd.DataFrame({"id": [2, 4], "size": [20.5, 4.5]})
    result = publish(fixes, "grown", mode="upsert", key="id")
    assert result.upload.counts == {"inserted": 1, "updated": 1, "unchanged": 0}
    anyone = as_(None)
    now = pd.DataFrame({"id": [1, 2, 3, 4], "size": [1.5, 20.5, 3.5, 4.5]})
    pd.testing.assert_frame_equal(anyone.load(dataset), now, check_dtype=False)
    before = pd.DataFrame({"id": [1, 2], "size": [1.5, 2.5]})
    assert first is not None
    pd.testing.assert_frame_equal(anyone.load(dataset, version=first), before, check_dtype=False)
    with anyone.open(dataset, original=True, part=1) as handle:
        assert pd.read_parquet(handle)["id"].to_list() == [3]


def test_what_changed_between_two_versions_is_a_frame(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    dataset = f"{ORGANIZATION}/moved"
    publish(pd.DataFrame({"id": [1, 2, 3], "size": [1.5, 2.5, 3.5]}), "moved", access="public")
    first = as_(None).info(dataset).number
    assert first is not None
    owner = as_("owner")
    fixes = pd.DataFrame({"id": [2, 4], "size": [20.5, 4.5]})
    owner.push(fixes, dataset, note="n", mode="upsert", key="id", submit=False)
    # Rows are matched by the schema's key.
    address = f"/datasets/{dataset}/versions/draft/resources/moved"
    schema = owner._transport.get(address)["schema"]
    owner._transport.patch(address, {"schema": {**schema, "primaryKey": ["id"]}})
    found = owner.difference(dataset, first, "draft")
    # That the table has another key breaks who relied on the old one.
    assert (found.base, found.breaking, list(found.tables)) == (first, True, ["moved"])
    table = found.tables["moved"]
    assert (table.key, table.rows_before, table.rows_after) == (("id",), 3, 4)
    assert (table.rows_added, table.rows_removed, table.rows_changed, table.cells_changed) == (1, 0, 1, 1)
    changes = owner.changes(dataset, first, "draft")
    changed = changes[changes["kind"] == "changed"]
    assert changed[["column", "before", "after"]].to_numpy().tolist() == [["size", "2.5", "20.5"]]
    assert owner.changes(dataset, first, "draft", as_="polars").height == len(changes)
    with pytest.raises(BadArgument, match="not in both"):
        owner.changes(dataset, first, "draft", resource="none")


def test_rules_and_annotations_are_read_and_written(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    dataset = f"{ORGANIZATION}/told"
    publish(pd.DataFrame({"id": [1, 2], "size": [1.5, 2.5]}), "told", access="public")
    owner, researcher = as_("owner"), as_("researcher")
    assert owner.rules(dataset) == []
    (rule,) = owner.set_rules(dataset, [{"type": "unique", "column": "id"}])
    assert (rule["type"], rule["column"], rule["level"]) == ("unique", "id", "error")
    assert as_(None).rules(dataset) == [rule]
    with pytest.raises(InvalidInput, match="rule 1"):
        owner.set_rules(dataset, [{"type": "unique"}])

    unit = researcher.annotate(dataset, column="size", aspect="unit", value="cm")
    cell = researcher.annotate(dataset, column="size", row=2, value=2.6, reason="Misread.")
    assert (unit.kind, unit.state, cell.kind, cell.before) == ("column", "proposed", "correction", 2.5)
    listed = researcher.annotations(dataset, column="size")
    assert {item.id for item in listed} == {unit.id, cell.id}
    assert [item.id for item in researcher.annotations(dataset, kind="correction")] == [cell.id]
    with pytest.raises(BadArgument, match="not clear"):
        researcher.annotate(dataset, column="size", value="cm")


def test_restricted_data_are_for_those_who_may(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    publish(CSV, "restricted", access="restricted")
    dataset = f"{ORGANIZATION}/restricted"
    assert len(as_("owner").load(dataset)) == 344
    with pytest.raises(NotAllowed):
        as_("researcher").load(dataset)
    with pytest.raises((NotAllowed, NotSignedIn)):
        as_(None).load(dataset)
    as_("owner")._transport.post(f"/datasets/{dataset}/grants", {"username": as_("researcher").whoami().username})
    assert len(as_("researcher").load(dataset)) == 344


def test_private_data_do_not_exist_for_others(
    as_: Callable[[str | None], Client], publish: Callable[..., PushResult]
) -> None:
    publish(CSV, "private", access="private")
    with pytest.raises(NotFound):
        as_("researcher").load(f"{ORGANIZATION}/private")


def test_what_is_no_table_is_rejected_with_findings(as_: Callable[[str | None], Client], tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 this is no Parquet file at all PAR1")
    began = time.monotonic()
    with pytest.raises(Rejected) as refused:
        as_("owner").push(path, f"{ORGANIZATION}/broken", note="n")
    assert refused.value.findings
    assert refused.value.remedy
    assert time.monotonic() - began < WAIT_SECONDS


def test_a_wrong_token_and_a_missing_one(site: Any) -> None:
    for token in ("cfd_wrong", None):
        with Client(site.url, token) as client, pytest.raises(NotSignedIn, match="login"):
            client.whoami()
