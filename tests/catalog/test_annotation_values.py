"""Agreement against worked examples from the literature; values against the types and constraints of columns."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.agreement import Ratings, agreement, alpha, kappa, percent
from catalog.rows.cell_values import ValueRefused, cell_value
from catalog.rows.query import Family
from catalog.table_schema import Field, InvalidSchema, TableSchema


def table(**people: str) -> Ratings:
    """Each person's labels in the order of the things, a dot where there is none."""
    columns = {person: labels.split() for person, labels in people.items()}
    size = len(next(iter(columns.values())))
    return {
        str(place): {person: labels[place] for person, labels in columns.items() if labels[place] != "."}
        for place in range(size)
    }


# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A, B and C.
BINARY = table(jon="0 1 0 0 0 0 0 0 1 0", han="1 1 1 0 0 1 0 0 0 0")
NOMINAL = table(ben="a a b b d c c c e d d a", gerry="b a b b b c c c e d d d")
MISSING = table(
    a="1 2 3 3 2 1 4 1 2 . . .",
    b="1 2 3 3 2 2 4 1 2 5 . 3",
    c=". 3 3 3 2 3 4 2 2 5 1 .",
    d="1 2 3 3 2 4 4 1 2 5 1 .",
)
# Wikipedia, Krippendorff's alpha, "A computational example" (Hayes and Krippendorff's three observers).
THREE = table(
    a=". . . . . 3 4 1 2 1 1 3 3 . 3",
    b="1 . 2 1 3 3 4 3 . . . . . . .",
    c=". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
)


@pytest.mark.parametrize(("ratings", "expected"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743), (THREE, 0.691)])
def test_alpha_is_the_published_one(ratings: Ratings, expected: float) -> None:
    assert alpha(ratings) == pytest.approx(expected, abs=0.0006)


def two_by_two(both: int, first: int, second: int, neither: int) -> Ratings:
    pairs = [("yes", "yes")] * both + [("yes", "no")] * first + [("no", "yes")] * second + [("no", "no")] * neither
    return {str(place): {"a": a, "b": b} for place, (a, b) in enumerate(pairs)}


@pytest.mark.parametrize(
    ("counts", "expected", "agreeing"),
    # Wikipedia, Cohen's kappa: the simple example, and "same percentages but different numbers".
    [((20, 5, 10, 15), 0.4, 70), ((45, 15, 25, 15), 0.1304, 60), ((25, 35, 5, 35), 0.2593, 60)],
)
def test_kappa_is_the_published_one(counts: tuple[int, int, int, int], expected: float, agreeing: float) -> None:
    ratings = two_by_two(*counts)
    assert kappa(ratings, "a", "b") == pytest.approx(expected, abs=0.0001)
    assert percent(ratings) == pytest.approx(agreeing)


def test_the_figures_together() -> None:
    found = agreement(MISSING)
    assert (found.people, found.things, found.shared, found.ratings) == (("a", "b", "c", "d"), 12, 11, 41)
    assert found.kappa is None
    assert found.values[0] == ("2", 13)
    # Counted by hand, thing by thing: 3 of 3, 3 of 6, 6, 6, 6, 0, 6, 3, 6 of 6 each, 3 of 3, 1 of 1.
    assert found.percent == pytest.approx(100 * 43 / 55)


@pytest.mark.parametrize("ratings", [{}, {"1": {"a": "x"}}, {"1": {"a": "x", "b": "x"}}])
def test_what_could_not_have_differed_says_nothing(ratings: Ratings) -> None:
    assert agreement(ratings).alpha is None
    assert agreement(ratings).kappa is None


def test_full_agreement_and_opposite() -> None:
    assert alpha(table(a="x y", b="x y")) == 1
    assert alpha(table(a="x y", b="y x")) == pytest.approx(-0.5)


# ---------------------------------------------------------------- values
@pytest.mark.parametrize(
    ("family", "arrow", "given", "expected"),
    [
        ("integer", "int16", "12", 12),
        ("integer", "", 3.0, 3),
        ("float", "", "1e3", 1000.0),
        ("decimal", "decimal128(10, 2)", "1.5", "1.50"),
        ("decimal", "decimal128(38, 10)", "1234567890123456789012345678.5", "1234567890123456789012345678.5000000000"),
        ("decimal", "decimal128(5, 0)", "-12.0", "-12"),
        ("text", "", " a ", " a "),
        ("text", "", 7, "7"),
        ("bool", "", "TRUE", True),
        ("bool", "", False, False),
        ("date", "", "2024-02-29", "2024-02-29"),
        ("timestamp", "", "2024-01-01 10:00", "2024-01-01T10:00:00"),
        ("timestamp", "", "2024-01-01T10:00:00.500", "2024-01-01T10:00:00.5"),
        ("instant", "", "2024-01-01T10:00+02:00", "2024-01-01T08:00:00Z"),
        ("time", "", "10:42", "10:42:00"),
        ("integer", "", None, None),
    ],
)
def test_a_value_is_read_as_the_cell_would_be(family: Family, arrow: str, given: Any, expected: Any) -> None:
    found = cell_value(given, field=Field("x", arrow=arrow), family=family)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("family", "arrow", "given", "words"),
    [
        ("integer", "int8", "200", "from -128 to 127"),
        ("integer", "uint8", "-1", "from 0 to 255"),
        ("integer", "", "1.5", "no whole number"),
        ("integer", "", "1e999999", "no whole number"),
        ("integer", "", "nan", "no whole number"),
        ("float", "", "inf", "no number"),
        ("decimal", "decimal128(4, 2)", "123", "2 digits and 2 after"),
        ("decimal", "decimal128(4, 2)", "1.234", "2 digits and 2 after"),
        ("decimal", "", "1,5", "no number"),
        ("text", "", "a\0", "can't be kept"),
        ("text", "", "\ud800", "can't be kept"),
        ("text", "", "x" * 10_001, "10,000 characters"),
        ("bool", "", "yes", "no truth value"),
        ("date", "", "2024-02-30", "no date"),
        ("timestamp", "", "2024-01-01T10:00Z", "time without a zone"),
        ("instant", "", "2024-01-01T10:00", "time with a zone"),
        ("nested", "", "[1]", "can't be corrected here"),
        ("text", "", ["a"], "not a list or an object"),
    ],
)
def test_a_value_of_another_type_is_refused_in_a_sentence(family: Family, arrow: str, given: Any, words: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        cell_value(given, field=Field("x", arrow=arrow), family=family)
    assert words in refused.value.fields["value"][0]


@pytest.mark.parametrize(
    ("family", "constraints", "good", "bad"),
    [
        ("integer", {"minimum": 0, "maximum": 10}, ["0", "10"], ["-1", "11"]),
        ("decimal", {"maximum": 0.1}, ["0.1"], ["0.11"]),
        ("date", {"minimum": "2024-01-01"}, ["2024-01-01"], ["2023-12-31"]),
        ("timestamp", {"maximum": "2024-01-01T00:00:00Z"}, ["2024-01-01T00:00"], ["2024-01-01T00:01"]),
        ("text", {"minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
        ("text", {"pattern": "[a-z]+[0-9]"}, ["ab1"], ["1ab1", "ab12"]),
        # Only Python knows a lookahead: the check of the version says what it says.
        ("text", {"pattern": "(?=a).*"}, ["b"], []),
        ("text", {"enum": ["a", "b"]}, ["a"], ["c"]),
        ("integer", {"enum": [1, 2]}, ["1"], ["3"]),
        ("text", {"required": True}, ["a"], [None]),
    ],
)
def test_a_value_keeps_the_constraints(family: Family, constraints: dict, good: list, bad: list) -> None:
    field = Field.from_descriptor({"name": "x", "constraints": constraints})
    for value in good:
        cell_value(value, field=field, family=family)
    for value in bad:
        with pytest.raises(ValueRefused):
            cell_value(value, field=field, family=family)


def test_codes_and_limits_are_kept_by_the_schema() -> None:
    field = {
        "name": "sex",
        "type": "integer",
        "categories": [{"value": 1, "label": "male"}, {"value": 2, "label": "female"}],
        "limits": "Not asked before 2019.",
    }
    [read] = TableSchema.from_descriptor({"fields": [field]}).fields
    assert read.to_descriptor() == field
    plain = Field.from_descriptor({"name": "x", "categories": ["a", {"value": "b"}]})
    assert plain.categories == (("a", "a"), ("b", "b"))


@pytest.mark.parametrize("categories", ["a", [{"label": "x"}], [["a"]]])
def test_codes_that_are_none_are_refused(categories: Any) -> None:
    with pytest.raises(InvalidSchema, match="categories"):
        TableSchema.from_descriptor({"fields": [{"name": "x", "categories": categories}]})
