"""Standard schemas on pages: read by everybody, made by maintainers in rows or as JSON, in versions that say enough."""

from __future__ import annotations

import json
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.models import Dataset, StandardSchema
from catalog.services.cataloguing.schemas import create_schema
from catalog.services.membership.organizations import create_organization
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
NEW = "/organizations/institute/new-schema/"
NEXT = "/schemas/weather/new-version/"
DESCRIPTOR = {
    "fields": [
        {"name": "station", "type": "string", "description": "Which one", "aliases": ["stn"], "limits": "Two moved."},
        {
            "name": "kind",
            "type": "string",
            "constraints": {"enum": ["a", "b"], "maxLength": 1},
            "categories": [{"value": "a", "label": "Air"}],
        },
        {"name": "temp", "type": "number", "unit": "°C", "constraints": {"minimum": -90, "maximum": 60}},
    ],
    "primaryKey": ["station"],
    "missingValues": ["", "-999"],
}


@pytest.fixture
def maintainer(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.maintainer.user)
    return client


@pytest.fixture
def weather(cast: Cast) -> StandardSchema:
    return create_schema(
        actor=cast.owner,
        organization=cast.organization,
        name="weather",
        version="1.0.0",
        title="Weather at sea",
        descriptor=DESCRIPTOR,
    )


def text(response: HttpResponse) -> str:
    """What the page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def form_of(response: HttpResponse) -> dict[str, str]:
    """What a browser would send if nothing were changed."""
    editor = response.context["editor"]
    sent: dict[str, str] = {"rows": str(len(editor.rows))}
    for form in [editor.whole, *editor.rows]:
        for field in form:
            value = field.value()
            if value is True:
                sent[field.html_name] = "on"
            elif value not in (None, False, ""):
                sent[field.html_name] = str(value)
    return sent


def test_it_is_listed_shown_and_says_what_uses_it(cast: Cast, weather: StandardSchema) -> None:
    visitor = Client()
    for slug, access in (("seen", "public"), ("hidden", "private")):
        dataset = make_dataset(cast, slug=slug, access=access)
        make_published(cast, dataset)
        Dataset.objects.filter(pk=dataset.pk).update(conforms_to=weather)
    listed = text(visitor.get("/schemas/"))
    assert "Weather at sea" in listed
    shown = text(visitor.get("/schemas/weather/"))
    for words in ("1 dataset conforms to it", "Seen", "≥ -90", "≤ 60", "a = Air", "stn", "°C"):
        assert words in shown, words
    assert "Hidden" not in shown
    assert "Weather at sea" in text(visitor.get("/schemas/?q=WEATHER&organization=institute"))
    assert "No schema matches" in text(visitor.get("/schemas/?q=snow"))


def test_a_first_schema_is_made_in_rows(maintainer: Client) -> None:
    sent = {
        "name": "sea",
        "version": "1.0.0",
        "title": "Sea",
        "rows": "3",
        "c0-name": "id",
        "c0-type": "integer",
        "c0-is_key": "on",
        "c0-required": "on",
        "c0-minimum": "1",
        "c2-name": "depth",
        "c2-type": "number",
        "c2-unit": "m",
        "c2-meaning": "How deep",
        "c2-aliases": "Depth; tiefe;",
    }
    answer = maintainer.post(NEW, sent, follow=True)
    assert answer.redirect_chain == [("/schemas/sea/1.0.0/", 302)]
    made = StandardSchema.objects.get(name="sea")
    assert made.descriptor["primaryKey"] == ["id"]
    assert made.descriptor["fields"] == [
        {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 1}},
        {"name": "depth", "type": "number", "description": "How deep", "unit": "m", "aliases": ["Depth", "tiefe"]},
    ]


def test_more_rows_keep_what_was_typed(maintainer: Client) -> None:
    sent = {"name": "", "version": "x", "rows": "2", "c0-name": "id", "c0-type": "integer", "do": "more"}
    answer = maintainer.post(NEW, sent)
    assert answer.status_code == 200
    assert len(answer.context["editor"].rows) == 7
    assert 'value="id"' in answer.content.decode()
    assert "Something needs correcting" not in answer.content.decode()
    assert not StandardSchema.objects.exists()


REFUSED = [
    ({"name": ""}, "Give it a short name"),
    ({"name": "Not Good"}, "Use small letters"),
    ({"version": "1.0"}, "Use MAJOR.MINOR.PATCH"),
    ({"c1-name": "id"}, "stands twice"),
    ({"c0-name": ""}, "fields must be a list"),
    ({"c1-unit": "m"}, "Name the column, or empty its row."),
    ({"c0-type": "none"}, "Select a valid choice"),
    ({"c0-minimum": "low"}, "“low” is no number."),
    ({"c0-pattern": "a"}, "A pattern is of texts"),
    ({"c0-type": "string", "c0-maximum": "9"}, "Lowest and highest are of numbers and times"),
    ({"c0-type": "string", "c0-pattern": "("}, "pattern is no regular expression"),
]


def test_what_cannot_be_is_said_and_nothing_is_lost(maintainer: Client) -> None:
    sent = {"name": "sea", "version": "1.0.0", "title": "Kept", "rows": "2", "c0-name": "id", "c0-type": "integer"}
    for changes, said in REFUSED:
        answer = maintainer.post(NEW, sent | {"c1-type": "string", **changes})
        assert answer.status_code == 400, changes
        assert said in text(answer), changes
        assert 'value="Kept"' in answer.content.decode(), changes
    assert not StandardSchema.objects.exists()


def test_a_schema_begins_with_a_table(cast: Cast, maintainer: Client) -> None:
    make_published(cast, make_dataset(cast))
    names = [row["name"].value() for row in maintainer.get(f"{NEW}?from=institute/birds").context["editor"].rows]
    assert names[:3] == ["id", "name", "amount"]
    for reference in ("institute/none", "nonsense", "a/b/c", "\0/x"):
        assert maintainer.get(NEW, {"from": reference}).status_code == 404


def test_a_version_that_changes_nothing_is_the_same(weather: StandardSchema, maintainer: Client) -> None:
    sent = form_of(maintainer.get(NEXT))
    assert sent["version"] == "1.1.0"
    assert maintainer.post(NEXT, sent).status_code == 302
    made = StandardSchema.objects.get(name="weather", version="1.1.0")
    # What the form does not show is kept: limits, lengths, categories, the words for "missing".
    assert made.descriptor == weather.descriptor
    assert made.title == "Weather at sea"


def test_the_number_says_enough_and_the_page_says_what_changed(weather: StandardSchema, maintainer: Client) -> None:
    sent = form_of(maintainer.get(NEXT)) | {"c2-name": "", "c3-name": "wind", "c3-type": "number", "c0-name": "place"}
    refused = maintainer.post(NEXT, sent)
    assert refused.status_code == 400
    assert "1.1.0 is lower than 2.0.0, which the changes ask for." in text(refused)
    assert maintainer.post(NEXT, sent | {"version": "2.0.0"}).status_code == 302
    made = StandardSchema.objects.get(version="2.0.0").descriptor
    assert [field["name"] for field in made["fields"]] == ["place", "kind", "wind"]
    assert made["primaryKey"] == ["place"]
    assert made["fields"][0]["limits"] == "Two moved."
    shown = text(maintainer.get("/schemas/weather/"))
    for words in ("The column temp is gone.", "The column station is gone.", "The column wind is new."):
        assert words in shown, words
    assert "This is 1.0.0; 2.0.0 is newer." in text(maintainer.get("/schemas/weather/1.0.0/"))
    assert "Only meanings and rules changed." not in shown


def test_a_column_of_another_type_forgets_how_it_was_written(cast: Cast, maintainer: Client) -> None:
    fields = [{"name": "day", "type": "date", "format": "%d.%m.%Y", "categories": ["x"], "description": "When"}]
    create_schema(
        actor=cast.owner,
        organization=cast.organization,
        name="weather",
        version="1.0.0",
        title="W",
        descriptor={"fields": fields},
    )
    sent = form_of(maintainer.get(NEXT)) | {"c0-type": "string", "version": "2.0.0"}
    assert maintainer.post(NEXT, sent).status_code == 302
    [field] = StandardSchema.objects.get(version="2.0.0").descriptor["fields"]
    assert field == {"name": "day", "type": "string", "description": "When"}


def test_it_is_written_as_json_too(weather: StandardSchema, maintainer: Client) -> None:
    address = f"{NEXT}?as=json"
    shown = maintainer.get(address).context["editor"].descriptor["descriptor"].value()
    assert json.loads(shown) == weather.descriptor
    changed = {**DESCRIPTOR, "foreignKeys": [{"fields": "station", "reference": {"resource": "s", "fields": "id"}}]}
    sent = {"version": "1.0.1", "title": "W", "descriptor": json.dumps(changed)}
    assert maintainer.post(address, sent).status_code == 302
    assert StandardSchema.objects.get(version="1.0.1").descriptor["foreignKeys"][0]["reference"]["resource"] == "s"


NO_SCHEMAS = [
    "",
    "{",
    "[]",
    "1",
    '"x"',
    "[" * 100_000,
    '{"fields": 3}',
    '{"fields": [{"name": "\\u0000"}]}',
]


def test_json_that_is_no_schema(maintainer: Client) -> None:
    for given in NO_SCHEMAS:
        sent = {"name": "sea", "version": "1.0.0", "descriptor": given}
        assert maintainer.post(f"{NEW}?as=json", sent).status_code == 400, given[:50]
    assert not StandardSchema.objects.exists()


def test_a_version_is_never_made_twice(weather: StandardSchema, maintainer: Client) -> None:
    sent = form_of(maintainer.get(NEXT)) | {"version": "1.0.0"}
    answer = maintainer.post(NEXT, sent)
    assert answer.status_code == 400
    assert "1.0.0 is lower than 1.0.1, which the changes ask for." in text(answer)
    assert StandardSchema.objects.count() == 1


def test_the_name_belongs_to_who_had_it_first(weather: StandardSchema, maintainer: Client, cast: Cast) -> None:
    create_organization(actor=cast.maintainer, slug="other", title="Other")
    sent = {"name": "weather", "version": "9.0.0", "rows": "1", "c0-name": "id", "c0-type": "integer"}
    answer = maintainer.post("/organizations/other/new-schema/", sent)
    assert answer.status_code == 400
    assert "belongs to Institute" in text(answer)


def test_the_dataset_leads_to_its_schema(cast: Cast, weather: StandardSchema) -> None:
    dataset = make_dataset(cast)
    make_published(cast, dataset)
    Dataset.objects.filter(pk=dataset.pk).update(conforms_to=weather)
    assert 'href="/schemas/weather/1.0.0/"' in Client().get("/institute/birds/").content.decode()
