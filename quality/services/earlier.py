"""What the last published version says of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.models import Resource


def earlier_profiles(resource: Resource) -> dict[str, Mapping[str, Any]] | None:
    """The profiles of the columns, by name, of the same table in the last published version that is not its own.

    None where there is no such version or table.
    """
    version = resource.version
    latest = version.dataset.latest
    if latest is None or latest == version:
        return None
    same = latest.resources.filter(name=resource.name).first()
    if same is None or not same.profile:
        return None
    return {column["name"]: column for column in same.profile.get("columns", [])}
