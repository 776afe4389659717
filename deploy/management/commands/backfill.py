"""``manage.py backfill``: after an update, have tables read and checked again that an older release made."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Resource


class Command(BaseCommand):
    help = (
        "Read every table of an open draft again that an older pipeline made, and look again at every table whose "
        "report lacks something. Published versions and their reports stay as they are."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Queue the tables; the workers do the rest, found by the sweep if not by a message."""
        from ingest.pipeline import PIPELINE_VERSION
        from ingest.services.backfill import backfill_drafts
        from quality.services.backfill import recheck_outdated
        from quality.version import LOOKS

        read = 0
        for item in backfill_drafts(pipeline=PIPELINE_VERSION):
            read += not item.refusal
            self.stdout.write(f"{_name(item.resource)}: {item.refusal or f'is read again ({item.upload_id})'}")
        self.stdout.write(f"{read} tables are read again by pipeline {PIPELINE_VERSION}.")
        checked = 0
        for again in recheck_outdated(pipeline=PIPELINE_VERSION):
            checked += 1
            self.stdout.write(f"{_name(again.resource)} {again.resource.version.address}: is checked again")
        self.stdout.write(f"{checked} tables are checked again by checks {LOOKS}.")


def _name(resource: Resource) -> str:
    dataset = resource.version.dataset
    return f"{dataset.organization.slug}/{dataset.slug} {resource.name}"
