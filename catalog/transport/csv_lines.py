"""Lines of CSV for people, who open them in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any


def csv_line(cells: Sequence[Any]) -> str:
    """One line (RFC 4180), of cells as they are."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def harmless(cell: Any) -> Any:
    """A value that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection)."""
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
