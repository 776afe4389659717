"""Loaded by ``-p tests.early`` before anything reads Django's settings: the suite's servers and its own speed."""

import os
from pathlib import Path

from tests.embedded_servers import put_into_environment

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop in this thread.
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("LEASE_SECONDS", "3")
os.environ.setdefault("SWEEP_SECONDS", "1")
put_into_environment()
(Path(os.environ["VAR_DIR"]) / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it.
