"""Texts whose punctuation the streaming parser does not know, written anew with commas and double quotes.

Cells and line breaks stay as they are, so that a line of the copy is the same line of the original.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from ingest.text.dialect import Dialect
from ingest.text.file import TextFile

PLAIN = Dialect(",")


def repunctuate(text: TextFile, dialect: Dialect, limit: int) -> TextFile:
    """The text in the plain dialect, in the working folder.

    Raises UnicodeDecodeError where the text is no UTF-8 after all, and RejectionError for a line of more than ``limit``
    characters.
    """
    target = Path(text.workdir or text.path.parent) / f"{text.path.name}.plain"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=PLAIN.delimiter, quotechar=PLAIN.quote, lineterminator="\n")
        for record in dialect.reader(text.lines(limit)):
            if record:
                writer.writerow(record)
            else:
                out.write("\n")
    return replace(text, path=target, start=0, size=target.stat().st_size)
