"""A version in DataCite's metadata, schema 4.5 (https://schema.datacite.org/meta/kernel-4.5/), as its JSON value.

No DOI is made here: the record says its address, and is what a DOI would be registered with. Who is named first is
one text that its owner wrote; it is called an organization only where it is the publisher.
"""

from __future__ import annotations

from typing import Any

from catalog.models import Access
from catalog.protocols.entry import Entry

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"
_ACCESS_TERMS = {
    Access.PUBLIC: ("Open Access", "http://purl.org/coar/access_right/c_abf2"),
    Access.REGISTERED: ("Restricted Access", "http://purl.org/coar/access_right/c_16ec"),
    Access.RESTRICTED: ("Restricted Access", "http://purl.org/coar/access_right/c_16ec"),
    Access.PRIVATE: ("Closed Access", "http://purl.org/coar/access_right/c_14cb"),
}
_EMBARGOED = ("Embargoed Access", "http://purl.org/coar/access_right/c_f1cf")


def datacite_json(entry: Entry) -> dict[str, Any]:
    """What the JSON schema of 4.5 describes; properties that are not known are left out."""
    version = entry.version
    record: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "url": entry.version_page(version.number),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Versioned table"},
        "creators": [_creator(entry)],
        "titles": [{"title": entry.title}],
        "publisher": {"name": entry.publisher},
        "publicationYear": str(version.published_at.year),
        "dates": _dates(entry),
        "version": version.number,
        "rightsList": _rights(entry),
        "descriptions": _descriptions(entry),
        "alternateIdentifiers": _others(entry),
        "relatedIdentifiers": _related(entry),
    }
    if entry.keywords:
        record["subjects"] = [{"subject": word} for word in entry.keywords]
    if entry.contact_name:
        record["contributors"] = [{"name": entry.contact_name, "contributorType": "ContactPerson"}]
    if version.withdrawn_at is None:
        record["sizes"] = [f"{version.rows} rows", *(f"{file.bytes} bytes" for file in version.files)]
        record["formats"] = list(dict.fromkeys(file.media_type for file in version.files))
    return record


def _creator(entry: Entry) -> dict[str, str]:
    if entry.creator == entry.publisher:
        return {"name": entry.creator, "nameType": "Organizational"}
    return {"name": entry.creator}


def _dates(entry: Entry) -> list[dict[str, str]]:
    version = entry.version
    found = [{"date": version.published_at.date().isoformat(), "dateType": "Issued"}]
    if entry.embargo_until is not None:
        found.append({"date": entry.embargo_until.date().isoformat(), "dateType": "Available"})
    if version.withdrawn_at is not None:
        withdrawn = {"date": version.withdrawn_at.date().isoformat(), "dateType": "Withdrawn"}
        found.append({**withdrawn, "dateInformation": version.withdrawn_reason})
    return found


def _rights(entry: Entry) -> list[dict[str, str]]:
    term, address = _ACCESS_TERMS[entry.access]
    if entry.access == Access.PUBLIC and entry.embargo_until is not None:
        term, address = _EMBARGOED
    found = [{"rights": term, "rightsUri": address}]
    if entry.license is not None:
        spdx = {
            "rights": entry.license.name,
            "rightsUri": entry.license.url,
            "rightsIdentifier": entry.license.id,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
        found.insert(0, spdx)
    return found


def _descriptions(entry: Entry) -> list[dict[str, str]]:
    found = [{"description": entry.summary, "descriptionType": "Abstract"}]
    if entry.methods:
        found.append({"description": entry.methods, "descriptionType": "Methods"})
    if entry.known_limits:
        found.append({"description": entry.known_limits, "descriptionType": "Other"})
    if entry.version.note:
        found.append({"description": entry.version.note, "descriptionType": "TechnicalInfo"})
    return found


def _others(entry: Entry) -> list[dict[str, str]]:
    """The hash of the manifest binds the record to the bytes of the version."""
    return [
        {"alternateIdentifier": f"{entry.id}@{entry.version.number}", "alternateIdentifierType": "Commonfield"},
        {"alternateIdentifier": entry.version.manifest_sha256, "alternateIdentifierType": "SHA-256 of the manifest"},
    ]


def _related(entry: Entry) -> list[dict[str, str]]:
    version = entry.version
    found = [(entry.page, "IsVersionOf"), (f"{entry.version_api(version.number)}/manifest", "HasMetadata")]
    if version.previous:
        found.append((entry.version_page(version.previous), "IsNewVersionOf"))
    if version.newer:
        found.append((entry.version_page(version.newer), "IsPreviousVersionOf"))
    if entry.successor:
        found.append((entry.successor, "IsObsoletedBy"))
    return [
        {"relatedIdentifier": address, "relatedIdentifierType": "URL", "relationType": relation}
        for address, relation in found
    ]
