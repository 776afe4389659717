"""One file of more than four megabytes whose last rows decide every column: the converter's own sample and passes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.limits import Limits
from tests.ingest.memory_table import convert
from tests.ingest.result import Result
from tests.ingest.test_types_whole_file import USUAL

Ingest = Callable[..., Result]
ROWS = 30_000


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case of the list is a column; the deciding cells stand in the last rows."""
    path = tmp_path_factory.mktemp("big") / "big.csv"
    longest = max(len(last) for _, _, last, _ in USUAL)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["row", *(case[0] for case in USUAL)])
        usual = [case[1] for case in USUAL]
        writer.writerows([f"r{number}", *usual] for number in range(ROWS))
        for place in range(longest):
            cells = [last[place] if place < len(last) else cell for _, cell, last, _ in USUAL]
            writer.writerow([f"s{place}", *cells])
    assert path.stat().st_size > Limits().whole_sample_bytes
    return path


def facts(result: Result) -> dict[str, Any]:
    return {field.name: (field.type, field.arrow, field.unit) for field in result.resource.schema.fields}


def test_a_sample_ends_where_the_whole_file_as_sample_does(ingest: Ingest, big: Path) -> None:
    sampled = ingest(big)
    whole = ingest(big, limits=replace(Limits(), whole_sample_bytes=1 << 40))
    assert facts(sampled) == facts(whole)
    assert sampled.table().equals(whole.table())
    assert sampled.codes == whole.codes


def test_a_late_decimal_mark_is_evidence_for_the_other_columns(tmp_path: Path) -> None:
    grouped = ["1,234"] * 3_000
    other = ["7"] * 2_999
    for last, kind in (("7.25", "int64"), ("7,25", "double")):
        found = [
            [
                field.arrow
                for field in convert(
                    {"a": grouped, "b": [*other, last]}, tmp_path / f"{last}{seen}", seen=seen
                ).schema.fields
            ]
            for seen in (100, None)
        ]
        assert found[0] == found[1]
        assert found[0][0] == kind


def test_a_late_placeholder_is_one_in_the_texts_too(tmp_path: Path) -> None:
    columns = {"n": ["7"] * 2_000 + ["n.a."], "t": ["word"] * 1_999 + ["n.a."] * 2, "c": ["DE"] * 2_000 + ["NA"]}
    ends = [convert(columns, tmp_path / str(seen), seen=seen) for seen in (100, None)]
    counts = [[(group.code, group.column, group.params) for group in end.findings.groups] for end in ends]
    assert counts[0] == counts[1]
    assert ("missing-tokens", "t", {"tokens": "n.a.", "cells": 2}) in counts[0]
    assert not any(column == "c" for _, column, _ in counts[0])
