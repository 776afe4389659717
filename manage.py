#!/usr/bin/env python
"""Commonfield's command line: `python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    # These two start the servers that Django's settings need, so they run before Django does.
    if sys.argv[1:2] == ["up"]:
        from deploy.supervisor import main as run_up

        sys.exit(run_up(sys.argv[2:]))
    if sys.argv[1:2] == ["demo"]:
        from deploy.demo.command import main as run_demo

        sys.exit(run_demo(sys.argv[2:]))
    if sys.argv[1:2] == ["ingest_file"]:
        import deploy.nowhere  # noqa: F401 -- files to files: the servers that the settings ask for are not needed.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
