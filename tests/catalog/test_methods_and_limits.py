"""How data came to be and what they must not be used for: told by the owner, frozen with each version, told on."""

from __future__ import annotations

import hashlib
import html
import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog import keys, markdown, storage
from catalog.actor import Actor
from catalog.models import Dataset
from catalog.protocols import entries, release
from catalog.services.cataloguing.datasets import Description, update_dataset
from quality.difference.words import compare_words
from tests.fixtures.datasets import add_table, make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
METHODS = "Counted at *dawn* with a <b>theodolite</b>."
LIMITS = "Nothing of the zugzwang years."
API = "/api/v1/datasets/institute/birds"


def told(cast: Cast) -> Dataset:
    return make_dataset(cast, methods=METHODS, known_limits=LIMITS)


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def sent(**more: str) -> dict[str, str]:
    """The description's form, as a browser sends it."""
    return {"title": "Birds", "access": "public", "license": "CC-BY-4.0", "max_refused_percent": "100", **more}


def test_they_are_written_and_read_by_the_api_and_found_by_their_words(cast: Cast) -> None:
    api = APIClient()
    api.force_login(cast.contributor.user)
    new = {"organization": "institute", "title": "Birds", "methods": METHODS, "license": "CC-BY-4.0"}
    made = api.post("/api/v1/datasets", new, format="json").json()
    assert (made["methods"], made["known_limits"]) == (METHODS, "")
    changed = api.patch(API, {"known_limits": f" {LIMITS}\n"}, format="json").json()
    assert (changed["methods"], changed["known_limits"]) == (METHODS, LIMITS)
    make_published(cast, Dataset.objects.get())
    for word in ("theodolite", "zugzwang"):
        assert APIClient().get(f"/api/v1/search?q={word}").json()["count"] == 1, word


def test_a_version_keeps_them_as_they_were_when_it_was_published(cast: Cast) -> None:
    version = make_published(cast, told(cast))
    later = Description(methods="Another way.", known_limits="")
    update_dataset(actor=cast.contributor, dataset=version.dataset, description=later)
    manifest = json.loads(storage.read_bytes(keys.manifest(version.dataset_id, "1.0.0")))
    assert (manifest["methods"], manifest["known_limits"]) == (METHODS, LIMITS)
    at = f"{API}/versions/1.0.0"
    get = APIClient().get
    said = {item["descriptionType"]: item["description"] for item in get(f"{at}/datacite.json").json()["descriptions"]}
    assert said["Methods"] == markdown.plain(METHODS)
    assert said["Other"] == LIMITS
    croissant = get(f"{at}/croissant.json").json()
    assert (croissant["rai:dataCollection"], croissant["rai:dataLimitations"]) == (METHODS, LIMITS)
    turtle = get(f"{at}/dcat.ttl").content.decode()
    assert "dct:ProvenanceStatement" in turtle
    assert "Counted at dawn" in turtle
    assert "Another way." in get(f"{API}/dcat.ttl").content.decode()


def test_versions_of_before_have_none(cast: Cast) -> None:
    version = make_published(cast, told(cast))
    key = keys.manifest(version.dataset_id, "1.0.0")
    old: dict[str, Any] = json.loads(storage.read_bytes(key))
    del old["methods"], old["known_limits"]
    data = json.dumps(old).encode()
    storage.replace_bytes(key, data, content_type="application/json")
    sha256 = hashlib.sha256(data).hexdigest()
    words = entries.frozen_words(version.dataset_id, "1.0.0", sha256)
    assert (words.title, words.methods, words.known_limits) == ("Birds", "", "")
    assert release._manifest(version.dataset_id, "1.0.0", sha256)["methods"] == ""


def test_the_overview_shows_them_as_markdown_and_leaves_out_what_is_empty(cast: Cast, client: Client) -> None:
    make_published(cast, told(cast))
    html = client.get("/institute/birds/").content.decode()
    methods, limits = html.split('id="methods"')[1].split('id="known-limits"')
    assert "<em>dawn</em>" in methods
    assert "<b>theodolite" not in methods
    assert "zugzwang" in limits.split("</section>")[0]
    make_published(cast, make_dataset(cast, slug="eggs"))
    html = client.get("/institute/eggs/").content.decode()
    assert 'id="methods"' not in html
    assert 'id="known-limits"' not in html


@pytest.mark.parametrize("path", ["/institute/birds/edit/", "/share/institute/birds/description/"])
def test_they_are_written_on_both_pages_and_left_alone_where_nobody_sends_them(cast: Cast, path: str) -> None:
    dataset = make_dataset(cast)
    maker = browser(cast.contributor)
    assert maker.post(path, sent(methods=METHODS, known_limits=LIMITS)).status_code in (200, 302)
    dataset.refresh_from_db()
    assert (dataset.methods, dataset.known_limits) == (METHODS, LIMITS)
    shown = maker.get(path.removesuffix("description/")).content.decode()
    assert LIMITS in shown
    assert "&lt;b&gt;theodolite" in shown
    maker.post(path, sent(title="Birds of the lake"))
    dataset.refresh_from_db()
    assert (dataset.title, dataset.methods) == ("Birds of the lake", METHODS)
    maker.post(path, sent(methods="", known_limits=""))
    dataset.refresh_from_db()
    assert (dataset.methods, dataset.known_limits) == ("", "")


def test_the_last_step_tells_them_beside_what_is_sent_and_leads_to_their_fields(cast: Cast) -> None:
    dataset = make_dataset(cast, methods=METHODS)
    add_table(cast.contributor, dataset)
    page = browser(cast.contributor).get("/share/institute/birds/submit/").content.decode()
    files = browser(cast.contributor).get("/share/institute/birds/").content.decode()
    summary = page.partition('<aside class="panel summary"')[2]
    for title, text, field in (
        ("Methods", html.escape(METHODS), "id_methods"),
        ("Known limits", "–", "id_known_limits"),
    ):
        assert f'<dt>{title}</dt><dd>{text} <a href="/share/institute/birds/#{field}">' in summary
        assert f'id="{field}"' in files


def test_what_changed_of_them_is_among_the_words() -> None:
    changes = compare_words({"title": "Birds"}, {"title": "Birds", "methods": "By eye.", "known_limits": ""})
    assert [(change.name, change.before, change.after) for change in changes] == [("methods", None, "By eye.")]
