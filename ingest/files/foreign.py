"""What a file is that is no table here: by its first bytes, with what its owner can do instead."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.findings import Finding


@dataclass(frozen=True, slots=True)
class Foreign:
    """``words`` say what it is, ``way_out`` what would work."""

    words: str
    way_out: str = ""

    def finding(self) -> Finding:
        code = "format-has-a-way" if self.way_out else "format-not-supported"
        params = {"detected": self.words, **({"way_out": self.way_out} if self.way_out else {})}
        return Finding(code, params=params)


_COPY = "copy the table into a spreadsheet or export it where it came from, and upload that as XLSX or CSV"
_R = "in R, write.csv(readRDS(file), 'table.csv') or arrow::write_parquet() makes a file that can be read"
_UNPACK = "unpack it and pack the files as .zip or .tar.gz"
_PICTURE = "a picture holds no cells; upload the data that it was drawn from"
_PANDAS = "in Python, pandas can read it and write Parquet with to_parquet()"

_STARTS: tuple[tuple[bytes, Foreign], ...] = (
    (b"%PDF-", Foreign("a PDF document", _COPY)),
    (b"\x89PNG\r\n", Foreign("a PNG picture", _PICTURE)),
    (b"\xff\xd8\xff", Foreign("a JPEG picture", _PICTURE)),
    (b"GIF8", Foreign("a GIF picture", _PICTURE)),
    (b"II*\x00", Foreign("a TIFF picture", _PICTURE)),
    (b"MM\x00*", Foreign("a TIFF picture", _PICTURE)),
    (b"RIFF", Foreign("a picture or sound", _PICTURE)),
    (b"7z\xbc\xaf\x27\x1c", Foreign("a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", Foreign("a RAR archive", _UNPACK)),
    (b"\x1f\x9d", Foreign("a file of the old compress", "unpack it with uncompress and pack it with gzip")),
    (b"\x04\x22\x4d\x18", Foreign("an LZ4 file", "unpack it with lz4 -d, and pack it with gzip or zstd")),
    (
        b"SQLite format 3\x00",
        Foreign("an SQLite database", "export its tables: sqlite3 -header -csv file.db 'SELECT * FROM t' > t.csv"),
    ),
    (b"Obj\x01", Foreign("an Avro file", "in Python, fastavro or DuckDB's avro extension make Parquet of it")),
    (b"ORC", Foreign("an ORC file", "in Python, pyarrow.orc.read_table() and pyarrow.parquet.write_table()")),
    (b"\x89HDF\r\n\x1a\n", Foreign("an HDF5 file", "write its tables as Parquet or CSV, in pandas with to_parquet()")),
    (b"CDF\x01", Foreign("a NetCDF file", "in Python, xarray's to_dataframe().to_parquet() makes a table of it")),
    (b"CDF\x02", Foreign("a NetCDF file", "in Python, xarray's to_dataframe().to_parquet() makes a table of it")),
    (b"\x93NUMPY", Foreign("a NumPy array", "numpy.savetxt() writes it as CSV")),
    (b"\x80\x04\x95", Foreign("a Python pickle", "open it where you made it and write it with to_parquet()")),
    (b"\x80\x05\x95", Foreign("a Python pickle", "open it where you made it and write it with to_parquet()")),
    (b"\x7fELF", Foreign("a program")),
    (b"MZ\x90", Foreign("a program")),
    (b"{\\rtf", Foreign("an RTF document", _COPY)),
    (b"$FL2", Foreign("an SPSS file", "save it as CSV in SPSS, or " + _PANDAS + " (read_spss)")),
    (b"$FL3", Foreign("an SPSS file", "save it as CSV in SPSS, or " + _PANDAS + " (read_spss)")),
    (b"<stata_dta>", Foreign("a Stata file", "export delimited in Stata, or " + _PANDAS + " (read_stata)")),
    (b"HEADER RECORD***", Foreign("a SAS transport file", "PROC EXPORT in SAS, or " + _PANDAS + " (read_sas)")),
    (
        b"\x00" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11",
        Foreign("a SAS data set", "PROC EXPORT in SAS, or " + _PANDAS + " (read_sas)"),
    ),
    (b"RDX2\n", Foreign("R data", _R)),
    (b"RDX3\n", Foreign("R data", _R)),
    (b"RDA2\n", Foreign("R data", _R)),
    (b"RDA3\n", Foreign("R data", _R)),
    (b"X\n\x00\x00\x00\x02", Foreign("an R object (RDS)", _R)),
    (b"X\n\x00\x00\x00\x03", Foreign("an R object (RDS)", _R)),
    (b"\x00\x01\x00\x00Standard Jet DB", Foreign("an Access database", "export its tables as CSV or XLSX in Access")),
    (b"\x00\x01\x00\x00Standard ACE DB", Foreign("an Access database", "export its tables as CSV or XLSX in Access")),
    (b"\x00\x00\x27\x0a", Foreign("a shapefile", "in QGIS or ogr2ogr, save the layer as GeoJSON")),
    (b"SIMPLE  =", Foreign("a FITS file", "in Python, astropy's Table.read(file).write('t.parquet')")),
    (b"%!PS", Foreign("a PostScript document", _COPY)),
)
_XML = "XML is no table: export it as CSV or JSON where it was made"
_MARKUP: tuple[tuple[bytes, Foreign], ...] = (
    (b"<!doctype html", Foreign("an HTML page")),
    (b"<html", Foreign("an HTML page")),
    (b"<?xml", Foreign("an XML document", _XML)),
    (b"<svg", Foreign("an SVG picture", _PICTURE)),
    (b"<!doctype", Foreign("an XML document", _XML)),
    (b"<rss", Foreign("an XML document", _XML)),
)
_MEMBERS: tuple[tuple[str, Foreign], ...] = (
    ("word/document.xml", Foreign("a Word document", _COPY)),
    ("ppt/presentation.xml", Foreign("a presentation", _COPY)),
    ("content.xml", Foreign("an OpenDocument text", _COPY)),
)
OLD_OFFICE = Foreign("an old Office document without a workbook", _COPY)


def foreign_start(head: bytes, *, is_text: bool) -> Foreign | None:
    """What the file is by its first bytes, if that is no table; a text may begin with the letters ORC as well."""
    if head[8:12] == b"DUCK":
        return Foreign("a DuckDB database", "COPY the tables TO 't.parquet'")
    # Stata before version 13 has no magic number: release, byte order, type, a zero.
    if head[:1] in {b"\x71", b"\x72", b"\x73"} and head[1:2] in {b"\x01", b"\x02"} and head[2:4] == b"\x01\x00":
        return Foreign("a Stata file", "export delimited in Stata, or " + _PANDAS + " (read_stata)")
    return next(
        (found for start, found in _STARTS if head.startswith(start) and not (is_text and start.isalnum())), None
    )


def foreign_markup(lowered: bytes) -> Foreign | None:
    """What kind of markup a text is; ``lowered`` is its beginning in lower case."""
    return next((found for start, found in _MARKUP if lowered.startswith(start)), None)


def foreign_package(names: set[str]) -> Foreign:
    """What kind of Office document a zip archive with these members is."""
    return next(
        (found for name, found in _MEMBERS if name in names), Foreign("an Office document without a sheet", _COPY)
    )
