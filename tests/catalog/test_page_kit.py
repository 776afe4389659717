"""The kit of the pages: what numbers, sizes, times and pictures look like, and that foreign input stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from catalog.templatetags import kit, pictures
from catalog.web.table.columns import Column


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3_000_000, "3,000,000"),
        (-1234, "-1,234"),
        (0, "0"),
        (3.0, "3"),
        (4201.754386, "4,201.75"),
        (0.816497, "0.816497"),
        (0.00001234, "1.234e-05"),
        (1e21, "1e+21"),
        (float("nan"), "nan"),
        (True, "True"),
        ("text", "text"),
        (None, ""),
    ],
)
def test_num(value: object, text: str) -> None:
    assert kit.num(value) == text


def test_numbers_group_by_three_in_chinese_too() -> None:
    with translation.override("zh-hans"):
        assert kit.num(3_000_000) == "3,000,000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (47_049_321, "47.0 MB"),
        (153_000, "153 kB"),
        (999_499, "999 kB"),
        (999_999, "1.0 MB"),
        (6_800_000_000, "6.8 GB"),
        (5 * 10**18, "5,000 PB"),
        (None, ""),
    ],
)
def test_size(value: object, text: str) -> None:
    assert kit.size(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 %"), (1, "100 %"), (0.00001, "< 0.1 %"), (0.99999, "> 99.9 %"), (0.0581, "5.8 %"), (0.5, "50 %")],
)
def test_percent_never_says_none_or_all_of_what_is_neither(value: object, text: str) -> None:
    assert kit.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("", '""'),
        (2009, "2009"),
        (4050.0, "4050"),
        (0.1, "0.1"),
        ({"a": 1, "b": None}, "a: 1, b: null"),
        ([1, "x"], "1, x"),
    ],
)
def test_values_are_shown_as_written(value: object, text: str) -> None:
    assert kit.shown(value) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1, seconds=5), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
    ],
)
def test_since_within_a_week(ago: timedelta, text: str) -> None:
    at = timezone.now() - ago
    html = kit.since(at)
    assert f">{text}</time>" in html
    assert at.isoformat() in html


def test_since_after_a_week_is_the_date_with_the_exact_time_in_the_title() -> None:
    html = kit.since(datetime(2026, 11, 3, 10, 42, tzinfo=UTC))
    assert 'title="3 Nov 2026 10:42 UTC"' in html
    with translation.override("zh-hans"):
        assert kit.day(datetime(2026, 11, 3, 10, 42, tzinfo=UTC)) == "2026年11月3日"


def column(name: str = "a", kind: str = "num", count: int = 90, nulls: int = 10, **profile: Any) -> Column:
    return Column(name=name, type="any", kind=kind, profile={"count": count, "nulls": nulls, **profile})


def parsed(svg: str) -> ET.Element:
    """The picture as a tree; it fails where a name has broken out of its place."""
    return ET.fromstring(svg)  # noqa: S314 -- our own output.


def rects(svg: str) -> list[dict[str, str]]:
    return [item.attrib for item in parsed(svg).iter() if item.tag.endswith("rect")]


def test_strip_is_one_image_with_a_bar_a_column_hollow_by_what_is_missing() -> None:
    svg = kit.strip([column(), column("b", "text", nulls=0), column("c", "bool", count=0, nulls=5)])
    assert 'role="img"' in svg
    assert 'aria-label="3 columns: 1 number, 1 text, 1 true/false"' in svg
    assert [(item["class"], item["height"]) for item in rects(svg)] == [
        ("k-miss", "28"),
        ("k-num", "25.2"),
        ("k-text", "28"),
        ("k-miss", "28"),  # Nothing is there: no solid part.
    ]


def test_strip_of_four_hundred_columns_is_no_wider_than_one_of_sixty_four() -> None:
    wide, full = (parsed(kit.strip([column()] * count)) for count in (400, 64))
    assert abs(float(wide.attrib["width"]) - float(full.attrib["width"])) < 5


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "</title><b>", "\U00013000 \u202eabc", "x" * 300])
def test_hostile_column_names_stay_text(name: str) -> None:
    evil = column(name, "cat", top=[{"value": name, "count": 3}])
    for svg in (kit.strip([evil]), kit.hist(evil)):
        assert "<script" not in svg
        assert "<b>" not in svg
        parsed(svg)  # It is well-formed, so nothing broke out.
    assert name in "".join(parsed(kit.strip([evil])).itertext())


def test_hist_draws_each_kind_and_nothing_where_nothing_is_known() -> None:
    numbers = column(histogram={"edges": [0, 1, 2], "counts": [5, 10]})
    assert [item["height"] for item in rects(kit.hist(numbers))] == ["19", "38"]
    assert len(rects(kit.hist(column(kind="bool", true_count=3)))) == 2
    assert kit.hist(column(kind="text", top=[{"value": "a", "count": 1}])) == ""
    assert kit.hist(column()) == ""


def test_a_bin_with_one_value_in_a_million_is_still_seen() -> None:
    svg = kit.hist(column(histogram={"edges": [0, 1, 2], "counts": [1, 1_000_000]}))
    assert rects(svg)[0]["height"] == "0.8"


def test_trend_marks_the_present_version() -> None:
    points = [pictures.TrendPoint("1.0.0", 5, 1, 0), pictures.TrendPoint("<2>", 5, 0, 1, is_current=True)]
    svg = kit.trend(points)
    assert [item["class"] for item in rects(svg)] == ["ok", "warn", "ok", "bad"]
    assert '<text class="now"' in svg
    assert "&lt;2&gt;" in svg


def test_scores_are_joined_where_versions_that_follow_have_one() -> None:
    scores = [100, 50, None, 0]
    points = [pictures.TrendPoint(str(n), 1, 0, 0, score=score) for n, score in enumerate(scores)]
    svg = kit.trend(points)
    assert re.findall(r'<circle class="score" cx="[^"]+" cy="([^"]+)"', svg) == ["18", "68", "118"]
    assert svg.count('<line class="score"') == 1


def test_two_distributions_are_drawn_to_one_height() -> None:
    svg = kit.both_distributions((0.5, 0.5, 0), (0, 0.25, 0.75), "<both>")
    assert [item["height"] for item in rects(svg)] == ["25.33", "25.33"]
    assert 'points="0,40 0,40 53.33,40 53.33,27.33 106.67,27.33 106.67,2 160,2 160,40"' in svg
    assert 'aria-label="&lt;both&gt;"' in svg
    assert kit.both_distributions((0.0,), (0.0,), "none") == ""


def test_links_keep_the_rest_of_the_address_and_begin_at_the_first_page() -> None:
    request = RequestFactory().get("/x/?q=a%26b&access=public&access=private&page=3")
    made = Template('{% url_with sort="title" %}|{% url_without "access" "public" %}|{% url_with page=2 %}').render(
        Context({"request": request})
    )
    sort, without, page = made.replace("&amp;", "&").split("|")
    assert sort == "?q=a%26b&access=public&access=private&sort=title"
    assert without == "?q=a%26b&access=private"
    assert page == "?q=a%26b&access=public&access=private&page=2"


def test_an_unknown_icon_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        kit.icon("unicorn")
