"""The pipeline is a pure function: these tests give it bytes and look at what comes out, without a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import ingest_file
from tests.ingest.result import Result

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def ingest(tmp_path: Path) -> Callable[..., Result]:
    """Run the pipeline over bytes, text or a path; each call gets a folder of its own."""
    runs = 0

    def run(source: bytes | str | Path, filename: str = "table.csv", **options: Any) -> Result:
        nonlocal runs
        runs += 1
        if isinstance(source, Path):
            path, filename = source, source.name
        else:
            path = tmp_path / f"source-{runs}"
            path.write_bytes(source.encode() if isinstance(source, str) else source)
        return Result(ingest_file(path, filename=filename, workdir=tmp_path / f"work-{runs}", **options))

    return run


@pytest.fixture
def data() -> Path:
    return DATA
