"""A dataset's other name or organization. Its old names lead to it for ever, and no other dataset gets them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.models import Dataset, Organization, Role
from catalog.permissions import Action, require, require_role
from catalog.services.cataloguing.search_index import index_dataset
from catalog.slugs import SLUG
from catalog.transitions import lock


class NameTaken(Conflict):
    code = "name-taken"
    title = gettext_lazy("A dataset has or had this name")


def rename_dataset(
    *, actor: Actor, dataset: Dataset, slug: str = "", organization: Organization | None = None
) -> Dataset:
    """Give the dataset another short name, or move it to another organization, or both.

    Raises NotFound, Forbidden (a maintainer of both organizations does it), Invalid, NameTaken.
    """
    require(actor, Action.RENAME, dataset)
    target = organization or dataset.organization
    if target.pk != dataset.organization_id:
        require_role(actor, target, Role.MAINTAINER, scope="manage")
    name = slug or dataset.slug
    if not SLUG.fullmatch(name):
        raise Invalid(fields={"slug": [_("Use small letters, digits and hyphens.")]})
    if (target.pk, name) == (dataset.organization_id, dataset.slug):
        raise Invalid(fields={"slug": [_("This is its name already.")]})
    try:
        with transaction.atomic():
            return _rename(actor, dataset, target, name)
    except IntegrityError:
        raise NameTaken(
            _("%(slug)s/%(name)s is, or was, another dataset.") % {"slug": target.slug, "name": name},
            remedy=_("Choose another name."),
        ) from None


def _rename(actor: Actor, dataset: Dataset, target: Organization, name: str) -> Dataset:
    locked = lock(dataset)
    before = f"{locked.organization.slug}/{locked.slug}"
    locked.organization, locked.slug = target, name
    locked.save(update_fields=["organization", "slug", "modified"])
    audit.record(
        actor=actor,
        action="dataset.renamed",
        subject=locked,
        dataset_id=locked.pk,
        label=f"{target.slug}/{name}",
        before=before,
    )
    index_dataset(locked)
    return locked
