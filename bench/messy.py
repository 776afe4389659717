"""The share of polluted files that a reader gets exactly right with no option set, case by case.

    python -m bench.messy [--tuned] [--all] [--only NAME]

Every pollution of ``tests/ingest/pollution.py`` is put on each table of a set that was kept aside (``--tuned`` takes
the one that the readers were made with). Right is: all rows, all cells, and the header where there is one, compared as
values. Beside us: DuckDB, pandas (as it comes, and with ``sep=None``) and Polars, each as its one-line reader. The
table shows the pollutions that anybody gets wrong; ``--all`` shows all.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.ingest.base_tables import HELD_OUT, TUNED
from tests.ingest.pollution import POLLUTIONS, BaseTable, Case
from tests.ingest.sameness import difference

Found = tuple[list[str], list[list[Any]]]


class RefusedError(Exception):
    """The pipeline rejected the file."""


def ours(path: Path) -> Found:
    """Our pipeline, as a worker runs it; a file that becomes several tables shows its first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ingest.outcome import Stored
    from ingest.pipeline import ingest_file

    with tempfile.TemporaryDirectory() as folder:
        outcome = ingest_file(path, filename=path.name, workdir=Path(folder))
        if not isinstance(outcome, Stored):
            raise RefusedError(", ".join(group.code for group in outcome.findings.groups))
        first = outcome.resources[0]
        table = pa.concat_tables([pq.read_table(part.path) for part in first.parts])
        columns = [column.to_pylist() for column in table.columns]
    names = [field.source_name or field.name for field in first.schema.fields]
    return names, [list(row) for row in zip(*columns, strict=True)]


def duckdb(path: Path) -> Found:
    import duckdb as engine

    with engine.connect() as connection:
        found = connection.execute("SELECT * FROM read_csv(?)", [str(path)])
        names = [item[0] for item in found.description or ()]
        return names, [list(row) for row in found.fetchall()]


def pandas(path: Path) -> Found:
    import pandas as pd

    return _frame(pd.read_csv(path))


def pandas_sniffing(path: Path) -> Found:
    import pandas as pd

    return _frame(pd.read_csv(path, sep=None, engine="python"))


def _frame(frame: Any) -> Found:
    return [str(name) for name in frame.columns], [list(row) for row in frame.itertuples(index=False, name=None)]


def polars(path: Path) -> Found:
    import polars as pl

    frame = pl.read_csv(io.BytesIO(path.read_bytes()))
    return list(frame.columns), [list(row) for row in frame.rows()]


READERS: dict[str, Callable[[Path], Found]] = {
    "Commonfield": ours,
    "DuckDB": duckdb,
    "pandas": pandas,
    "pandas sep=None": pandas_sniffing,
    "Polars": polars,
}


def judge(reader: Callable[[Path], Found], case: Case, folder: Path) -> str:
    """What is wrong with the reader's result; "" when nothing is."""
    path = folder / case.filename
    path.write_bytes(case.data)
    try:
        names, rows = reader(path)
    except Exception as error:  # noqa: BLE001 -- whatever a reader raises, it has not read the file
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:120]
    return difference(case.header, case.rows, names, rows)


def measure(tables: Sequence[BaseTable], only: str = "") -> dict[str, dict[str, list[str]]]:
    """For each pollution and reader what was wrong, table by table."""
    found: dict[str, dict[str, list[str]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for pollution, make in POLLUTIONS.items():
            if only not in pollution:
                continue
            cases = [case for case in map(make, tables) if case is not None]
            found[pollution] = {
                label: [judge(reader, case, Path(name)) for case in cases] for label, reader in READERS.items()
            }
    return found


def show(found: dict[str, dict[str, list[str]]], *, everything: bool) -> None:
    print(f"{'right / cases':30}" + "".join(f"{label:>17}" for label in READERS))
    for pollution, results in found.items():
        shares = [(sum(not fault for fault in results[label]), len(results[label])) for label in READERS]
        if everything or any(right < cases for right, cases in shares):
            print(f"{pollution:30}" + "".join(f"{f'{right} / {cases}':>17}" for right, cases in shares))
    line = f"{'all':30}"
    for label in READERS:
        faults = [fault for results in found.values() for fault in results[label]]
        right = sum(not fault for fault in faults)
        line += f"{f'{right} / {len(faults)}  {100 * right / len(faults):.1f} %':>17}"
    print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuned", action="store_true", help="the tables that the readers were made with")
    parser.add_argument("--all", action="store_true", help="show every pollution")
    parser.add_argument("--only", default="", help="pollutions with this in their name")
    parser.add_argument("--ours", action="store_true", help="say what we get wrong, and run nobody else")
    arguments = parser.parse_args()
    settings.configure(USE_I18N=False)
    warnings.simplefilter("ignore")
    if arguments.ours:
        for other in [label for label in READERS if label != "Commonfield"]:
            del READERS[other]
    tables = TUNED if arguments.tuned else HELD_OUT
    found = measure(tables, arguments.only)
    if arguments.ours:
        for pollution, results in found.items():
            for table, fault in zip(tables, results["Commonfield"], strict=True):
                if fault:
                    print(f"{pollution:28} {table.name:9} {fault}", file=sys.stderr)
    show(found, everything=arguments.all)


if __name__ == "__main__":
    main()
