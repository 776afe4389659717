"""Personal data in the API's answers: what the search of a table found, and what holds a version."""

from __future__ import annotations

from typing import cast

from catalog.api.personal_shapes import HeldShape, PersonalShape
from catalog.models import Resource, Version
from catalog.personal.reading import shown
from catalog.selectors.decisions import approving_review
from catalog.services.reviewing.personal import held_version


def personal_shape(resource: Resource, *, with_values: bool) -> PersonalShape:
    """The search of a table in words, with the words of the steward who approved the version."""
    found = shown(resource.report.personal if resource.report else {}, with_values=with_values)
    approved = approving_review(resource.version)
    return cast("PersonalShape", {**found, "decided": [] if approved is None else approved.personal})


def held_shape(version: Version) -> list[HeldShape]:
    """The kinds that need a steward's word before the version can be approved."""
    return [{"kind": item.kind.value, "title": item.title, "where": item.where} for item in held_version(version)]
