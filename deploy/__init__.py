"""The composition root. The Celery app is imported here so that whoever sends a task has the right broker.

A web process that does not import it sends its messages to a default AMQP broker that nobody reads.
"""

from deploy.celery import app as celery_app

__all__ = ["celery_app"]
