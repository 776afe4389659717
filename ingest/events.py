from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from catalog.jobs.lanes import Lane


@dataclass(frozen=True, slots=True)
class UploadReceived:
    """All parts are joined in the bucket; the upload waits for a worker."""

    upload_id: UUID
    lane: Lane
