"""DataCite's record of a version. Its schema is held by DataCite's own package in tests/clients."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from catalog.models import Access
from catalog.protocols.datacite.record import datacite_json
from catalog.protocols.datacite.xml import datacite_xml
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.effort import examples
from tests.protocols.entries import WITHDRAWN, entry
from tests.protocols.markup import xml_of

KERNEL = "{http://datacite.org/schema/kernel-4}"


def test_who_is_named_is_an_organization_only_where_it_is_the_publisher():
    assert datacite_json(entry())["creators"] == [{"name": "Institute of Lakes", "nameType": "Organizational"}]
    assert datacite_json(entry(attribution="王伟"))["creators"] == [{"name": "王伟"}]


def test_versions_and_manifest_are_related(settings):
    page = f"{settings.BASE_URL}/institute/birds/"
    related = {item["relationType"]: item["relatedIdentifier"] for item in datacite_json(entry())["relatedIdentifiers"]}
    assert related == {
        "IsVersionOf": page,
        "HasMetadata": f"{settings.BASE_URL}/api/v1/datasets/institute/birds/versions/2.0.0/manifest",
        "IsNewVersionOf": f"{page}v/1.0.0/",
        "IsPreviousVersionOf": f"{page}v/2.1.0/",
    }


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({}, "Open Access"),
        ({"access": Access.REGISTERED}, "Restricted Access"),
        ({"access": Access.PRIVATE}, "Closed Access"),
        ({"embargo_until": datetime(2030, 1, 1, tzinfo=UTC)}, "Embargoed Access"),
    ],
)
def test_rights_are_the_licence_and_who_may(changed, right):
    licence, access = datacite_json(entry(**changed))["rightsList"]
    assert licence["rightsIdentifier"] == "CC-BY-4.0"
    assert access["rights"] == right


def test_a_withdrawn_version_says_when_and_why():
    record = datacite_json(entry(version=WITHDRAWN))
    assert {"date": "2026-05-01", "dateType": "Withdrawn", "dateInformation": "Wrong units."} in record["dates"]
    assert "sizes" not in record


@effort(max_examples=examples(20))
@given(st.text(max_size=40), st.text(max_size=20))
def test_no_words_break_the_xml(title, keyword):
    root = xml_of(datacite_xml(datacite_json(entry(title=title, keywords=(keyword,)))).encode())
    assert root.tag == f"{KERNEL}resource"
    assert len(list(root.iter(f"{KERNEL}subject"))) == 1


def test_both_formats_over_http(api, cast, settings):
    make_published(cast, make_dataset(cast))
    base = "/api/v1/datasets/institute/birds/versions/latest/datacite"
    record = json.loads(api().get(f"{base}.json").content)
    answer = api().get(f"{base}.xml")
    assert answer["Content-Type"] == "application/vnd.datacite.datacite+xml"
    root = xml_of(answer.content)
    assert root.findtext(f"{KERNEL}identifier") == record["url"] == f"{settings.BASE_URL}/institute/birds/v/1.0.0/"
    assert root.findtext(f"{KERNEL}version") == record["version"] == "1.0.0"
    assert api().get(f"{base}.xml", headers={"If-None-Match": answer["ETag"]}).status_code == 304
