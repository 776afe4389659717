"""What is tried with each input: it is a text, or it is a file; whatever it is, it is understood or refused."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

from ingest.files.formats import detect_format
from ingest.limits import Limits
from ingest.outcome import Rejected, RejectionError, Stored
from ingest.pipeline import ingest_file
from ingest.text.dialect import read_records
from ingest.text.encoding import detect_encoding
from ingest.text.layout import find_layout
from ingest.text.sniff import sniff

NAMES = ("t.csv", "t.tsv", "t.txt", "t.json", "t.ndjson", "t.xlsx", "t")
# Blocks so small that a few lines make several, and samples so small that what comes later may contradict them.
SMALL = Limits(
    block_bytes=64,
    wide_block_bytes=256,
    whole_sample_bytes=256,
    head_sample_bytes=256,
    piece_bytes=32,
    pieces=3,
    max_unpacked_bytes=1 << 20,
    max_tree_bytes=1 << 16,
    misfit_grace_rows=8,
)


def understand_text(data: bytes, _folder: Path) -> None:
    """As ``texts_are_understood``, of whatever text the bytes are."""
    texts_are_understood(data.decode("utf-8", "replace"))


def texts_are_understood(text: str) -> None:
    """The dialect and layout of a text are found, and found again."""
    dialect = sniff(text)
    assert sniff(text) == dialect
    records = read_records(text, dialect, 100)
    rows = [() if record.is_blank else record.fields for record in records]
    for width in {len(row) for row in rows} or {1}:
        layout = find_layout(rows, max(width, 1))
        assert layout == find_layout(rows, max(width, 1))
        assert layout is None or len(layout.headers) == layout.width


def convert_file(data: bytes, folder: Path) -> None:
    """Format and encoding are found; the pipeline stores or rejects, and the rows that it tells are those it wrote."""
    # The bytes decide about the name too, so that seeds are plain files.
    name = NAMES[zlib.crc32(data) % len(NAMES)]
    path, workdir = folder / "source", folder / "work"
    path.write_bytes(data)
    try:
        detect_format(path, name)
        if data:
            detect_encoding(path, data)
    except RejectionError:
        # Documented; the pipeline says the same by its outcome.
        pass
    try:
        outcome = ingest_file(path, filename=name, workdir=workdir, limits=SMALL)
        assert isinstance(outcome, Stored | Rejected)
        if isinstance(outcome, Rejected):
            assert outcome.findings.groups
        else:
            assert all(table.rows == sum(part.rows for part in table.parts) for table in outcome.resources)
    finally:
        shutil.rmtree(workdir, ignore_errors=True)


TARGETS: dict[str, Callable[[bytes, Path], None]] = {"texts": understand_text, "files": convert_file}
