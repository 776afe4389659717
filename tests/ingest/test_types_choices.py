"""A plan written down as recipe steps is the plan that they are read back into; an answer is a few such steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns.cast import Caster
from ingest.columns.choices import StepNotKnownError, answered, apply_steps, blank, decided, steps_of
from ingest.columns.evidence import Sample
from ingest.columns.infer import plan_single
from ingest.columns.plan import DECIMAL_DIGITS, ColumnPlan, Kind, Remark
from ingest.columns.questions import OPTIONS, Question
from ingest.limits import Limits
from ingest.writings.booleans import BooleanWords, words_for
from ingest.writings.date_reading import read_dates
from ingest.writings.dates import FAMILIES, swapped
from ingest.writings.numbers import NumberFormat
from ingest.writings.shapes import Shape

LIMITS = Limits()
FORMATS = [
    replace(item, pivot=pivot) if item.year_digits == 2 else item
    for pivot in (0, 69, 100)
    for item in dict.fromkeys([*FAMILIES, *map(swapped, FAMILIES)])
]
NUMBERS = st.builds(
    NumberFormat,
    thousands=st.sampled_from(["", ",", ".", " ", "'"]),
    decimal=st.sampled_from([".", ","]),
    prefix=st.sampled_from(["", "$", "EUR"]),
    suffix=st.sampled_from(["", "%", "kg", "€"]),
    indian=st.booleans(),
)
WORDS = [pair for pair in map(words_for, (["yes", "no"], ["ja", "nein"], ["да", "нет"], ["t", "f"])) if pair]


@st.composite
def plans(draw: st.DrawFn) -> ColumnPlan:
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    plan = ColumnPlan(
        "x",
        "X",
        kind=kind,
        missing=tuple(draw(st.lists(st.text(min_size=1, max_size=4), max_size=3, unique=True))),
        trim=draw(st.booleans()),
        digits=draw(st.booleans()),
        chosen=draw(st.booleans()),
        position=draw(st.none() | st.integers(0, 9)),
        remarks=(Remark("types-mixed"),),
        watch="order",
    )
    if kind in {"integer", "number", "decimal"}:
        plan = replace(plan, number=draw(st.none() | NUMBERS))
    if kind == "decimal":
        plan = replace(plan, scale=draw(st.integers(0, DECIMAL_DIGITS)))
    if kind == "number":
        plan = replace(plan, rounded=draw(st.booleans()))
    if kind in {"date", "datetime"}:
        pivot = draw(st.sampled_from([0, 69, 100]))
        formats = draw(st.lists(st.sampled_from(FORMATS), max_size=4))
        same = [replace(item, pivot=pivot) if item.year_digits == 2 else item for item in formats]
        plan = replace(plan, dates=tuple(dict.fromkeys(same)))
    if kind == "boolean":
        plan = replace(plan, words=draw(st.sampled_from(WORDS)))
    return plan


@given(plan=plans())
def test_steps_give_the_plan_back(plan: ColumnPlan) -> None:
    steps = json.loads(json.dumps(steps_of(plan)))
    assert apply_steps(blank(plan), steps) == decided(plan)
    assert steps_of(apply_steps(blank(plan), steps)) == steps_of(plan)


def test_every_date_format_has_a_name_of_its_own() -> None:
    families = {replace(item, pivot=69) for item in FORMATS}
    assert len({item.name for item in families}) == len(families)


@pytest.mark.parametrize(
    "step",
    [
        {"step": "no-such-step", "column": "x"},
        {"step": "cast", "column": "x", "type": "colour"},
        {"step": "cast", "column": "x"},
        {"step": "cast", "column": "x", "type": "decimal", "scale": "many"},
        {"step": "read-written-dates", "column": "x", "formats": ["%Q"]},
        {"step": "read-written-dates", "column": "x", "formats": ["%d/%m/%y"]},
        {"step": "read-as-missing", "column": "x"},
        {"step": "read-truth-words", "column": "x", "true": ["yes"]},
    ],
    ids=lambda step: " ".join(map(str, step.values())),
)
def test_a_step_that_cannot_be_followed_says_so(step: dict[str, Any]) -> None:
    with pytest.raises(StepNotKnownError):
        apply_steps(ColumnPlan("x", "X"), [step])


def test_steps_of_other_columns_are_passed_over() -> None:
    assert apply_steps(ColumnPlan("x", "X"), [{"step": "cast", "column": "y", "type": "date"}]) == ColumnPlan("x", "X")


# ------------------------------------------------------------------------------------------------ questions

DOUBTS: list[tuple[list[str], str, dict[str, list[Any]]]] = [
    (
        ["01/02/2024", "03/04/2024"],
        "date-order-doubtful",
        {"day-first": ["2024-02-01", "2024-04-03"], "month-first": ["2024-01-02", "2024-03-04"]},
    ),
    (
        ["01/02/2024 10:00"],
        "date-order-doubtful",
        {"day-first": ["2024-02-01 10:00:00"], "month-first": ["2024-01-02 10:00:00"]},
    ),
    (
        ["31/12/24", "1/1/70"],
        "century-doubtful",
        {
            "years-posix": ["2024-12-31", "1970-01-01"],
            "years-1900": ["1924-12-31", "1970-01-01"],
            "years-2000": ["2024-12-31", "2070-01-01"],
        },
    ),
    (["1,234", "5,678"], "number-format-doubtful", {"decimal-point": [1234, 5678], "decimal-comma": [1.234, 5.678]}),
    (["5 kg", "3 g"], "units-mixed", {"with-unit": [5.0, None]}),
    (["9:30", " 10:15"], "time-doubtful", {"time-of-day": ["09:30:00", "10:15:00"]}),
    (["01/02/2024", "k.A."], "date-order-doubtful", {"day-first": ["2024-02-01", "None"]}),
    (["9" * 39, "1"], "number-not-exact", {"round-to-float": [1e39, 1.0]}),
    (
        ["5", "7", "-999"],
        "missing-value-doubtful",
        {"keep-values": [5, 7, -999], "read-as-missing": [5, 7, None]},
    ),
]


def cast(cells: Sequence[str], plan: ColumnPlan) -> list[Any]:
    caster = Caster(plan, LIMITS)
    values: list[Any] = caster.cast(pa.array(cells, pa.string())).values.to_pylist()
    caster.finish()
    assert caster.demand is None
    return values


@pytest.mark.parametrize(("cells", "code", "answers"), DOUBTS, ids=[f"{code} {cells[0]}" for cells, code, _ in DOUBTS])
def test_a_doubt_is_a_question_and_an_answer_settles_it(
    cells: list[str], code: str, answers: dict[str, list[Any]]
) -> None:
    plan = plan_single(ColumnPlan("x", "X"), Sample(dict.fromkeys(cells, 1), whole=True), LIMITS)
    assert [remark.code for remark in plan.remarks] == [code]
    assert plan.question is not None
    question = Question.from_json(json.loads(json.dumps(plan.question.to_json())))
    assert question == plan.question
    assert question.code == code
    assert set(answers) <= {item.code for item in question.options}
    if plan.kind == "string":
        assert cast(cells, plan) == cells
        assert question.options[0].code == "keep-text"
    for name, values in answers.items():
        settled = answered(plan, question.option(name).steps)
        assert settled.settled
        found = cast(cells, settled)
        assert [str(value) if isinstance(values[0], str) else value for value in found] == values
        # What was answered is written down and replayed as it was answered.
        assert apply_steps(blank(settled), steps_of(settled)) == decided(settled)


EQUAL = [f"0{n}/0{n}/{year}" for year in range(1900, 2024) for n in range(1, 10)]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["01/01/2024", "02/02/2024", "03/02/2024", "04/02/2024"], "03/02/2024"),
        (["01.01.2024", "05/05/2024", "05/06/2024"], "05/06/2024"),
        ([*EQUAL, "11/02/2020"], "11/02/2020"),
        (["01/01/2024", "02/02/2024"], "01/01/2024"),
        (["01/01/2024 10:00", "02/01/2024 10:00"], "02/01/2024 10:00"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_the_order_of_dates_is_asked_about_by_a_value_whose_readings_differ(cells: list[str], shown: str) -> None:
    plan = plan_single(ColumnPlan("x", "X"), Sample(dict.fromkeys(cells, 1), whole=True), LIMITS)
    assert plan.question is not None
    assert plan.question.value == shown
    first, second = (plan.question.option(code).params["reading"] for code in ("day-first", "month-first"))
    assert (first == second) is (shown == "01/01/2024")
    # With the few values that are kept of a large column, the question is the same.
    assert plan.evidence is not None
    again = read_dates(plan.evidence.condensed().of([Shape.WRITTEN_DATE]))
    assert again is not None
    assert again.doubtful == shown


@pytest.mark.parametrize("code", sorted(OPTIONS))
def test_every_option_has_a_sentence(code: str) -> None:
    found = [
        option
        for cells, *_ in DOUBTS
        if (question := plan_single(ColumnPlan("x", "X"), Sample(dict.fromkeys(cells, 1), True), LIMITS).question)
        for option in question.options
        if option.code == code
    ]
    assert all(option.sentence and "%(" not in option.sentence for option in found)
    # The converter asks the last two itself, when a recipe does not fit.
    assert found or code in {"read-anew", "read-as-before"}


def test_truth_words_need_both_sides() -> None:
    assert words_for(["NO", "NO"]) is None
    assert words_for(["yes", "No", "Y"]) == BooleanWords(("y", "yes"), ("n", "no"))
    assert words_for(["yes", "nein"]) is None
    assert words_for(["true"]) is not None
