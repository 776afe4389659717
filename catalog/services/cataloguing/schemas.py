"""Standard schemas: named, versioned, never changed once made."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.hashes import sha256_of_json
from catalog.models import Organization, Role, StandardSchema
from catalog.numbering import parse
from catalog.permissions import require_role
from catalog.slugs import SLUG
from catalog.table_schema import TableSchema


class SchemaVersionExists(Conflict):
    code = "schema-version-exists"
    title = gettext_lazy("This version of the schema exists and never changes")


def create_schema(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    version: str,
    title: str,
    descriptor: dict[str, Any],
    description: str = "",
) -> StandardSchema:
    """Make a version of a standard schema.

    Raises Forbidden, Invalid, InvalidSchema (with every problem), SchemaVersionExists.
    """
    person = require_role(actor, organization, Role.MAINTAINER, scope="upload")
    if not SLUG.fullmatch(name):
        raise Invalid(fields={"name": [_("Use small letters, digits and hyphens.")]})
    parse(version)
    other = StandardSchema.objects.filter(name=name).exclude(organization=organization).first()
    if other is not None:
        raise SchemaVersionExists(
            _("The schema “%(name)s” belongs to %(title)s.") % {"name": name, "title": other.organization.title},
            remedy=_("Choose another name."),
        )
    clean = TableSchema.from_descriptor(descriptor).to_descriptor()
    try:
        with transaction.atomic():
            schema = StandardSchema.objects.create(
                organization=organization,
                name=name,
                version=version,
                title=title.strip() or name,
                description=description,
                descriptor=clean,
                sha256=sha256_of_json(clean),
                created_by=person,
            )
            audit.record(actor=actor, action="schema.created", subject=schema)
    except IntegrityError:
        raise SchemaVersionExists(
            _("%(name)s %(version)s exists.") % {"name": name, "version": version},
            remedy=_("Give it a higher version number."),
        ) from None
    return schema
