"""The file of an upload of corrections, made by the worker.

What was read when a correction was proposed is looked at again when the file is made. If the table changes after that
and before the result is written, the file is made anew, so that no correction meets a cell that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog import keys
from catalog.findings import Finding
from catalog.jobs.workspace import fetch
from catalog.models import Annotation, AnnotationState, Resource
from catalog.services.annotating.annotated_rows import Fit, fits_of
from catalog.services.publishing.combining import BaseMoved
from catalog.table_schema import TableSchema
from ingest.models import Upload
from ingest.outcome import RejectionError
from ingest.services.correcting import table_corrected
from ingest.services.targeting import Target


def write_corrections(upload: Upload, folder: Path, pulse: Callable[[], None]) -> tuple[Path, dict[str, Any]]:
    """The file of the upload's corrections that fit the table as it is now, and what there is to say of it.

    It has the key and the columns that are corrected; of a row the cells that are not keep their values. Raises
    RejectionError (``corrections-do-not-fit``, ``table-not-found``), ObjectMissing, StorageUnavailable.
    """
    resource = table_corrected(upload.dataset, upload.resource_name)
    if resource is None:
        raise RejectionError(Finding("table-not-found", params={"tables": "–"}))
    asked = (upload.corrections or {}).get("annotations", [])
    rows = Annotation.objects.filter(pk__in=asked, dataset=upload.dataset, state=AnnotationState.ACCEPTED)
    waiting = list(rows.order_by("decided_at", "pk"))
    fits = fits_of(resource, waiting)
    fitting = [item for item in waiting if fits[item.pk][0] is Fit.FITS]
    if not fitting:
        raise RejectionError(Finding("corrections-do-not-fit", params={"number": len(asked)}))
    places = {item.pk: fits[item.pk][1] or 0 for item in fitting}
    path = folder / "source"
    pq.write_table(_table_of(resource, fitting, places, folder, pulse), path)
    return path, {
        "annotations": asked,
        "fitting": [item.pk for item in fitting],
        "parts": [part.sha256 for part in resource.parts.all()],
        "number": len(fitting),
        "people": len({item.author_id for item in fitting}),
    }


def require_same_table(upload: Upload, target: Target | None) -> None:
    """Raises BaseMoved unless the table still is the one that the corrections were held against."""
    if target is None or list(target.base.parts) != (upload.corrections or {}).get("parts"):
        raise BaseMoved(upload.resource_name)


def _table_of(
    resource: Resource,
    corrections: Sequence[Annotation],
    places: Mapping[int, int],
    folder: Path,
    pulse: Callable[[], None],
) -> Any:
    """The rows that are corrected, in the table's order and types, with the key and the corrected columns."""
    schema = TableSchema.from_descriptor(resource.schema)
    wanted = {*schema.primary_key, *(item.column for item in corrections)}
    names = [name for name in schema.names if name in wanted]
    numbers = sorted(set(places.values()))
    rows = pa.concat_tables(_taken(resource, numbers, names, folder, pulse))
    at = {number: place for place, number in enumerate(numbers)}
    for name in names:
        mine = {at[places[item.pk]]: item.value for item in corrections if item.column == name}
        if mine:
            rows = rows.set_column(names.index(name), name, _corrected(rows[name], mine))
    return rows


def _taken(
    resource: Resource, numbers: Sequence[int], names: Sequence[str], folder: Path, pulse: Callable[[], None]
) -> list[Any]:
    """The rows at these places (from 0, ascending), a table for each part that has some."""
    base = folder / "corrected"
    base.mkdir(exist_ok=True)
    dataset_id = resource.version.dataset_id
    taken, start = [], 0
    for part in resource.parts.all():
        here = [number - start for number in numbers if start <= number < start + part.rows]
        start += part.rows
        if here:
            path = fetch(keys.parquet(dataset_id, part.sha256), base / f"{part.sha256}.parquet")
            file = pq.ParquetFile(path)
            # Column by its place: Parquet takes a point in a name for a struct's field.
            positions = [file.schema_arrow.get_field_index(name) for name in names]
            taken.append(rows_at(file, here, positions))
            path.unlink()
            pulse()
    return taken


def rows_at(file: Any, places: Sequence[int], positions: Sequence[int]) -> Any:
    """Rows of one file by their places, a row group at a time."""
    tables, start = [], 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        here = [place - start for place in places if start <= place < start + size]
        start += size
        if here:
            tables.append(file.read_row_group(group).select(positions).take(here))
    return pa.concat_tables(tables)


def _corrected(column: Any, values: Mapping[int, Any]) -> Any:
    """The column with other values at these places. A value is cast from text, as strictly as a file's."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    mask = pa.array([place in values for place in range(len(array))])
    texts = pa.array([_text(values[place]) for place in sorted(values)], pa.string())
    return pc.replace_with_mask(array, mask, texts.cast(array.type))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)
