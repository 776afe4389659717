from __future__ import annotations

from django.db import models

from catalog.models.dataset import Dataset
from catalog.models.user import User


class Follow(models.Model):
    """A person wants to be told of what happens to a dataset: new versions, embargoes that end, warnings."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="follows")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "dataset"], name="follow_once_per_dataset")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.dataset_id}"
