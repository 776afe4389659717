"""What a parse may take on this site, and in which sizes it works, from its settings."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from catalog.jobs.lanes import engine_threads
from catalog.sandbox.confinement import Confinement, seconds_for, wall_for
from ingest.limits import Limits


def limits_here(*, refused_share: float = 1.0) -> Limits:
    """The pipeline's limits: the site has one limit of size, told before a byte travels, and one size of parts.

    A part is cut between row groups, so that none of these may be larger than it.
    """
    usual = Limits()
    return replace(
        usual,
        max_bytes=settings.UPLOAD_LIMIT_BYTES,
        part_bytes=settings.PART_BYTES,
        row_group_bytes=min(usual.row_group_bytes, settings.PART_BYTES),
        refused_share=refused_share,
    )


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
