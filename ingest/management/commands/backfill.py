"""``manage.py backfill``: after an update, have the open drafts' tables read again by the new pipeline."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Read every table of an open draft again that an older pipeline made. Published versions stay as they are."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Queue the tables; the workers read them."""
        from ingest.pipeline import PIPELINE_VERSION
        from ingest.services.backfill import backfill_drafts

        queued = 0
        for item in backfill_drafts(pipeline=PIPELINE_VERSION):
            dataset = item.resource.version.dataset
            name = f"{dataset.organization.slug}/{dataset.slug} {item.resource.name}"
            queued += not item.refusal
            self.stdout.write(f"{name}: {item.refusal or f'is read again ({item.upload_id})'}")
        self.stdout.write(f"{queued} tables are read again by pipeline {PIPELINE_VERSION}.")
