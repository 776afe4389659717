"""How the web server runs (`gunicorn -c deploy/gunicorn.py deploy.wsgi:application`).

Threads and not an event loop: a view waits for PostgreSQL and S3, and files leave through presigned URLs.
"""

import os
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 5
keepalive = 5
# A worker that leaks is replaced long before it matters; the jitter keeps them from going together.
max_requests = 5_000
max_requests_jitter = 500
errorlog = "-"
# A query in an address is as long as its SQL.
limit_request_line = 8_190
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
# Its heartbeat file must not be on a disk that can stall.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# One socket a user, whoever starts first: two installations would fight for it.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Have this process' cells for queries (QUERY_SPARES) and the numbers of the search before the first is asked."""
    from catalog.querying import asking
    from catalog.selectors import facet_columns

    for warm in (facet_columns.warm, asking.warm):
        try:
            warm()
        except Exception:
            # Without them pages are served all the same, and whoever asks first tries again.
            worker.log.exception("%s is not ready yet", warm.__module__)
