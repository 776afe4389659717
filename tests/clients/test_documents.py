"""pooch, mlcroissant and frictionless, each by the document that it reads; pandas by signed addresses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.environment import drive
from tests.clients.harbour import CASES, GUIDE, Case, Harbour, expected_cells

pytestmark = [pytest.mark.clients, pytest.mark.slow]
CLIENTS = ("pooch", "signed URLs", "Croissant 1.0", "Croissant 1.1")


@pytest.fixture(scope="module")
def answers(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = drive("documents_client", harbour.given, home=tmp_path_factory.mktemp("documents"))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("client", CLIENTS)
def test_each_gets_the_rows_or_the_reason(
    answers: dict[str, Any], case_table: dict[tuple[str, str], str], client: str, case: Case
) -> None:
    found = answers["cases"][client][case.name]
    if case.rows:
        assert found.get("value") == expected_cells(case.rows), found
    else:
        assert found.get("status") == case.status, found
    case_table[client, case.name] = f"{case.rows} rows" if case.rows else str(case.status)


def test_pooch_has_the_originals_too(answers: dict[str, Any]) -> None:
    assert answers["original"]["value"] == 200


def test_pooch_has_the_documents_too(answers: dict[str, Any]) -> None:
    assert answers["document"]["value"] == [f"documents/{GUIDE}", "%PDF-1.7"]


@pytest.mark.parametrize("spec", ["1.0", "1.1"])
def test_croissant_tells_every_type_but_objects(answers: dict[str, Any], spec: str) -> None:
    found = answers["zoo"][spec]["value"]
    assert found["row"]["animals/word"] == "n°1"
    assert found["row"]["animals/instant"] == "2024-03-31 02:59:59.123456+00:00"
    assert found["row"]["animals/grid"] in {"[[1], [1, 1]]", "[[np.int64(1)], [np.int64(1), np.int64(1)]]"}
    assert found["types"]["animals/int8"] == ("Integer" if spec == "1.0" else "Int8")
    assert not {"animals/thing", "animals/things"} & set(found["types"])


@pytest.mark.parametrize("spec", ["1", "2"])
def test_a_data_package_is_valid_beside_its_files(answers: dict[str, Any], spec: str) -> None:
    found = answers["tides"][spec]["value"]
    assert found["errors"] == []
    assert found["rows"] == {"stations": 3, "levels": 200}


@pytest.mark.parametrize("spec", ["1", "2"])
def test_a_data_package_has_the_types_of_the_values(answers: dict[str, Any], spec: str) -> None:
    found = answers["package"][spec]["value"]
    assert found["types"]["money"] == "number"
    assert found["types"]["local_time"] == "datetime"
    assert found["types"]["words"] == "any"
    assert found["types"]["thing"] == "object"
    # frictionless reads Parquet by pandas, where a whole number that is missing is NaN; nothing else is wrong.
    assert {(kind, column) for kind, column, _ in found["errors"]} == {("type-error", "int8")}


@pytest.mark.parametrize("spec", ["1", "2"])
def test_a_table_of_several_files_names_them_all(answers: dict[str, Any], spec: str) -> None:
    found = answers["remote"][spec]["value"]
    assert [path.rpartition("/")[2] for path in found["levels"]] == ["0.parquet", "1.parquet"]


@pytest.mark.parametrize("key", ["pooch", "croissant"])
def test_the_lines_of_the_page_work_as_they_stand(answers: dict[str, Any], key: str) -> None:
    assert answers["snippets"][key] == {"tides": {"value": 280}, "tides-granted": {"value": 20}}
