"""Delta Sharing's addresses, asked without its client: who may, paging, errors, links, the feed."""

from __future__ import annotations

import httpx
import pytest
from django.core import signing
from django.utils import timezone

from catalog.models import AuditEvent, Part, Token
from catalog.protocols.delta_sharing import actions, links
from catalog.protocols.delta_sharing.actions import Capabilities, enough_files, file_ids, read_capabilities
from catalog.services.cataloguing.renaming import rename_dataset
from catalog.services.granting.grants import revoke_access
from catalog.services.membership.tokens import create_token, revoke_token
from tests.fixtures.datasets import add_table, make_dataset, record_check
from tests.protocols.world import client_of, lines_of, make_world, publish, rows, statuses

ROOT = "/delta-sharing/shares"


def table(name, table="birds"):
    return f"{ROOT}/institute/schemas/{name}/tables/{table}"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        return make_world()


def test_everybody_gets_what_the_api_would_say(world):
    """As in the permission matrix: a stranger, one who has a grant for ``closed``, and a member beside nobody."""

    def ask(name, body):
        return lambda client: client.post(f"{table(name)}/query", body, format="json").status_code

    expected = {
        ("open", 0): "200 200 200 200",
        ("open", 2): "410 410 410 410",
        ("known", 0): "401 200 200 200",
        ("closed", 0): "401 403 200 200",
        ("secret", 0): "404 404 404 200",
        ("none", 0): "404 404 404 404",
    }
    found = {
        (name, version): statuses(world, ask(name, {"version": version} if version else {}))
        for name, version in expected
    }
    assert found == expected
    for address in ("metadata", "version", "changes?startingVersion=1"):
        got = statuses(world, lambda client, address=address: client.get(f"{table('closed')}/{address}").status_code)
        assert (address, got) == (address, expected["closed", 0])


def test_lists_hold_what_one_may_have(world):
    listed = {
        person: [item["name"] for item in client_of(world, person).get(f"{ROOT}/institute/schemas").json()["items"]]
        for person in ("anonymous", "stranger", "grantee", "owner")
    }
    assert listed == {
        "anonymous": ["open"],
        "stranger": ["known", "open"],
        "grantee": ["closed", "known", "open"],
        "owner": ["closed", "known", "open", "secret"],
    }
    anonymous = client_of(world, "anonymous")
    assert anonymous.get(f"{ROOT}/institute/schemas/closed/tables").status_code == 404
    assert anonymous.get(f"{ROOT}/nobody/schemas").json()["errorCode"] == "RESOURCE_DOES_NOT_EXIST"
    assert anonymous.get(f"{ROOT}/institute").json()["share"]["name"] == "institute"


def test_pages_go_on_where_they_ended(world):
    client, got, token = client_of(world, "owner"), [], ""
    for _ in range(4):
        page = client.get(f"{ROOT}/institute/all-tables", {"maxResults": 3, "pageToken": token}).json()
        got += [f"{item['schema']}.{item['name']}" for item in page["items"]]
        if "nextPageToken" not in page:
            break
        token = page["nextPageToken"]
    assert got == ["closed.birds", "known.birds", "open.birds", "secret.birds"]
    empty = client.get(f"{ROOT}/institute/all-tables", {"maxResults": 0}).json()
    assert empty["items"] == []
    for bad in ({"maxResults": "many"}, {"maxResults": -1}, {"pageToken": "abc"}, {"pageToken": "W10="}):
        answer = client.get(f"{ROOT}/institute/all-tables", bad)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_PARAMETER_VALUE")


BAD_BODIES = (
    {"version": 99},
    {"version": -1},
    {"version": "one"},
    {"version": True},
    {"version": 10**30},
    {"timestamp": "yesterday"},
    {"timestamp": "1999-01-01"},
    {"version": 1, "timestamp": "2999-01-01T00:00:00Z"},
    {"limitHint": -5},
    {"startingVersion": 9},
    {"startingVersion": 1, "endingVersion": "x"},
    [1],
)


@pytest.mark.parametrize("body", BAD_BODIES, ids=str)
def test_bad_questions_are_400_and_never_tried_again(world, body):
    answer = client_of(world, "anonymous").post(f"{table('open')}/query", body, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert set(answer.json()) == {"errorCode", "message"}
    assert answer.json()["message"]


def test_a_query_tells_protocol_metadata_files_and_is_recorded(world):
    answer = client_of(world, "stranger").post(f"{table('open')}/query", {"version": 1}, format="json")
    assert answer["Delta-Table-Version"] == "1"
    assert answer["Delta-Sharing-Capabilities"] == "responseformat=parquet"
    protocol, metadata, file = lines_of(answer.content)
    assert protocol == {"protocol": {"minReaderVersion": 1}}
    assert metadata["metaData"]["configuration"]["commonfield.version"] == "1.0.0"
    assert "timestamp_ntz" not in metadata["metaData"]["schemaString"]
    assert '"comment":"Number. Unit: 1"' in metadata["metaData"]["schemaString"]
    assert file["file"]["stats"] == '{"numRecords": 10}'
    event = AuditEvent.objects.filter(action="resource.read").latest("pk")
    told = {key: event.detail[key] for key in ("protocol", "version", "rows")}
    assert told == {"protocol": "delta-sharing", "version": "1.0.0", "rows": 10}
    assert event.actor == world.stranger.user
    later = client_of(world, "stranger").post(f"{table('open')}/query", {}, format="json")
    assert lines_of(later.content)[1]["metaData"]["id"] == metadata["metaData"]["id"], "one table, whatever its version"


def test_delta_s_answer_names_what_its_reader_must_know(world):
    client = client_of(world, "anonymous")
    header = {"HTTP_DELTA_SHARING_CAPABILITIES": "responseformat=delta;readerfeatures=deletionvectors,timestampntz"}
    answer = client.post(f"{table('open')}/query", {}, format="json", **header)
    protocol, metadata, file = lines_of(answer.content)
    assert answer["Delta-Sharing-Capabilities"] == "responseformat=delta"
    assert protocol["protocol"]["deltaProtocol"]["readerFeatures"] == ["timestampNtz"]
    assert "timestamp_ntz" in metadata["metaData"]["deltaMetadata"]["schemaString"]
    assert file["file"]["deltaSingleAction"]["add"]["path"].startswith("http")
    refused = client.post(
        f"{table('open')}/query", {}, format="json", HTTP_DELTA_SHARING_CAPABILITIES="responseformat=delta"
    )
    assert refused.status_code == 400
    assert "timestampntz" in refused.json()["message"]


def link_of(client, name="open", **body):
    answer = client.post(f"{table(name)}/query", body, format="json")
    return lines_of(answer.content)[2]["file"]["url"].partition("://")[2].partition("/")[2]


def test_a_link_is_asked_for_permission_at_each_use(world, settings):
    """It lasts an hour, and a grant that is revoked meanwhile ends it; the same for the token that it was made with."""
    client = client_of(world, "grantee")
    link = "/" + link_of(client, "closed")
    nobody = client_of(world, "anonymous")
    answer = nobody.get(link)
    assert answer.status_code == 302
    assert httpx.get(answer["Location"]).content[:4] == b"PAR1"
    assert nobody.head(link).headers["Content-Length"] == str(
        Part.objects.get(resource__version__dataset__slug="closed").bytes
    )
    revoke_access(actor=world.owner, dataset=world.organization.datasets.get(slug="closed"), username="grantee")
    assert nobody.get(link).status_code == 403

    token, secret = create_token(actor=world.owner, name="reader", scopes=["read"])
    by_token = client_of(world, "anonymous")
    by_token.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    link = "/" + link_of(by_token, "secret")
    assert nobody.get(link).status_code == 302
    revoke_token(actor=world.owner, token_id=token.pk)
    assert nobody.get(link).status_code == 401


def test_a_link_of_others_or_of_long_ago_is_refused(world, monkeypatch):
    nobody = client_of(world, "anonymous")
    link = "/" + link_of(nobody)
    forged = signing.dumps(
        [Part.objects.first().resource_id, 0, world.owner.user.pk, 0], key="guessed", salt=links._SALT
    )
    for bad in (link[:-3], link.replace("Signature=", "Signature=a"), link.partition("?")[0]):
        assert nobody.get(bad).status_code == 401
    assert nobody.get(f"{link.partition('?')[0]}?{links.PARAMETER}={forged}").status_code == 401
    monkeypatch.setattr(links, "SECONDS", 0)
    monkeypatch.setattr("django.core.signing.time.time", lambda: timezone.now().timestamp() + 10)
    ended = nobody.get(link)
    assert (ended.status_code, "Query the table again" in ended.json()["message"]) == (401, True)


def test_a_withdrawn_version_is_no_part_of_the_feed(world):
    """Version 2 of three is withdrawn: the third is held against the first."""
    client = client_of(world, "anonymous")
    lines = lines_of(client.get(f"{table('open')}/changes?startingVersion=1").content)[2:]
    told = [(kind, line[kind]["version"]) for line in lines for kind in line]
    assert told == [("add", 1), ("remove", 3), ("add", 3)]
    assert [line["add"]["id"] for line in lines[:1]] == [lines[1]["remove"]["id"]], "what came is what goes"
    for bad in ("startingVersion=2", "startingVersion=3&endingVersion=1", "endingVersion=1", "startingTimestamp=soon"):
        assert client.get(f"{table('open')}/changes?{bad}").status_code == 400


def test_a_file_that_stays_is_no_change(world):
    """Of a version with a second table only that table's file is new to the first."""
    dataset = make_dataset(world, slug="grown")
    publish(world, dataset)
    record_check(add_table(world.contributor, dataset, name="more", sql=rows(0, 3)))
    publish(world, dataset, name="third", sql=rows(0, 4))
    lines = lines_of(client_of(world, "anonymous").get(f"{table('grown')}/changes?startingVersion=2").content)
    assert len(lines) == 2, "the table is as it was"
    streamed = client_of(world, "anonymous").post(f"{table('grown')}/query", {"startingVersion": 1}, format="json")
    assert [*lines_of(streamed.content)[2]] == ["add"]


def test_a_table_keeps_its_address_when_its_dataset_is_renamed(world):
    rename_dataset(actor=world.owner, dataset=world.organization.datasets.get(slug="open"), slug="renamed")
    client = client_of(world, "anonymous")
    assert client.post(f"{table('open')}/query", {}, format="json").status_code == 200
    assert [item["name"] for item in client.get(f"{ROOT}/institute/schemas").json()["items"]] == ["renamed"]


def test_the_profile_carries_the_token_that_it_was_asked_with(world):
    secret = create_token(actor=world.reader, name="mine", scopes=["read"])[1]
    client = client_of(world, "anonymous")
    assert client.get("/delta-sharing/config.share").json()["bearerToken"] == ""
    profile = client.get("/delta-sharing/config.share", {"token": secret}).json()
    assert profile["bearerToken"] == secret
    assert profile["expirationTime"][:10] == Token.objects.get().expires_at.date().isoformat()
    assert client.get("/delta-sharing/config.share", {"token": "cfd_wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Capabilities("parquet")),
        ("responseformat=delta,parquet;readerfeatures=a,b", Capabilities("parquet", frozenset("ab"))),
        ("ResponseFormat=Delta ; readerFeatures=timestampNtz", Capabilities("delta", frozenset(["timestampntz"]))),
        ("nonsense", Capabilities("parquet")),
    ],
)
def test_capabilities_are_read_without_case(header, expected):
    assert read_capabilities(header) == expected


def test_a_limit_takes_as_many_files_as_it_needs():
    files = [actions.File(str(number), "", 0, 1, rows) for number, rows in enumerate((5, 0, 5, 5))]
    counts = {limit: len(enough_files(files, limit)) for limit in (None, 0, 1, 5, 6, 10, 11, 99)}
    assert counts == {None: 4, 0: 0, 1: 1, 5: 1, 6: 3, 10: 3, 11: 4, 99: 4}


def test_a_content_that_stands_twice_has_two_ids():
    first, second = "a" * 64, "b" * 64
    assert list(file_ids([first, second, first])) == ["a" * 32, "b" * 32, f"{'a' * 32}-2"]
