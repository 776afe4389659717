"""Entries as CKAN's dictionaries (https://docs.ckan.org/en/2.11/api/): pure functions.

Times are naive and in UTC, as CKAN writes them. A dataset is its latest version; the numbers of the others stand in
``extras``, and ``package_show`` takes ``name@1.0.0``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from catalog.licenses import License
from catalog.models import Access, Organization
from catalog.protocols.ckan.ids import Kind, id_of
from catalog.protocols.dcat import vocabulary
from catalog.protocols.entry import Entry, EntryFile, EntryTable

Json = dict[str, Any]


def name_of(owner: str, slug: str) -> str:
    """CKAN's names are one for the whole site. Ours hold no underscore, so that one between them is unmistakable."""
    return f"{owner}_{slug}"


def moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def package(entry: Entry) -> Json:
    """A dataset with its latest version, or with the version that the entry has."""
    version = entry.version
    resources = [] if version.withdrawn_at else _resources(entry)
    return {
        "id": id_of(Kind.DATASET, entry.key),
        "name": name_of(entry.owner, entry.slug),
        "title": entry.title,
        "notes": entry.description,
        "type": "dataset",
        "state": "active",
        "private": entry.access == Access.PRIVATE,
        "isopen": _is_open(entry),
        "version": version.number,
        "url": entry.page,
        "author": entry.creator,
        "author_email": None,
        "maintainer": entry.contact_name or None,
        "maintainer_email": entry.contact_email or None,
        "license_id": entry.license.id if entry.license else "notspecified",
        "license_title": entry.license.name if entry.license else "License not specified",
        "license_url": entry.license.url if entry.license else None,
        "owner_org": id_of(Kind.ORGANIZATION, entry.publisher_key),
        "organization": organization_of(entry),
        "groups": [],
        "tags": [tag(word) for word in entry.keywords],
        "num_tags": len(entry.keywords),
        "extras": _extras(entry),
        "resources": resources,
        "num_resources": len(resources),
        "metadata_created": moment(entry.issued),
        "metadata_modified": moment(entry.modified),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def _is_open(entry: Entry) -> bool:
    return entry.is_open and entry.license is not None and "NC" not in entry.license.id


def _extras(entry: Entry) -> list[Json]:
    """What CKAN has no field for, under the names that ckanext-dcat knows where it knows one."""
    version = entry.version
    found = {
        "identifier": entry.page,
        "uri": f"{entry.page}#dataset",
        "access_rights": vocabulary.access_right(entry).value,
        "issued": entry.issued.isoformat(),
        "modified": entry.modified.isoformat(),
        "version_notes": version.note,
        "provenance": entry.methods,
        "known_limits": entry.known_limits,
        "has_version": " ".join(entry.numbers),
        "manifest_sha256": version.manifest_sha256,
        "frequency": entry.frequency,
        "conforms_to": entry.conforms_to,
        "embargo_until": entry.embargo_until.isoformat() if entry.embargo_until else "",
        "withdrawn_reason": version.withdrawn_reason,
        "successor": entry.successor,
    }
    return [{"key": key, "value": value} for key, value in found.items() if value]


def tag(word: str) -> Json:
    return {"name": word, "display_name": word, "state": "active", "vocabulary_id": None}


# ---------------------------------------------------------------- organizations
def organization_of(entry: Entry) -> Json:
    """The organization as it stands in a package."""
    return {
        "id": id_of(Kind.ORGANIZATION, entry.publisher_key),
        "name": entry.owner,
        "title": entry.publisher,
        "type": "organization",
        "description": "",
        "image_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def organization(row: Organization, *, packages: int) -> Json:
    return {
        "id": id_of(Kind.ORGANIZATION, row.pk),
        "name": row.slug,
        "title": row.title,
        "display_name": row.title,
        "type": "organization",
        "description": row.description,
        "image_url": "",
        "image_display_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
        "created": moment(row.created),
        "package_count": packages,
        "num_followers": 0,
        "extras": [],
        "tags": [],
        "groups": [],
        "users": [],
    }


def license_of(item: License) -> Json:
    return {
        "id": item.id,
        "title": item.name,
        "url": item.url,
        "status": "active",
        "family": "",
        "maintainer": "",
        "domain_data": item.recommended,
        "domain_content": False,
        "domain_software": False,
        "is_generic": False,
        "od_conformance": "not reviewed",
        "osd_conformance": "not reviewed",
    }


# ---------------------------------------------------------------- resources
def _resources(entry: Entry) -> list[Json]:
    """Each file once. A table of many files has a resource of its own before them, which is queried as a whole."""
    found: list[Json] = []
    seen: set[tuple[str, str]] = set()
    for table in entry.version.tables:
        parts = table.parts
        if len(parts) > 1:
            found.append(_table_of_many(entry, table))
        for file in table.files:
            if (file.sha256, file.name) in seen:
                continue
            seen.add((file.sha256, file.name))
            found.append(_file(entry, table, file, is_whole=file.kind == "parquet" and len(parts) == 1))
    found += [_document(entry, file) for file in entry.version.documents]
    return [{**item, "position": position} for position, item in enumerate(found)]


def _resource(entry: Entry, key: str, **more: Any) -> Json:
    published = moment(entry.version.published_at)
    return {
        "id": key,
        "package_id": id_of(Kind.DATASET, entry.key),
        "state": "active",
        "url_type": None,
        "resource_type": None,
        "cache_url": None,
        "mimetype_inner": None,
        "created": published,
        "last_modified": published,
        "metadata_modified": published,
        **more,
    }


def _file(entry: Entry, table: EntryTable, file: EntryFile, *, is_whole: bool) -> Json:
    kind = Kind.TABLE if is_whole else (Kind.PART if file.kind == "parquet" else Kind.ORIGINAL)
    file_type = vocabulary.file_type(file.media_type)
    said = table.title if file.kind == "parquet" else f"{table.title}: as it was uploaded"
    return _resource(
        entry,
        id_of(kind, table.key if is_whole else file.key),
        name=file.name,
        description=said,
        url=file.url,
        format=file_type.value.rpartition("/")[2] if file_type else "",
        mimetype=file.media_type,
        size=file.bytes,
        hash=f"sha256:{file.sha256}",
        datastore_active=is_whole,
    )


def _document(entry: Entry, file: EntryFile) -> Json:
    """A file that explains the tables; CKAN's word for such a resource is its type (``resource_type``)."""
    file_type = vocabulary.file_type(file.media_type)
    return _resource(
        entry,
        id_of(Kind.DOCUMENT, file.key),
        resource_type="documentation",
        name=file.title or file.name,
        description=file.description,
        url=file.url,
        format=file_type.value.rpartition("/")[2] if file_type else "",
        mimetype=file.media_type,
        size=file.bytes,
        hash=f"sha256:{file.sha256}",
        datastore_active=False,
    )


def _table_of_many(entry: Entry, table: EntryTable) -> Json:
    return _resource(
        entry,
        id_of(Kind.TABLE, table.key),
        name=table.name,
        description=f"{table.title}: all rows",
        url=f"{table.url}/rows",
        format="JSON",
        mimetype="application/json",
        size=table.bytes,
        hash="",
        datastore_active=True,
    )


def site() -> Json:
    """What ``status_show`` says. The version is that of CKAN whose API this follows."""
    return {
        "ckan_version": "2.11.0",
        "site_url": settings.BASE_URL,
        "site_title": "Commonfield",
        "site_description": "Versioned, checked and access-controlled tables.",
        "error_emails_to": None,
        "locale_default": settings.LANGUAGE_CODE,
        "extensions": ["datastore"],
    }
