from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.organization import Organization
from catalog.models.user import User
from catalog.slugs import SLUG_LENGTH, validate_slug

validate_number = RegexValidator(
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z", _("Use MAJOR.MINOR.PATCH, such as 1.2.0.")
)


class StandardSchema(models.Model):
    """A named and versioned Table Schema that many datasets share (dct:conformsTo). Never changed once made."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="schemas")
    name = models.CharField(max_length=SLUG_LENGTH, validators=[validate_slug])
    version = models.CharField(max_length=32, validators=[validate_number])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    descriptor = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-created"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="standardschema_version_once_per_name")]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
