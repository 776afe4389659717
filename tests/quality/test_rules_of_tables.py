"""A rule of one table alone, in versions that have several; and what is asked in two places, which is asked once."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Dataset, Resource
from catalog.services.publishing.resources import edit_resource
from quality.rules.rule import InvalidRule, Rule
from quality.rules.sentences import sentence, whole_sentence
from quality.services.rules import set_rules
from quality.services.trials import preview_rules, propose_rules
from quality.web.forms.rule import RuleForm
from quality.web.forms.rule_fields import Known
from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import check_draft, push

BIRDS = "id,species\n" + "".join(f"{number},{'ab'[number % 2]}\n" for number in range(1, 31))
SITES = "id,place\n1,x\n2,y\n"
ROWS = {"type": "row_count_between", "min": 30}


def two_tables(cast: Any, *rules: dict[str, Any]) -> Dataset:
    dataset = make_dataset(cast)
    set_rules(actor=cast.owner, dataset=dataset, rules=list(rules))
    dataset.refresh_from_db()
    push(cast.contributor, dataset, BIRDS, resource="birds")
    push(cast.contributor, dataset, SITES, resource="sites")
    check_draft(dataset)
    return dataset


def table(dataset: Dataset, name: str) -> Resource:
    return Resource.objects.select_related("report").get(version__dataset=dataset, name=name)


def said(dataset: Dataset, name: str) -> list[tuple[str, str, str]]:
    """(type, status, obstacle) of the owner's rules that a table was asked."""
    report = table(dataset, name).report
    assert report is not None
    return [
        (item["rule"]["type"], item["status"], item["obstacle"])
        for item in report.outcomes
        if item["rule"]["origin"] == "owner"
    ]


# ---------------------------------------------------------------- of one table
@pytest.mark.django_db(transaction=True)
def test_a_rule_that_names_a_table_is_asked_of_that_table_alone(cast: Any) -> None:
    dataset = two_tables(
        cast, {**ROWS, "table": "birds"}, {"type": "between", "column": "id", "max": 1, "table": "sites"}
    )
    assert said(dataset, "birds") == [("row_count_between", "passed", "")]
    assert said(dataset, "sites") == [("between", "failed", "")]


@pytest.mark.django_db(transaction=True)
def test_a_table_that_there_is_not_never_looks_like_passed(cast: Any) -> None:
    dataset = two_tables(cast, {**ROWS, "table": "brids"}, {"type": "not_null", "column": "gone", "table": "sites"})
    assert said(dataset, "birds") == [("row_count_between", "errored", "other-table")]
    assert said(dataset, "sites") == [
        ("row_count_between", "errored", "other-table"),
        ("not_null", "errored", "column-missing"),
    ]
    [told] = preview_rules(actor=cast.owner, resource=table(dataset, "sites"), rules=[{**ROWS, "table": "birds"}])
    assert (told.status, told.obstacle, told.error) == ("errored", "other-table", "birds")


@pytest.mark.django_db(transaction=True)
def test_what_another_table_has_columns_for_too_is_proposed_of_the_table_alone(cast: Any) -> None:
    dataset = two_tables(cast)
    found = propose_rules(actor=cast.owner, resource=table(dataset, "birds"))
    assert {(item.rule.column, item.rule.table) for item in found} == {("id", "birds"), ("species", "")}
    kept = [item.rule.to_json() for item in found]
    set_rules(actor=cast.owner, dataset=dataset, rules=kept)
    dataset.refresh_from_db()
    resource = table(dataset, "birds")
    resource.version.dataset.refresh_from_db()
    assert propose_rules(actor=cast.owner, resource=resource) == []


def test_the_table_is_part_of_the_question_and_of_the_words() -> None:
    every, one = Rule.from_json(ROWS), Rule.from_json({**ROWS, "table": "birds"})
    assert every.id != one.id
    assert every.question != one.question
    assert Rule.from_json({**ROWS, "table": ""}).id == Rule.from_json({**ROWS, "table": None}).id == every.id
    assert Rule.from_stored(one.to_json()) == one
    assert whole_sentence(one) == f"{sentence(every)} (Of the table birds.)"
    assert (whole_sentence(every), sentence(one)) == (sentence(every), sentence(every))
    with pytest.raises(InvalidRule, match="table must be the name"):
        Rule.from_json({**ROWS, "table": 3})


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (Known({"id": "integer"}, ("birds",)), None),
        (Known({"id": "integer"}, ("birds", "sites")), ["", "birds", "sites"]),
        (Known({"id": "integer"}, is_whole=False), ""),
    ],
    ids=["one table", "two tables", "a rule set"],
)
def test_the_form_asks_for_the_table_where_there_are_several(known: Known, field: Any) -> None:
    sent = {"level": "error", "min": "30", "table": "birds"}
    form = RuleForm(sent, rule_type=Rule.from_json(ROWS).type, known=known)
    assert form.is_valid(), form.errors
    assert form.rule.table == ("" if field is None else "birds")
    if field is not None:
        assert [value for value, _label in getattr(form.fields["table"], "choices", [])] == (field or [])
    old = Rule.from_json({**ROWS, "table": "gone"})
    again = RuleForm(rule_type=old.type, known=known, rule=old)
    assert again["table"].value() == "gone"


# ---------------------------------------------------------------- asked twice
@pytest.mark.django_db(transaction=True)
def test_what_the_schema_asks_is_not_asked_again_by_the_owner(cast: Any) -> None:
    """A steward would have to say a word on each of the two."""
    dataset = two_tables(
        cast,
        {"type": "unique", "column": "species"},
        {"type": "not_null", "column": "species", "mostly": 1, "level": "info"},
        {"type": "not_null", "column": "species", "mostly": 0.5},
        {"type": "columns_match", "columns": ["id", "species"], "table": "birds"},
        {"type": "columns_match", "columns": ["species", "id"], "ordered": True, "table": "birds"},
    )
    resource = table(dataset, "birds")
    schema = {**resource.schema, "primaryKey": ["species"]}
    edit_resource(actor=cast.contributor, resource=resource, schema=schema)
    check_draft(dataset)
    report = table(dataset, "birds").report
    assert report is not None
    asked = [(item["rule"]["type"], item["rule"]["origin"]) for item in report.outcomes]
    assert [kind for kind in asked if kind[0] == "unique"] == [("unique", "schema")]
    assert [kind for kind in asked if kind[0] == "not_null"] == [("not_null", "schema"), ("not_null", "owner")]
    assert [kind for kind in asked if kind[0] == "columns_match"] == [
        ("columns_match", "schema"),
        ("columns_match", "owner"),
    ]
    in_order = Rule.from_stored(next(item["rule"] for item in report.outcomes if item["rule"].get("ordered")))
    assert sentence(in_order) == "The table has exactly these columns, in this order: species, id."
