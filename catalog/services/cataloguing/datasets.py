"""Registering datasets and changing their description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.events import FrequencyChanged, raise_event
from catalog.licenses import get_license
from catalog.models import Access, Dataset, Organization, Role, StandardSchema, UpdateFrequency
from catalog.permissions import Action, require, require_role
from catalog.services.cataloguing.search_index import index_dataset
from catalog.slugs import SLUG, slug_of

MAX_KEYWORDS = 30


class DatasetExists(Conflict):
    code = "dataset-exists"
    title = gettext_lazy("The organization already has a dataset of this short name")


@dataclass(frozen=True, slots=True)
class Description:
    """What an owner says of a dataset. ``None`` means "leave it as it is" in an update."""

    title: str | None = None
    description: str | None = None
    methods: str | None = None
    known_limits: str | None = None
    license: str | None = None
    keywords: list[str] | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    attribution: str | None = None
    access: str | None = None
    max_refused_percent: int | None = None
    update_frequency: str | None = None

    def given(self) -> dict[str, Any]:
        names = self.__dataclass_fields__
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def create_dataset(
    *,
    actor: Actor,
    organization: Organization,
    description: Description,
    slug: str = "",
    conforms_to: StandardSchema | None = None,
) -> Dataset:
    """Register a dataset of the organisation.

    Raises NotSignedIn, ScopeMissing, Forbidden, Invalid, DatasetExists.
    """
    person = require_role(actor, organization, Role.CONTRIBUTOR, scope="upload")
    values = _checked(description)
    if not values.get("title"):
        raise Invalid(fields={"title": [_("A dataset needs a title.")]})
    slug = slug or slug_of(values["title"], fallback="dataset")
    if not SLUG.fullmatch(slug):
        raise Invalid(fields={"slug": [_("Use small letters, digits and hyphens.")]})
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(
                organization=organization, slug=slug, conforms_to=conforms_to, created_by=person, **values
            )
            audit.record(
                actor=actor,
                action="dataset.created",
                subject=dataset,
                dataset_id=dataset.pk,
                label=f"{organization.slug}/{slug}",
            )
            index_dataset(dataset)
    except IntegrityError:
        raise DatasetExists(
            _("%(slug)s/%(slug_2)s exists.") % {"slug": organization.slug, "slug_2": slug},
            remedy=_("Choose another short name, or add a version to that dataset."),
        ) from None
    return dataset


@transaction.atomic
def update_dataset(
    *,
    actor: Actor,
    dataset: Dataset,
    description: Description,
    conforms_to: StandardSchema | bool | None = False,
) -> Dataset:
    """Change the description; ``conforms_to=None`` takes the standard schema away, False leaves it.

    Raises NotFound, Forbidden, Invalid.
    """
    require(actor, Action.EDIT, dataset)
    changes = _checked(description)
    if "title" in changes and not changes["title"]:
        raise Invalid(fields={"title": [_("A dataset needs a title.")]})
    if "access" in changes and changes["access"] != dataset.access:
        # Who may have the bytes is the maintainers' to decide, not every contributor's.
        require(actor, Action.GRANT, dataset)
    if "license" in changes and not changes["license"] and dataset.latest_id:
        raise Invalid(fields={"license": [_("A published dataset keeps a licence.")]})
    before = {name: getattr(dataset, name) for name in changes}
    for name, value in changes.items():
        setattr(dataset, name, value)
    fields = [*changes, "modified"]
    if not isinstance(conforms_to, bool):
        dataset.conforms_to = conforms_to
        fields.append("conforms_to")
    # The rest of the row may have changed since it was read: rules have their own services.
    dataset.save(update_fields=fields)
    audit.record(
        actor=actor,
        action="dataset.changed",
        subject=dataset,
        dataset_id=dataset.pk,
        fields=[name for name in changes if changes[name] != before[name]],
    )
    index_dataset(dataset)
    if changes.get("update_frequency", before.get("update_frequency")) != before.get("update_frequency"):
        raise_event(FrequencyChanged(dataset_id=dataset.pk))
    return dataset


def _checked(description: Description) -> dict[str, Any]:
    values = {name: value.strip() if isinstance(value, str) else value for name, value in description.given().items()}
    problems: dict[str, list[str]] = {}
    if len(values.get("title", "")) > 200:
        problems["title"] = ["A title has at most 200 characters."]
    if values.get("license") and get_license(values["license"]) is None:
        problems["license"] = [f"“{values['license']}” is no SPDX licence identifier, such as CC-BY-4.0."]
    if "access" in values and values["access"] not in Access.values:
        problems["access"] = [f"“{values['access']}” is none of {', '.join(Access.values)}."]
    if values.get("update_frequency") and values["update_frequency"] not in UpdateFrequency.values:
        known = ", ".join(UpdateFrequency.values)
        problems["update_frequency"] = [f"“{values['update_frequency']}” is none of {known}."]
    if values.get("contact_email") and not _is_email(values["contact_email"]):
        problems["contact_email"] = ["This is no e-mail address."]
    percent = description.max_refused_percent
    if percent is not None and not 0 <= percent <= 100:
        problems["max_refused_percent"] = ["A percentage is a whole number from 0 to 100."]
    if "keywords" in values:
        words = list(dict.fromkeys(word.strip() for word in values["keywords"] if word.strip()))
        if len(words) > MAX_KEYWORDS or any(len(word) > 64 for word in words):
            problems["keywords"] = [f"At most {MAX_KEYWORDS} keywords of at most 64 characters."]
        values["keywords"] = words
    if problems:
        raise Invalid(fields=problems)
    return values


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
