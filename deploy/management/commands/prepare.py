"""`manage.py prepare`: make the three servers ready for the site.

Safe to run again, and from several copies of the site at once.
"""

import argparse
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from deploy.readiness import NotUsable, check_broker, prepare_bucket, usable_database
from deploy.static import collect_changed


class Command(BaseCommand):
    help = "Check the servers, apply migrations, make the bucket, collect static files."
    # The checks of Django's own run inside migrate, once the database answers.
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--no-static", action="store_true", help="static files were collected at build time")

    def handle(self, **options: Any) -> None:
        try:
            with usable_database(settings.DATABASES["default"]) as version:
                call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write(f"  database   PostgreSQL {version}, migrations applied")
            check_broker()
            self.stdout.write("  broker     answers")
            prepare_bucket()
            self.stdout.write(f"  bucket     {settings.S3_BUCKET}")
        except NotUsable as error:
            self.stderr.write(str(error))
            sys.exit(1)
        if not (settings.DEBUG or options["no_static"]):
            collect_changed()
