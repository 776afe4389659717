"""What search finds a dataset by: title, keywords, columns, organisation, description (weights A to D)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from catalog.markdown import plain
from catalog.models import Dataset, Resource
from catalog.unspaced import pairs_of


def index_dataset(dataset: Dataset) -> None:
    """Write the search columns of one dataset anew. Column names count once a version is published."""
    fields = [
        field
        for schema in Resource.objects.filter(version=dataset.latest_id).values_list("schema", flat=True)
        for field in schema.get("fields", [])
    ]
    columns = " ".join(f"{field['name']} {field.get('title', '')}" for field in fields)
    meanings = " ".join(field.get("description", "") for field in fields)
    organization = f"{dataset.organization.slug} {dataset.organization.title}"
    words = (dataset.description, dataset.methods, dataset.known_limits)
    weighted = {
        "A": f"{dataset.title} {dataset.slug}",
        "B": f"{' '.join(dataset.keywords)} {organization}",
        "C": f"{columns} {columns.replace('_', ' ')}",
        "D": f"{' '.join(filter(None, map(plain, words)))} {meanings}",
    }
    # English stems and plain words side by side: "penguins" finds "penguin", and names are found as written.
    vector: Any = SearchVector(Value(""), config="simple")
    for weight, text in weighted.items():
        for config in ("english", "simple"):
            vector = vector + SearchVector(Value(text[:200_000]), weight=weight, config=config)
        if pairs := pairs_of(text[:100_000]):
            vector = vector + SearchVector(Value(pairs), weight=weight, config="simple")
    Dataset.objects.filter(pk=dataset.pk).update(
        search_vector=vector, search_text=" ".join(weighted.values())[:200_000].casefold()
    )
