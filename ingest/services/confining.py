"""The limits of a parse on this site, from its settings."""

from __future__ import annotations

from django.conf import settings

from catalog.lanes import engine_threads
from ingest.sandbox.confinement import Confinement, seconds_for, wall_for


def confinement_for(size: int) -> Confinement:
    """What the parse of a file of ``size`` bytes may take."""
    seconds = seconds_for(size, base=settings.INGEST_SECONDS, per_gb=settings.INGEST_SECONDS_PER_GB)
    return Confinement(
        memory_bytes=settings.INGEST_MEMORY_BYTES,
        cpu_seconds=seconds,
        wall_seconds=wall_for(seconds),
        file_bytes=settings.INGEST_FILE_BYTES,
        threads=engine_threads(),
    )
