"""What surrounds a table that is checked, out of the catalog; and its failing rows, into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from catalog import keys, storage
from catalog.hashes import sha256_of_file
from catalog.jobs.workspace import fetch
from catalog.models import Resource
from catalog.selectors.origins import origins_of
from catalog.services.delivering.downloads import PARQUET
from catalog.services.publishing.referring import referred_by
from catalog.table_schema import TableSchema
from quality.checking.asked import Circumstances
from quality.checking.failing_rows import RowOrigin, write_failing_rows
from quality.checking.outcome import RuleOutcome
from quality.services.earlier import earlier_profiles


def circumstances_of(resource: Resource, folder: Path) -> Circumstances:
    """Promise, earlier profiles and the tables that the table refers to, whose parts are fetched into ``folder``.

    Raises ObjectMissing, StorageUnavailable.
    """
    version = resource.version
    dataset = version.dataset
    names = set(referred_by(resource.schema, dataset.all_rules))
    others = {}
    for number, other in enumerate(version.resources.filter(name__in=names).prefetch_related("parts")):
        others[other.name] = [
            fetch(keys.parquet(dataset.pk, part.sha256), folder / f"other-{number}-{part.position:05d}.parquet")
            for part in other.parts.all()
        ]
    return Circumstances(
        promised=dataset.update_frequency, earlier=earlier_profiles(resource), others=others, table=resource.name
    )


def store_failing_rows(
    resource: Resource,
    outcomes: Sequence[RuleOutcome],
    schema: TableSchema,
    parquet: Sequence[Path],
    folder: Path,
    *,
    circumstances: Circumstances,
    memory_limit: str,
    threads: int | None,
) -> tuple[RuleOutcome, ...]:
    """The outcomes with the hashes of their failing rows' files, which are in the store. Raises StorageUnavailable."""
    dataset_id = resource.version.dataset_id
    files = write_failing_rows(
        parquet=parquet,
        outcomes=outcomes,
        schema=schema,
        origins=_origins(resource, folder) if any(outcome.failing_count for outcome in outcomes) else (),
        workdir=folder,
        circumstances=circumstances,
        memory_limit=memory_limit,
        threads=threads,
    )
    hashes = {}
    for rule_id, file in files.items():
        hashes[rule_id] = sha256_of_file(file.path)
        storage.put_file(keys.failing_rows(dataset_id, hashes[rule_id]), file.path, content_type=PARQUET)
        file.path.unlink()
    return tuple(replace(outcome, failing_sha256=hashes.get(outcome.rule.id, "")) for outcome in outcomes)


def _origins(resource: Resource, folder: Path) -> list[RowOrigin]:
    found = []
    for number, origin in enumerate(origins_of(resource)):
        path = None
        if origin.lines_sha256:
            key = keys.lines(resource.version.dataset_id, origin.lines_sha256)
            path = fetch(key, folder / f"lines-{number}.parquet")
        found.append(RowOrigin(origin.first_row, origin.rows, origin.filename, origin.lines, path))
    return found
