"""Synthetic but realistic CSVs for the measurements: the same bytes for the same arguments.

    python bench/generate.py {clean|dirty|wide} ROWS OUT [--seed N]

clean: 14 mixed columns, about 107 bytes a row (numbers, times, categories, codes, free text, empty cells)
dirty: the same; one row in 1,000 has a bad cell, one in 20,000 has too few or too many fields
wide:  500 columns (200 decimals, 150 integers, 100 categories, 50 dates)
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

CHUNK_ROWS = 200_000
REGIONS = [
    "North",
    "South",
    "East",
    "West",
    "Centre",
    "Coast",
    "Hills",
    "Delta",
    "Plains",
    "Lakes",
    "Isles",
    "Metro",
]
STATES = ["new", "open", "in progress", "closed", "void"]
COUNTRIES = [first + second for first in "ABCDEFGHIJKLMNOPQRST" for second in "ABCDEFGHIJ"]
WORDS = np.array(
    [
        "road",
        "bridge",
        "school",
        "clinic",
        "water",
        "waste",
        "permit",
        "licence",
        "budget",
        "grant",
        "survey",
        "sample",
        "station",
        "sensor",
        "closed,",
        "open",
        '"quoted"',
        "reading",
        "north",
        "south",
        "upper",
        "lower",
        "old",
        "new",
        "annual",
        "monthly",
        "draft",
        "final",
        "approved",
        "pending",
        "inspection",
        "report",
        "site",
        "café",
        "über",
        "naïve",
        "year-end",
        "total",
    ],
    dtype=object,
)
BAD = {
    "ts": "2024-13-45 99:00:00",
    "day": "31/31/2024",
    "qty": "n.a.",
    "price": "12,50 EUR",
    "lat": "north",
    "lon": "#REF!",
    "active": "maybe",
    "parent_id": "12.x",
}


def pick(random: np.random.Generator, values: list[str], rows: int) -> Any:
    index = pa.array(random.integers(0, len(values), rows), pa.int32())
    return pa.DictionaryArray.from_arrays(index, pa.array(values)).cast(pa.string())


def with_nulls(random: np.random.Generator, array: Any, share: float) -> Any:
    return pc.if_else(pa.array(random.random(len(array)) < share), pa.scalar(None, array.type), array)


def notes(random: np.random.Generator, rows: int) -> Any:
    lengths = random.integers(1, 9, 20_000)
    return pick(random, [" ".join(random.choice(WORDS, int(length))) for length in lengths], rows)


def clean_chunk(random: np.random.Generator, start: int, rows: int) -> Any:
    seconds = pa.array(random.integers(1_577_836_800, 1_735_689_600, rows), pa.int64()).cast(pa.timestamp("s"))
    digits = pc.utf8_slice_codeunits(pa.array(random.integers(1_000_000, 2_000_000, rows)).cast(pa.string()), 1)
    return pa.table(
        {
            "id": pa.array(np.arange(start, start + rows)),
            "ts": pc.strftime(seconds, "%Y-%m-%d %H:%M:%S"),
            "day": seconds.cast(pa.date32()).cast(pa.string()),
            "region": pick(random, REGIONS, rows),
            "status": pick(random, STATES, rows),
            "country": pick(random, COUNTRIES, rows),
            "qty": with_nulls(random, pa.array(random.integers(0, 1000, rows)), 0.03),
            "price": with_nulls(random, pa.array(np.round(random.lognormal(3, 1, rows), 2)), 0.02),
            "lat": pa.array(np.round(random.uniform(-90, 90, rows), 5)),
            "lon": pa.array(np.round(random.uniform(-180, 180, rows), 5)),
            "code": pc.binary_join_element_wise(pick(random, ["AB", "CD", "EF", "XY"], rows), digits, "-"),
            "active": pick(random, ["true", "false"], rows),
            "note": with_nulls(random, notes(random, rows), 0.2),
            "parent_id": with_nulls(random, pa.array(random.integers(0, 10_000_000, rows)), 0.4),
        }
    )


def wide_chunk(random: np.random.Generator, start: int, rows: int) -> Any:
    columns: dict[str, Any] = {"id": pa.array(np.arange(start, start + rows))}
    for number in range(199):
        columns[f"f{number}"] = with_nulls(random, pa.array(np.round(random.normal(100, 30, rows), 3)), 0.02)
    for number in range(150):
        columns[f"i{number}"] = with_nulls(random, pa.array(random.integers(0, 100_000, rows)), 0.02)
    for number in range(100):
        columns[f"c{number}"] = with_nulls(random, pick(random, REGIONS, rows), 0.02)
    for number in range(50):
        days = pa.array(random.integers(18_262, 20_089, rows).astype("int32"), pa.int32()).cast(pa.date32())
        columns[f"d{number}"] = days.cast(pa.string())
    return pa.table(columns)


def spoil(random: np.random.Generator, table: Any) -> Any:
    """One bad cell in one row of a thousand."""
    bad = random.random(table.num_rows) < 0.001
    which = random.integers(0, len(BAD), table.num_rows)
    for number, (name, value) in enumerate(BAD.items()):
        cells = table[name].combine_chunks().cast(pa.string())
        mixed = pc.if_else(pa.array(bad & (which == number)), pa.scalar(value), cells)
        table = table.set_column(table.schema.get_field_index(name), name, mixed)
    return table


def fray(random: np.random.Generator, raw: bytes, rows: int) -> bytes:
    """One row in twenty thousand loses fields or gets some too many."""
    lines = raw.split(b"\n")
    for place in random.integers(1, len(lines) - 1, max(1, rows // 20_000)):
        extra = lines[place] + b",extra,cells"
        lines[place] = extra if place % 2 else b",".join(lines[place].split(b",")[:5])
    return b"\n".join(lines)


def generate(kind: str, rows: int, out: Path, seed: int = 7) -> None:
    """Write the file; rows come in chunks so that any size fits into memory."""
    random = np.random.default_rng(seed)
    step = 5_000 if kind == "wide" else CHUNK_ROWS
    with out.open("wb") as file:
        for start in range(0, rows, step):
            count = min(step, rows - start)
            table = (wide_chunk if kind == "wide" else clean_chunk)(random, start, count)
            if kind == "dirty":
                table = spoil(random, table)
            buffer = io.BytesIO()
            options = pcsv.WriteOptions(include_header=start == 0, quoting_style="needed")
            pcsv.write_csv(table, buffer, options)
            raw = buffer.getvalue()
            file.write(fray(random, raw, count) if kind == "dirty" else raw)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["clean", "dirty", "wide"])
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    generate(arguments.kind, arguments.rows, arguments.out, arguments.seed)
    print(arguments.out, arguments.out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
