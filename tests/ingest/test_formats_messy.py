"""Every pollution on every table that the readers were made with: the cells are the clean table's, no option set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ingest.base_tables import TUNED
from tests.ingest.pollution import POLLUTIONS, BaseTable
from tests.ingest.result import Result
from tests.ingest.sameness import difference

# A row of units under a whole header can't be told from a row of data where one column alone is one of figures.
DOUBTFUL = {("header-of-three-rows", "text")}
CASES = [(name, table) for name in POLLUTIONS for table in TUNED if (name, table.name) not in DOUBTFUL]


@pytest.mark.parametrize(("pollution", "table"), CASES, ids=[f"{name}-{table.name}" for name, table in CASES])
def test_a_polluted_table_is_read_as_the_clean_one(
    ingest: Callable[..., Result], pollution: str, table: BaseTable
) -> None:
    case = POLLUTIONS[pollution](table)
    assert case is not None
    result = ingest(case.data, case.filename)
    columns = [column.to_pylist() for column in result.table().columns]
    names = [field.source_name or field.name for field in result.resource.schema.fields]
    rows = [list(row) for row in zip(*columns, strict=True)]
    assert difference(case.header, case.rows, names, rows) == ""


def test_what_is_not_in_the_table_is_on_record(ingest: Callable[..., Result]) -> None:
    found = {name: ingest(POLLUTIONS[name](TUNED[0]).data).codes for name in ("comment-lines", "second-table")}  # type: ignore[union-attr]  # these pollute any table
    assert found == {"comment-lines": {"comment-lines": 2}, "second-table": {"second-table": 4}}


def test_lines_are_the_files_own_behind_comments_and_mended_quotes(ingest: Callable[..., Result]) -> None:
    lines = ["n,word", *(f"{n},w{n}" for n in range(40))]
    lines[6] = '5,"open'
    lines.insert(10, "# a comment")
    lines[30] = "x?,w28"
    result = ingest("\n".join(lines))
    assert [(row["row"], row["line"]) for row in result.findings("cell-not-of-type")] == [(30, 31)]
    assert [row["line"] for row in result.findings("quotes-mended")] == [7]
    assert result.resource.rows == 40
