"""A release as a Data Package, version 1 (https://specs.frictionlessdata.io) or 2 (https://datapackage.org).

``bytes`` is left out: frictionless does not count those of a Parquet file, and finds that they are not as many.
"""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings

from catalog.protocols.release import Column, PartFile, Release, ReleasedTable
from catalog.types import table_schema_type

Spec = Literal["1", "2"]
_PROFILES = "https://datapackage.org/profiles/2.0"


def datapackage(release: Release, *, spec: Spec, local: bool = False) -> dict[str, Any]:
    """The descriptor. Paths are addresses, or with ``local`` names beside it, as registry.txt has them."""
    package: dict[str, Any] = (
        {"$schema": f"{_PROFILES}/datapackage.json"} if spec == "2" else {"profile": "data-package"}
    )
    package |= {
        "name": release.slug,
        "id": release.page,
        "title": release.title,
        "version": release.number,
        "created": release.published_at.isoformat(timespec="seconds"),
        "homepage": release.page,
        "contributors": [_publisher(release, spec)],
        "resources": [_resource(table, spec, local=local) for table in release.tables],
    }
    if release.description:
        package["description"] = release.description
    if release.keywords:
        package["keywords"] = list(release.keywords)
    if release.license is not None:
        # Data Package's names of licences are those of the Open Definition, where SPDX's are the same mostly.
        license_ = release.license
        package["licenses"] = [{"name": license_.id, "path": license_.url, "title": license_.name}]
    return package


def _publisher(release: Release, spec: Spec) -> dict[str, Any]:
    role = {"roles": ["publisher"]} if spec == "2" else {"role": "publisher"}
    return {"title": release.publisher, "path": f"{settings.BASE_URL}/{release.owner}/", **role}


def _resource(table: ReleasedTable, spec: Spec, *, local: bool) -> dict[str, Any]:
    paths = [_path(part, local=local) for part in table.parts]
    resource: dict[str, Any] = {"$schema": f"{_PROFILES}/dataresource.json"} if spec == "2" else {}
    resource |= {
        "name": table.name,
        "path": paths[0] if len(paths) == 1 else paths,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": _schema(table, spec),
    }
    if table.title:
        resource["title"] = table.title
    if len(table.parts) == 1:
        resource["hash"] = f"sha256:{table.parts[0].sha256}"
    return resource


def _path(part: PartFile, *, local: bool) -> str:
    return part.name if local else part.url


def _schema(table: ReleasedTable, spec: Spec) -> dict[str, Any]:
    """The stored schema, with the types that the Parquet's values have."""
    kept = {key: value for key, value in table.schema.items() if key not in {"fields", "$schema"}}
    schema: dict[str, Any] = {"$schema": f"{_PROFILES}/tableschema.json"} if spec == "2" else {}
    return {**schema, **kept, "fields": [_field(column, spec) for column in table.columns]}


def _field(column: Column, spec: Spec) -> dict[str, Any]:
    field = {**column.field, "type": table_schema_type(column.type)}
    # The values are typed already; a format of text, such as a date's, is none of theirs.
    field.pop("format", None)
    if spec == "1":
        field.pop("categories", None)
    return field
