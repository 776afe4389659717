"""The strict cast: what is a value, what is missing, what is wrong, and when a type was wrong itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from catalog.table_schema import Field
from ingest.columns.cast import Caster
from ingest.columns.evidence import Sample
from ingest.columns.exactness import inexact_integers, inexact_numbers
from ingest.columns.infer import plan_single
from ingest.columns.placeholders import TokenFinder
from ingest.columns.plan import ColumnPlan, Kind
from ingest.limits import Limits
from ingest.writings.dates import DateFormat
from ingest.writings.numbers import NumberFormat

UTC = dt.UTC
LIMITS = Limits()


def plan(kind: Kind, **options: Any) -> ColumnPlan:
    return ColumnPlan("x", "X", kind=kind, **options)


def inferred(*values: str) -> ColumnPlan:
    """The plan of a column of which these values are only a sample."""
    return plan_single(ColumnPlan("x", "X"), Sample(dict.fromkeys(values, 1), whole=False), LIMITS)


def cast(cells: Sequence[str | None], item: ColumnPlan) -> tuple[list[Any], list[int], Caster]:
    caster = Caster(item, LIMITS)
    result = caster.cast(pa.array(cells, pa.string()))
    assert result.values.type == item.arrow
    places = result.faults.places.tolist() if result.faults else []
    if result.faults:
        assert result.faults.texts.to_pylist() == [cells[place] for place in places]
    return result.values.to_pylist(), places, caster


@pytest.mark.parametrize(
    ("kind", "cells", "values", "wrong"),
    [
        ("integer", ["1", "-2", None, "9223372036854775807"], [1, -2, None, 2**63 - 1], []),
        ("integer", ["1", "n.a.", "", "x1", "x1"], [1, None, None, None, None], [3, 4]),
        ("integer", ["0x1F", "1_000", " 1", "+1"], [None] * 4, [0, 1, 2, 3]),
        ("number", ["1.5", "-.18", "1e3", "7", "12."], [1.5, -0.18, 1000.0, 7.0, 12.0], []),
        ("number", ["nan", "inf", "1e400", "1"], [None, None, None, 1.0], [1, 2]),
        ("boolean", ["true", "FALSE", "True", "0", "yes", "-"], [True, False, True, None, None, None], [3, 4]),
        ("date", ["2024-02-29", "2023-02-29", "0001-01-01"], [dt.date(2024, 2, 29), None, dt.date(1, 1, 1)], [1]),
        (
            "datetime",
            ["2024-02-29 10:00", "2024-02-29T10:00:00.25", "2024-02-29T10:00:00Z", "2024-02-30 10:00"],
            [
                dt.datetime.fromisoformat("2024-02-29 10:00"),
                dt.datetime.fromisoformat("2024-02-29 10:00:00.250000"),
                None,
                None,
            ],
            [2, 3],
        ),
        (
            "instant",
            ["2024-02-29T10:00:00+02:00", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00"],
            [dt.datetime(2024, 2, 29, 8, tzinfo=UTC), dt.datetime(2024, 2, 29, 10, tzinfo=UTC), None],
            [2],
        ),
    ],
)
def test_plain_cast(kind: Kind, cells: list[str | None], values: list[Any], wrong: list[int]) -> None:
    found, places, _caster = cast(cells, plan(kind))
    assert found == values
    assert places == wrong


@pytest.mark.parametrize(
    ("item", "cells", "values", "wrong"),
    [
        (plan("integer", number=NumberFormat(",", ".")), ["1,234", "(5)", "12,34"], [1234, -5, None], [2]),
        (
            plan("number", number=NumberFormat(".", ",")),
            ["1.234,5", "0,5", "x", "k.A."],
            [1234.5, 0.5, None, None],
            [2],
        ),
        (plan("number", number=NumberFormat(",", ".", prefix="$")), ["$1,234.50", "7"], [1234.5, None], [1]),
        (
            plan("date", dates=(DateFormat("dmy", "/"),)),
            ["31/12/2020", "12/31/2020"],
            [dt.date(2020, 12, 31), None],
            [1],
        ),
        (plan("date", dates=(DateFormat("dmy", "/"),)), ["30/02/2020", "1/3/2020"], [None, dt.date(2020, 3, 1)], [0]),
        (
            plan("date", dates=(DateFormat("dmy", "/"), DateFormat("compact"))),
            ["31/12/2020", "20201231", "x"],
            [dt.date(2020, 12, 31), dt.date(2020, 12, 31), None],
            [2],
        ),
        (plan("datetime", dates=(DateFormat("mdy", "/"),)), ["1/2/2020 13 PM"], [None], [0]),
        (plan("integer", trim=True), [" 12 ", "\u00a07"], [12, 7], []),
    ],
)
def test_written_cast(item: ColumnPlan, cells: list[str | None], values: list[Any], wrong: list[int]) -> None:
    found, places, _caster = cast(cells, item)
    assert found == values
    assert places == wrong


def test_missing_tokens_are_counted_by_token() -> None:
    _values, _places, caster = cast(["1", "NA", "NA", "-", "", None], plan("integer"))
    assert dict(caster.missing) == {"NA": 2, "-": 1}


def test_text_keeps_its_tokens_but_for_those_of_the_plan() -> None:
    values, places, caster = cast(["NA", "-", "x", ""], plan("string", missing=("NA",)))
    assert values == [None, "-", "x", ""]
    assert places == []
    assert dict(caster.missing) == {"NA": 1}


def test_many_different_faults_take_the_slow_way_to_the_same_end() -> None:
    cells = [str(number) if number % 3 else f"bad {number}" for number in range(3000)]
    values, places, _caster = cast(list(cells), plan("integer"))
    assert places == list(range(0, 3000, 3))
    assert [value for value in values if value is not None] == [n for n in range(3000) if n % 3]


def test_every_batch_is_cast_alike() -> None:
    caster = Caster(plan("date"), LIMITS)
    for _batch in range(3):
        result = caster.cast(pa.array(["2024-01-31", "2024-13-45", "x", "NA"]))
        assert result.faults is not None
        assert result.faults.places.tolist() == [1, 2]
    assert caster.wrong == 6


@pytest.mark.parametrize(
    ("item", "cell", "kind", "code"),
    [
        (plan("integer"), "1.5", "number", None),
        (plan("integer"), "-0", "number", None),
        (plan("integer"), "007", "string", "identifiers-kept-as-text"),
        (plan("integer"), "12345678901234567890", "decimal", None),
        (plan("number"), "0.1234567890123456789", "decimal", None),
        (plan("number"), "01.5", "string", "identifiers-kept-as-text"),
        (plan("date"), "2024-01-01 10:00", "datetime", None),
        (inferred("31.12.2020", "1.2.2020"), "1.2.2020 10:00", "datetime", None),
        (plan("integer", number=NumberFormat(",", ".")), "1,234.5", "number", None),
    ],
)
def test_a_cell_can_prove_the_type_wrong(item: ColumnPlan, cell: str, kind: str, code: str | None) -> None:
    _values, _places, caster = cast([cell], item)
    assert caster.demand is not None
    assert caster.demand.kind == kind
    assert [remark.code for remark in caster.demand.remarks] == ([code] if code else [])


def test_a_declared_type_is_never_given_up() -> None:
    declared = plan("integer", declared=Field("x", "integer"))
    values, places, caster = cast(["1", "1.5", "007", "0x1F", "many", "more", "words"], declared)
    caster.finish()
    assert caster.demand is None
    assert values[:3] == [1, None, 7]
    assert places == [1, 3, 4, 5, 6]


@pytest.mark.parametrize(("bad", "kind"), [(5, None), (6, "string")])
def test_more_than_one_fault_in_twenty_makes_the_column_text(bad: int, kind: str | None) -> None:
    _values, _places, caster = cast(["1"] * (100 - bad) + ["oops"] * bad, plan("integer"))
    assert caster.demand is None
    caster.finish()
    assert (caster.demand.kind if caster.demand else None) == kind


def test_an_open_date_order_is_settled_by_a_later_cell() -> None:
    waiting = inferred("01/02/2020")
    assert waiting.watch == "order"
    caster = Caster(waiting, LIMITS)
    caster.cast(pa.array(["01/02/2020", None]))
    caster.cast(pa.array(["01/31/2020"]))
    caster.finish()
    assert caster.demand is not None
    assert (caster.demand.kind, caster.demand.dates[0].order) == ("date", "mdy")


def test_a_contradicted_date_order_leaves_text() -> None:
    caster = Caster(inferred("01/02/2020"), LIMITS)
    caster.cast(pa.array(["31/01/2020", "01/31/2020"]))
    caster.finish()
    assert caster.demand is None


def test_a_column_that_was_empty_in_the_sample_gets_its_type_at_the_end() -> None:
    caster = Caster(plan("string", watch="empty"), LIMITS)
    caster.cast(pa.array([None, None], pa.string()))
    caster.cast(pa.array(["1.5", "2"]))
    caster.finish()
    assert caster.demand is not None
    assert caster.demand.kind == "number"


@pytest.mark.parametrize("offset", [0, 1])
def test_inexact_integers(offset: int) -> None:
    cells = pa.array(["01", "1", None, "0", "-0", "-7", "-07", "0x1", "10"][offset:])
    mask = inexact_integers(cells)
    assert mask is not None
    assert mask.to_pylist() == [True, False, False, False, True, False, True, True, False][offset:]
    assert inexact_integers(cells.slice(1 - offset, 3)) is None
    assert inexact_integers(pa.array([None, None], pa.string())) is None


def test_inexact_numbers() -> None:
    texts = ["0.5", "00.5", "-0.5", "1e400", "nan", "0.30000000000000004", "123456789012345678.9", "1e5", None]
    cells = pa.array(texts)
    mask = inexact_numbers(cells, cells.cast(pa.float64()))
    assert mask is not None
    assert mask.to_pylist() == [False, True, False, True, True, False, True, False, False]


def test_replacing_a_plan_keeps_its_place() -> None:
    item = replace(plan("integer"), position=3)
    _values, _places, caster = cast(["1.5"], item)
    assert caster.demand is not None
    assert caster.demand.position == 3


@pytest.mark.parametrize("offset", [0, 2])
def test_tokens_are_found_wherever_they_stand(offset: int) -> None:
    cells = ["NA", None, "", "N", "NAN", "–", "a longer token than fifteen bytes", "NA", "漢", "NB"]
    finder = TokenFinder(["NA", "–", "a longer token than fifteen bytes", ""])
    array = pa.array(cells, pa.string()).slice(offset)
    assert [place + offset for place in finder.find(array)] == [place for place in (0, 5, 6, 7) if place >= offset]
    assert len(finder.find(pa.array([None, None], pa.string()))) == 0
    assert len(finder.find(pa.array([], pa.string()))) == 0
