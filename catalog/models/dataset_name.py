from __future__ import annotations

from django.db import models

from catalog.models.dataset import Dataset
from catalog.models.organization import Organization
from catalog.slugs import SLUG_LENGTH


class DatasetName(models.Model):
    """Every name that a dataset has or had; a name once given is never another dataset's.

    A trigger on the datasets writes them and refuses a name of another one, so that no service can forget it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    slug = models.CharField(max_length=SLUG_LENGTH)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="datasetname_of_one_dataset")]

    def __str__(self) -> str:
        return self.slug
