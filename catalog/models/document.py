from __future__ import annotations

from urllib.parse import quote

from django.db import models
from django.db.models.functions import Lower

from catalog.models.version import Version


class Document(models.Model):
    """A file of a version that explains its tables: a codebook, a questionnaire, a map. Nobody reads what is in it.

    ``name`` is the file's name, safe for any folder (catalog/document_names.py); ``media_type`` was found from the
    bytes. The bytes lie in the store under their sha256 (``keys.document``); versions that have the same share them.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=1_000, blank=True)
    position = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100)
    upload_id = models.UUIDField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            # Whoever saves all of them in a folder of a Mac or of Windows must not lose one.
            models.UniqueConstraint(Lower("name"), "version", name="document_name_once_per_version"),
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="document_has_bytes"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="document_is_hashed",
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(name__contains="/"), name="document_name_is_of_a_file"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it is below its version, in the API."""
        return f"documents/{quote(self.name)}"
