from __future__ import annotations

from django.db import models

from catalog.models.organization import Organization
from catalog.models.user import User
from catalog.slugs import SLUG_LENGTH


class ColumnAlias(models.Model):
    """What an organization's files call a column of a standard schema, of whatever version: said once, remembered."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="column_aliases")
    schema_name = models.CharField(max_length=SLUG_LENGTH)
    alias = models.CharField(max_length=255)
    field = models.CharField(max_length=255)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "schema_name", "alias"], name="columnalias_once_per_organization_and_schema"
            )
        ]

    def __str__(self) -> str:
        return f"{self.alias} = {self.schema_name}.{self.field}"
