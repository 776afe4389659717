"""The core's small modules: pure functions and their edges."""

import logging
from html.parser import HTMLParser

import pytest

from catalog import findings, markdown
from catalog.findings import CATALOGUE, Finding, FindingGroup
from catalog.licenses import all_licenses, get_license, search_licenses
from catalog.logs import ScrubTokens
from catalog.numbering import TableState, propose
from catalog.slugs import RESERVED_OWNERS, SLUG, slug_of
from catalog.table_schema import InvalidSchema, TableSchema
from catalog.transport.byte_ranges import RangeNotSatisfiable, Span, parse_range


# ---------------------------------------------------------------- ranges (RFC 9110, 14.1)
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-9", Span(0, 9)),
        ("bytes=5-", Span(5, 99)),
        ("bytes=-10", Span(90, 99)),
        ("bytes=-262144", Span(0, 99)),
        ("bytes=90-500", Span(90, 99)),
        ("bytes=0-0,5-6", None),
        ("bytes=9-5", None),
        ("items=0-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges(header, expected):
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_ranges_that_cannot_be_met(header):
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 100)


# ---------------------------------------------------------------- descriptions
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        '<a href="x" onclick="y">z</a>',
        "![picture](https://elsewhere.example/track.png)",
        '<p style="position:fixed">x</p>',
    ],
)
def test_descriptions_are_harmless(text):
    seen = _Tags()
    seen.feed(markdown.render(text))
    assert {tag for tag, _ in seen.found} <= {"p", "a", "h3"}
    attributes = [pair for _, pairs in seen.found for pair in pairs]
    assert {name for name, _ in attributes} <= {"href", "rel"}
    assert not any("javascript" in value for _, value in attributes)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))


def test_descriptions_keep_their_form():
    html = markdown.render(
        "# Title\n\nSome **bold** and [a link](https://example.org).\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "<h3>Title</h3>" in html
    assert "<strong>bold</strong>" in html
    assert 'href="https://example.org"' in html
    assert "<td>2</td>" in html
    assert markdown.plain("Some **bold** text") == "Some bold text"


# ---------------------------------------------------------------- licences
def test_licences_are_those_of_spdx_with_the_ones_for_data_first():
    first = next(iter(all_licenses().values()))
    assert (first.id, first.recommended) == ("CC-BY-4.0", True)
    assert len(all_licenses()) > 600
    assert get_license("CC-BY-4.0").name == "Creative Commons Attribution 4.0 International"
    assert get_license("cc-by") is None
    assert {item.id for item in search_licenses("odbl")} == {"ODbL-1.0"}


# ---------------------------------------------------------------- findings
def test_every_finding_reads_as_a_sentence_whatever_it_lacks():
    for code in CATALOGUE:
        for item in (Finding(code), FindingGroup(code, 3, column="a")):
            text = findings.sentence(item)
            assert text
            assert "%(" not in text
            assert "None" not in text


def test_findings_survive_json():
    group = FindingGroup(
        "cell-not-of-type", 2, "a", {"type": "integer"}, (Finding("cell-not-of-type", 3, 4, "a", "x"),)
    )
    assert FindingGroup.from_json(group.to_json()) == group


# ---------------------------------------------------------------- names
def test_slugs():
    assert slug_of("Air quality, Yangtze Delta (2021)", fallback="x") == "air-quality-yangtze-delta-2021"
    assert slug_of("空气质量", fallback="dataset") == "dataset"
    assert slug_of("a" * 300, fallback="x") == "a" * 96
    assert all(SLUG.fullmatch(name) or "." in name for name in RESERVED_OWNERS)
    for bad in ("", "-a", "a-", "A", "a.b", "a/b", "a_b", "ä", "a\n"):
        assert SLUG.fullmatch(bad) is None


# ---------------------------------------------------------------- schemas
def test_a_schema_comes_back_as_it_went():
    descriptor = {
        "fields": [
            {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True, "minimum": 0}},
            {"name": "code", "type": "string", "constraints": {"pattern": "[A-Z]+", "enum": ["A", "B"]}, "unit": "1"},
        ],
        "primaryKey": ["id"],
        "uniqueKeys": [["id", "code"]],
        "foreignKeys": [{"fields": ["code"], "reference": {"resource": "codes", "fields": ["code"]}}],
        "missingValues": ["", "NA"],
    }
    again = TableSchema.from_descriptor(descriptor).to_descriptor()
    assert {key: again[key] for key in descriptor} == descriptor
    assert TableSchema.from_descriptor(again) == TableSchema.from_descriptor(descriptor)


@pytest.mark.parametrize(
    ("descriptor", "problem"),
    [
        ({}, "fields must be a list"),
        ({"fields": []}, "at least one field"),
        ({"fields": ["a"]}, "field 1 has no name"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "stands twice"),
        ({"fields": [{"name": "a", "type": "money"}]}, "'money' is none of"),
        ({"fields": [{"name": "a", "constraints": {"pattern": "("}}]}, "no regular expression"),
        ({"fields": [{"name": "a", "constraints": {"minLength": -1}}]}, "at least 0"),
        ({"fields": [{"name": "a", "constraints": []}]}, "must be an object"),
        ({"fields": [{"name": "a"}], "primaryKey": "b"}, "primaryKey names 'b'"),
        ({"fields": [{"name": "a"}], "foreignKeys": [{}]}, "foreign key needs"),
        ({"fields": [{"name": ["a"]}]}, "field 1 has no name"),
        ({"fields": [{"name": "a", "title": 3}]}, "title must be a text"),
        ({"fields": [{"name": "a"}], "primaryKey": 5}, "primaryKey must name fields"),
        ({"fields": [{"name": "a"}], "uniqueKeys": [[["a"]]]}, "uniqueKeys must name fields"),
        ({"fields": [{"name": "a"}], "uniqueKeys": 1}, "uniqueKeys must be a list"),
        ({"fields": [{"name": "a"}], "foreignKeys": ["a"]}, "foreign key needs"),
        ({"fields": [{"name": "a"}], "missingValues": [1]}, "missingValues must be"),
        ({"fields": [{"name": "a", "type": ["x"]}]}, "is none of"),
        ({"fields": [{"name": "a", "constraints": {"minimum": [1]}}]}, "minimum must be"),
    ],
)
def test_a_wrong_schema_is_told_every_problem(descriptor, problem):
    with pytest.raises(InvalidSchema) as refusal:
        TableSchema.from_descriptor(descriptor)
    assert any(problem in text for text in refusal.value.problems)


# ---------------------------------------------------------------- numbers
def test_a_key_that_changes_breaks():
    old = TableState({"fields": [{"name": "a"}], "primaryKey": ["a"]}, ["1"])
    new = TableState({"fields": [{"name": "a"}]}, ["1"])
    assert propose("1.4.2", {"t": old}, {"t": new}).number == "2.0.0"
    assert propose("1.4.2", {"t": old}, {"t": old, "u": new}).number == "1.5.0"
    assert propose("1.4.2", {"t": old}, {}).reasons == (("table-removed", "t"),)
    assert propose("1.4.2", {"t": old}, {"t": old}).number == "1.4.3"


# ---------------------------------------------------------------- logs
def test_no_secret_reaches_a_log_line():
    record = logging.LogRecord(
        "x", logging.INFO, "f", 1, "GET %s by %s", ("/a?token=cfd_abcdefghijkl&x=1", "cfd_0123456789"), None
    )
    assert ScrubTokens().filter(record)
    line = record.getMessage()
    assert "abcdefghijkl" not in line
    assert "0123456789" not in line
    assert "x=1" in line


def test_a_description_in_plain_words_is_text_and_no_html():
    """Whoever shows it escapes it: escaped before, a list would show “&amp;” and a harvester get it."""
    assert markdown.plain("Fish & *chips*, 1 < 2\n\n- “<b>so</b>”") == "Fish & chips, 1 < 2 “<b>so</b>”"
