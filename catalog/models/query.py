from __future__ import annotations

from django.db import models


class StoredQuery(models.Model):
    """A query that has a permanent address: over published versions, with nothing in it that changes by itself.

    ``sha256`` is of its normalised ``text`` and of ``tables``: their full names, and the sha256 of the manifests of
    their versions. ``engine`` is what answered it first. It is shown to whoever may have the bytes of all its tables.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()
    tables = models.JSONField()
    engine = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256
