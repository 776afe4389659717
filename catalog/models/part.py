from django.db import models

from catalog.models.resource import Resource


class Part(models.Model):
    """One Parquet file of a resource, content-addressed within its dataset; versions share unchanged parts."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "position"], name="part_position_once_per_resource"),
            models.CheckConstraint(condition=models.Q(bytes__gt=0, rows__gte=0), name="part_sizes_are_possible"),
        ]

    def __str__(self) -> str:
        return f"part {self.position}"
