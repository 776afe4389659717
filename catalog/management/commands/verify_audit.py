"""``manage.py verify_audit``: hold the audit trail to its chain of hashes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.actor import system
from catalog.services.audit_chain import extend_chain, record_verification, verify_chain


class Command(BaseCommand):
    help = (
        "Verify the audit trail: that no event was changed, left out or put in later. Links what waits first. Ends "
        "with status 1 if something does not fit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--newest", type=int, metavar="N", help="look at the newest N events only")

    def handle(self, *_args: Any, newest: int | None = None, **_options: Any) -> None:
        extend_chain()
        found = verify_chain(newest=newest)
        record_verification(actor=system(), verification=found)
        for fault in found.faults:
            self.stdout.write(f"{fault.position} {fault.kind}: {fault.sentence} (event {fault.event or 'unknown'})")
        heads = f"{found.witnesses} heads outside of the database compared, {found.pending} events wait for their link"
        if not found.is_whole:
            raise CommandError(f"{found.faults_count} of {found.last - found.first + 1} events do not fit. {heads}.")
        self.stdout.write(f"Events {found.first} to {found.last} are as they were written. {heads}.")
