"""Arrow files of every container: types come with the file, damage is told."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pytest

from tests.ingest.result import Result

Ingest = Callable[..., Result]

TABLE = pa.table(
    {
        "id": pa.array([1, 2, None], pa.int32()),
        "name": ["a", None, "007"],
        "tags": [["x"], [], None],
        "kind": pa.array(["p", "q", "p"]).dictionary_encode(),
    }
)
ROWS = [
    {"id": 1, "name": "a", "tags": ["x"], "kind": "p"},
    {"id": 2, "name": None, "tags": [], "kind": "q"},
    {"id": None, "name": "007", "tags": None, "kind": "p"},
]


def ipc(kind: str, table: Any = TABLE) -> bytes:
    sink = pa.BufferOutputStream()
    if kind == "v1":
        with pytest.warns(DeprecationWarning, match="Feather V1"):
            pyarrow.feather.write_feather(table, sink, version=1)
    elif kind == "stream":
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    elif kind == "file":
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        pyarrow.feather.write_feather(table, sink, compression=kind)
    data: bytes = sink.getvalue().to_pybytes()
    return data


@pytest.mark.parametrize("kind", ["file", "stream", "lz4", "zstd", "uncompressed"])
def test_arrow_files(ingest: Ingest, kind: str) -> None:
    result = ingest(ipc(kind), "t.arrow")
    assert result.rows == ROWS
    assert result.resource.source["container"] == ("stream" if kind == "stream" else "file")


def test_the_first_version_of_feather(ingest: Ingest) -> None:
    table = pa.table({"id": [1, 2], "name": ["a", None]})
    assert ingest(ipc("v1", table), "t.feather").rows == table.to_pylist()


def test_an_arrow_file_that_is_cut_off(ingest: Ingest) -> None:
    assert ingest(ipc("file")[:-20], "t.arrow").reason == "file-truncated"
    assert ingest(ipc("stream")[:-300], "t.arrows").reason in {"format-damaged", "file-truncated"}


def test_offsets_that_lead_out_of_the_file_are_not_followed(ingest: Ingest) -> None:
    data = ipc("file", pa.table({"name": ["a", None, "007"]}))
    sound, bad = struct.pack("<4i", 0, 1, 1, 4), struct.pack("<4i", 0, 1, 900_000, 4)
    assert data.count(sound) == 1
    assert ingest(data.replace(sound, bad), "t.arrow").reason == "format-damaged"


@pytest.mark.parametrize("seed", range(20))
def test_damage_never_raises(ingest: Ingest, seed: int) -> None:
    data = bytearray(ipc("file" if seed % 2 else "stream"))
    for place in range(seed * 7 + 8, len(data), 97):
        data[place] ^= 1 << (seed % 8)
    ingest(bytes(data), "t.arrow")
