"""A cell that has answered is there for the same asker's next question over the same files, and for no other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import duckdb
import psutil
import pytest
from django.conf import settings as site

from catalog import storage
from catalog.querying import parked
from catalog.querying.asking import Asking, QueryRefused, QueryTooLarge, TableFiles
from catalog.querying.messages import Question
from catalog.transport.object_cache import CachedObject

pytestmark = pytest.mark.usefixtures("no_cells")

Table = Callable[[int], CachedObject]


@pytest.fixture(scope="module")
def table(bucket: None, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A stored table of one column ``x`` with the numbers below one."""

    def stored(rows: int) -> CachedObject:
        path = tmp_path_factory.mktemp("tables") / "part.parquet"
        duckdb.sql(f"SELECT range AS x FROM range({rows})").write_parquet(str(path))
        name = sha256(path.read_bytes()).hexdigest()
        storage.put_file(f"parked/{name}", path, content_type="application/octet-stream")
        return CachedObject(f"parked/{name}", name, path.stat().st_size)

    return stored


def ask(tenant: str, sql: str, *objects: CachedObject, name: str = "t") -> tuple[bytes, int]:
    """The answer, and the cell that gave it: the process that sees the table's file by its folder."""
    with Asking(tenant=tenant) as asking:
        tables = [TableFiles(name=name, objects=objects)] if objects else []
        found = b"".join(asking.answer(Question(sql=sql, format="csv"), tables))
        seat = asking._require_seat()
        [pid] = [item.pid for item in psutil.process_iter(["cwd"]) if item.info["cwd"] == str(seat.folder / "tmp")]
        return found, pid


def ends(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_the_same_asker_is_answered_by_the_same_cell(table: Table) -> None:
    small = table(3)
    first = ask("user 1", "SELECT sum(x) AS s FROM t", small)
    second = ask("user 1", "SELECT count(*) AS n FROM t", small)
    assert (first[0], second[0]) == (b"s\r\n3\r\n", b"n\r\n3\r\n")
    assert first[1] == second[1]


def test_another_asker_and_one_of_whom_nothing_is_known_are_not(table: Table) -> None:
    small = table(3)
    cells = {ask(tenant, "SELECT 1 AS a FROM t", small)[1] for tenant in ("user 1", "user 2", "", "", "user 1")}
    assert len(cells) == 4


def test_other_files_are_read_by_another_cell(table: Table) -> None:
    three, four = table(3), table(4)
    _, first = ask("user 1", "SELECT count(*) AS n FROM t", three)
    found, second = ask("user 1", "SELECT count(*) AS n FROM t", four)
    assert found == b"n\r\n4\r\n"
    assert first != second
    assert ends(first)


def test_a_table_has_only_the_name_that_the_question_gives_it(table: Table) -> None:
    small = table(3)
    ask("user 1", "SELECT count(*) AS n FROM first", small, name="first")
    assert ask("user 1", "SELECT count(*) AS n FROM second", small, name="second")[0] == b"n\r\n3\r\n"
    with pytest.raises(QueryRefused, match="first"):
        ask("user 1", "SELECT * FROM first", small, name="second")


def test_what_was_read_for_one_question_is_not_written_for_the_next(table: Table) -> None:
    small = table(3)
    for number in range(3):
        with Asking(tenant="user 1") as asking:
            assert asking.read(f"SELECT x + {number} AS y FROM t LIMIT 1").tables == ("t",)
            text = asking.write({"t": "t"})
            question = Question(sql=text, format="csv")
            assert b"".join(asking.answer(question, [TableFiles(name="t", objects=[small])])) == b"y\r\n%d\r\n" % number


def test_a_cell_whose_question_failed_is_not_asked_again(table: Table) -> None:
    small = table(3)
    with Asking(tenant="user 1") as asking:
        folder = asking._require_seat().folder
        with pytest.raises(QueryRefused):
            list(
                asking.answer(
                    Question(sql="SELECT nothing FROM t", format="csv"), [TableFiles(name="t", objects=[small])]
                )
            )
    assert not folder.exists()


def test_one_that_was_left_in_the_middle_is_not_asked_again(table: Table) -> None:
    large = table(2_000_000)
    with Asking(tenant="user 1") as asking:
        folder = asking._require_seat().folder
        next(iter(asking.answer(Question(sql="FROM t", format="csv"), [TableFiles(name="t", objects=[large])])))
    assert not folder.exists()


def test_one_that_took_much_memory_ends(table: Table) -> None:
    found, pid = ask(
        "user 1", "SELECT length(string_agg(x::VARCHAR, ' ' ORDER BY x DESC)) AS n FROM t", table(6_000_000)
    )
    assert int(found.split()[1]) > 40_000_000
    assert ends(pid)


def test_each_question_has_its_own_time(table: Table) -> None:
    small = table(3)
    _, pid = ask("user 1", "SELECT 1 AS a FROM t", small)
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b, t"
    with pytest.raises(QueryTooLarge, match="longer than 1 seconds"), Asking(tenant="user 1", seconds=1) as asking:
        list(asking.answer(Question(sql=endless, format="csv"), [TableFiles(name="t", objects=[small])]))
    assert ends(pid)


def test_one_that_died_meanwhile_is_passed_over(table: Table) -> None:
    small = table(3)
    _, pid = ask("user 1", "SELECT 1 AS a FROM t", small)
    psutil.Process(pid).kill()
    assert ends(pid)
    found, other = ask("user 1", "SELECT 1 AS a FROM t LIMIT 1", small)
    assert found == b"a\r\n1\r\n"
    assert other != pid


def test_it_waits_for_a_while_and_not_for_ever(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "KEPT_SECONDS", 0.3)
    _, pid = ask("user 1", "SELECT 1 AS a FROM t", table(3))
    assert psutil.pid_exists(pid)
    assert ends(pid)
    assert not list(Path(site.VAR_DIR, "querying", "seats").glob(f"{os.getpid()}-*/in/0-0.parquet"))


def test_few_are_kept_and_the_oldest_goes_first(table: Table) -> None:
    small = table(3)
    cells = [ask(f"user {number}", "SELECT 1 AS a FROM t", small)[1] for number in range(site.QUERY_KEPT + 1)]
    assert ends(cells[0])
    assert all(psutil.pid_exists(pid) for pid in cells[1:])
