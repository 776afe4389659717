"""What the cell runs: the pipeline, with its request and its outcome as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.sandbox.codec import decode, encode
from catalog.table_schema import TableSchema
from ingest.limits import Limits
from ingest.outcome import RecipeStep
from ingest.pipeline import ingest_file
from ingest.semantics.detect import load_lists

TARGET = f"{__name__}:parse"
LOAD = f"{__name__}:load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The arguments of ``ingest_file``. What the pipeline is asked for beyond them is a field here first."""

    source: Path
    filename: str
    workdir: Path
    schema: TableSchema | None = None
    limits: Limits = field(default_factory=Limits)
    expected_sha256: str | None = None
    recipes: Mapping[str, Sequence[RecipeStep]] = field(default_factory=dict)


def parse(payload: Any, report: Callable[[Any], None]) -> Any:
    """Run the pipeline; ``report`` is told the progress. Returns the outcome as JSON."""
    request: Request = decode(Request, payload)
    outcome = ingest_file(
        request.source,
        filename=request.filename,
        workdir=request.workdir,
        schema=request.schema,
        limits=request.limits,
        progress=lambda progress: report(encode(progress)),
        expected_sha256=request.expected_sha256,
        recipes=request.recipes,
    )
    return encode(outcome)


def load() -> None:
    """What a warden loads for the cells to come: this module, and the lists that it looks things up in."""
    # The pipeline writes a few sentences in the language of its catalogue; it needs no other setting.
    settings.configure(USE_I18N=False)
    load_lists()
