"""What is no table here: each says what it is and what would work."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from catalog.findings import sentence
from tests.ingest.result import Result

FILES = {
    "SAS data set": b"\x00" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11",
    "SAS transport": b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!",
    "SPSS": b"$FL2@(#) SPSS DATA FILE",
    "Stata": b"<stata_dta><header><release>118</release>",
    "Stata file": b"\x72\x02\x01\x00\x05\x00",
    "SQLite": b"SQLite format 3\x00\x10\x00\x01\x01",
    "HDF5": b"\x89HDF\r\n\x1a\n\x00\x00",
    "RDS": b"X\n\x00\x00\x00\x03\x00\x04\x00\x00",
    "R data": b"RDX3\nX\n\x00\x00\x00\x03",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "PNG": b"\x89PNG\r\n\x1a\n\x00\x00",
    "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "7-Zip": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "RAR": b"Rar!\x1a\x07\x01\x00",
    "Avro": b"Obj\x01\x04\x14avro.codec",
    "ORC": b"ORC\x0a\x00\x01\x02\x00\x00",
    "NetCDF": b"CDF\x01\x00\x00\x00\x00",
    "NumPy": b"\x93NUMPY\x01\x00v\x00",
    "pickle": b"\x80\x04\x95\x10\x00\x00",
    "Access": b"\x00\x01\x00\x00Standard Jet DB\x00",
    "shapefile": b"\x00\x00\x27\x0a" + b"\x00" * 20,
    "XML": b"<?xml version='1.0'?><rows><row/></rows>",
    "LZ4": b"\x04\x22\x4d\x18\x64\x40",
    "old Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_no_table_says_what_it_is_and_a_way_out(
    ingest: Callable[..., Result], what: str, packed: bool
) -> None:
    content = FILES[what] + b"\x00\x01\x02" * 40 * (what != "XML")
    result = ingest(gzip.compress(content) if packed else content, "data.gz" if packed else "data")
    assert result.reason == "format-has-a-way"
    said = sentence(result.outcome.findings.groups[0])
    assert what in said
    assert "–" not in said


@pytest.mark.parametrize("head", ["ORC,b", "MZ,b", "RIFF,b", "GIF8,b", "BZh,b", "CDF,b", "PAR,b", "Obj,b"])
def test_a_table_may_begin_with_letters_that_are_signatures_elsewhere(ingest: Callable[..., Result], head: str) -> None:
    assert ingest(f"{head}\n1,2\n3,4\n").resource.rows == 2
