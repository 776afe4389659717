"""The Celery app. A message is only a wake-up: what is to be done stands in a row (catalog/leases.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

app = Celery("commonfield")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["catalog", "ingest", "quality"])
