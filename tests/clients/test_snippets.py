"""The lines of the page "Use it" do as they stand what the page says: whole tables, and chosen columns alone.

Those of the protocols are run with their clients (tests/clients/harbour.py names them).
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_httpfs
import httpx
import pyarrow.parquet as pq
import pytest

from tests.clients.harbour import Harbour
from tests.fixtures.site import Site

pytestmark = [pytest.mark.clients, pytest.mark.slow]

Run = Callable[[str, Path], tuple[list[str], int]]
"""Runs the lines in a folder; the columns and the number of rows that they load."""


def python(code: str, folder: Path) -> tuple[list[str], int]:
    told = f"{code}\n\nimport json\nprint(json.dumps([list(df.columns), len(df)]))"
    return tuple(json.loads(_done([sys.executable, "-W", "ignore", "-c", told], folder)))


def sql(code: str, folder: Path) -> tuple[list[str], int]:
    [extension] = Path(duckdb_extension_httpfs.__file__).parent.rglob(f"v{duckdb.__version__}/httpfs.duckdb_extension")
    secret, asked = code.rsplit(";\n", 1) if "CREATE SECRET" in code else ("", code)
    # The page shows ten rows; what is asked here is how many there are.
    assert asked.endswith(" LIMIT 10;")
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension}'; {secret}")
        found = connection.sql(asked.removesuffix(" LIMIT 10;"))
        return found.columns, len(found)


def shell(code: str, folder: Path) -> tuple[list[str], int]:
    _done(["bash", "-euc", code], folder)
    return _read(sorted(folder.rglob("*.parquet")))


def r(code: str, folder: Path) -> tuple[list[str], int]:
    """R runs all but the last line, which needs the package arrow; of that line it tells what arrow is asked for."""
    asked = _R_TELLS.replace("LINES", json.dumps(code, ensure_ascii=False))
    files, columns = _done(["Rscript", "-e", asked], folder).split("\x1d")
    names, rows = _read([folder / name for name in files.split("\x1e")])
    return [name for name in columns.split("\x1e") if name] or names, rows


_R_TELLS = r"""
lines <- parse(text = LINES, encoding = "UTF-8"); last <- lines[[length(lines)]][[3]]
for (line in lines[-length(lines)]) eval(line)
opened <- last; wanted <- NULL
if (identical(last[[1]], as.name("["))) { opened <- last[[2]]; wanted <- eval(last[[4]]) }
if (!is.null(opened$col_select)) wanted <- eval(opened$col_select)
stopifnot(deparse(opened[[1]]) %in% c("arrow::read_parquet", "arrow::open_dataset"))
cat(enc2utf8(paste(eval(opened[[2]]), collapse = "\x1e")), enc2utf8(paste(wanted, collapse = "\x1e")), sep = "\x1d")
"""


def _read(files: list[Path]) -> tuple[list[str], int]:
    tables = [pq.read_table(file) for file in files]
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    return list(names), sum(table.num_rows for table in tables)


def _done(command: list[str], folder: Path) -> str:
    """What it prints; the token is in the environment and is typed where it is asked for."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONWARNINGS": "ignore",
        "COMMONFIELD_TOKEN": (folder / "token").read_text(),
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=f"{environment['COMMONFIELD_TOKEN']}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


RUNS: dict[str, Run] = {
    "python": python,
    "pandas": python,
    "polars": python,
    "duckdb": sql,
    "cli": shell,
    "curl": shell,
    "r": r,
}
CHOOSING = ("python", "pandas", "polars", "duckdb", "r")


def lines(site: Site, dataset: str, key: str, *columns: str, table: str = "") -> str:
    """Of the page, as whoever may read the dataset copies them."""
    asked: dict[str, Any] = {"with": key, "column": columns, "table": table or None}
    page = httpx.get(f"{site.url}/institute/{dataset}/use/", params=asked).raise_for_status().text
    match = re.search(rf'<code id="snippet-{key}">(.*?)</code>', page, re.DOTALL)
    assert match is not None, page
    return html.unescape(match[1]).replace("cfd_…", site.researcher_token)


@pytest.fixture
def place(harbour: Harbour, tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(harbour.site.researcher_token)
    return tmp_path


def run(key: str, code: str, folder: Path) -> tuple[list[str], int]:
    if key == "r" and shutil.which("Rscript") is None:
        pytest.skip("R is not installed (Debian: apt-get install r-base-core)")
    columns, rows = RUNS[key](code, folder)
    return list(columns), rows


@pytest.mark.parametrize(("dataset", "rows"), [("tides", 280), ("tides-granted", 20)])
@pytest.mark.parametrize("key", RUNS)
def test_the_lines_load_the_table(harbour: Harbour, place: Path, key: str, dataset: str, rows: int) -> None:
    """Of one part, with a token, and of three, the last of which has a column more."""
    columns, found = run(key, lines(harbour.site, dataset, key, table="levels"), place)
    assert found == rows
    assert columns[:3] == ["id", "station", "level"]
    assert ("humidity" in columns) is (dataset == "tides")


@pytest.mark.parametrize(
    ("dataset", "chosen", "rows"), [("tides", ["station", "humidity"], 280), ("tides-granted", ["id", "seen"], 20)]
)
@pytest.mark.parametrize("key", CHOOSING)
def test_the_lines_load_the_chosen_columns_alone(
    harbour: Harbour, place: Path, key: str, dataset: str, chosen: list[str], rows: int
) -> None:
    code = lines(harbour.site, dataset, key, *chosen, table="levels")
    assert run(key, code, place) == (chosen, rows)
