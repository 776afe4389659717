"""`manage.py up`: the whole site from one command (deploy/supervisor.py).

manage.py starts the supervisor without Django, because the settings need the servers that it starts; this
class is what `manage.py help up` shows.
"""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from deploy.supervisor import add_arguments, supervise


class Command(BaseCommand):
    help = "Start the servers that have no URL, prepare them, and run web, worker and beat until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, **options: Any) -> None:
        sys.exit(supervise(argparse.Namespace(**options)))
