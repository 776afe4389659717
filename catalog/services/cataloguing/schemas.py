"""Standard schemas: named, versioned, never changed once made."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.hashes import sha256_of_json
from catalog.models import Organization, Role, StandardSchema
from catalog.numbering import parse
from catalog.permissions import NotSignedIn, require_role
from catalog.slugs import SLUG
from catalog.table_schema import TableSchema


class SchemaVersionExists(Conflict):
    code = "schema-version-exists"
    title = "This version of the schema exists and never changes"


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
    require_role(actor, organization, Role.MAINTAINER, scope="upload")
    if actor.user is None:
        raise NotSignedIn
    if not SLUG.fullmatch(name):
        raise Invalid(fields={"name": ["Use small letters, digits and hyphens."]})
    parse(version)
    other = StandardSchema.objects.filter(name=name).exclude(organization=organization).first()
    if other is not None:
        raise SchemaVersionExists(
            f"The schema “{name}” belongs to {other.organization.title}.", remedy="Choose another name."
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
                created_by=actor.user,
            )
            audit.record(actor=actor, action="schema.created", subject=schema)
    except IntegrityError:
        raise SchemaVersionExists(f"{name} {version} exists.", remedy="Give it a higher version number.") from None
    return schema
