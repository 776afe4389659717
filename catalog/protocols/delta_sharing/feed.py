"""What changed in a table from version to version, told by its files: those that came, those that went.

Parts are named by their content, so that a part which a version shares with the one before is no change. Versions that
were withdrawn, or that the actor may not have, are left out: the next one is held against the last one that is served.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.models import Part, Resource, Version
from catalog.protocols.delta_sharing.actions import Change, File, FileChange, TableFacts, file_ids
from catalog.protocols.delta_sharing.links import expires_at, link_url
from catalog.protocols.delta_sharing.tables import Moment, first_since, last_until
from catalog.protocols.parameters import ParameterInvalid
from catalog.protocols.release import columns_of

_IDS = uuid.UUID("6a1f3c52-5a3c-4e5e-9d61-0d6f6c2f8f10")


def facts_of(resource: Resource) -> TableFacts:
    """What the metadata say of a table; its parts are read already."""
    version = resource.version
    columns = columns_of(resource.schema)
    return TableFacts(
        id=uuid.uuid5(_IDS, f"{version.dataset_id}/{resource.name}"),
        name=resource.name,
        description=resource.title or version.dataset.title,
        columns=tuple((column.name, column.type) for column in columns),
        comments={column.name: column.description for column in columns},
        number=version.number or "",
        sequence=version.sequence or 0,
        created=milliseconds(version.published_at),
        bytes=resource.bytes,
        files=len(resource.parts.all()),
    )


def files_of(actor: Actor, resource: Resource) -> list[File]:
    """The table's files with addresses for the actor, in the order of their rows."""
    parts = list(resource.parts.all())
    ids, expires = file_ids(part.sha256 for part in parts), expires_at()
    return [_file(actor, resource, part, name, expires) for part, name in zip(parts, ids, strict=True)]


def milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Span:
    """The versions of a feed; ``before`` is the one that the first is held against, None at the beginning."""

    before: Version | None
    versions: tuple[Version, ...]


def find_span(versions: Sequence[Version], start: Moment, end: Moment) -> Span:
    """The versions from ``start`` to ``end`` among those that the actor may have, oldest first.

    Raises ParameterInvalid.
    """
    if start == Moment():
        raise ParameterInvalid(_("Name the startingVersion or the startingTimestamp of the changes."))
    first = _named(versions, start, since=True)
    last = versions[-1] if end == Moment() else _named(versions, end, since=False)
    begin, stop = versions.index(first), versions.index(last)
    if stop < begin:
        raise ParameterInvalid(
            _("The changes would end (version %(sequence)s) before they begin (%(sequence_2)s).")
            % {"sequence": last.sequence, "sequence_2": first.sequence}
        )
    return Span(versions[begin - 1] if begin else None, tuple(versions[begin : stop + 1]))


def _named(versions: Sequence[Version], moment: Moment, *, since: bool) -> Version:
    if moment.version is not None and moment.timestamp is not None:
        raise ParameterInvalid(_("Name a version or a timestamp, not both."))
    if moment.timestamp is not None:
        return first_since(versions, moment.timestamp) if since else last_until(versions, moment.timestamp)
    found = next((version for version in versions if version.sequence == moment.version), None)
    if found is None:
        raise ParameterInvalid(
            _("There is no version %(version)s of this table that is served.") % {"version": moment.version}
        )
    return found


def tables_in(span: Span, name: str) -> dict[int, Resource]:
    """The table of that name in each version of the span and in the one before, by the version's id."""
    versions = {version.pk: version for version in (span.before, *span.versions) if version is not None}
    found = Resource.objects.filter(version__in=versions, name=name.lower()).prefetch_related("parts")
    tables = {resource.version_id: resource for resource in found}
    for resource in tables.values():
        resource.version = versions[resource.version_id]
    return tables


def changes_in(actor: Actor, span: Span, tables: dict[int, Resource]) -> Iterator[FileChange]:
    """Every file that went or came, version by version. A version without the table has no file of it."""
    before = tables.get(span.before.pk) if span.before is not None else None
    expires = expires_at()
    for version in span.versions:
        now = tables.get(version.pk)
        yield from _changed(actor, version, "remove", before, now, expires)
        yield from _changed(actor, version, "add", now, before, expires)
        before = now


def _changed(
    actor: Actor, version: Version, change: Change, having: Resource | None, other: Resource | None, expires: int
) -> Iterator[FileChange]:
    """The parts of one table that the other has not, counting what stands in it several times."""
    if having is None:
        return
    shared = Counter() if other is None else Counter(part.sha256 for part in other.parts.all())
    parts = list(having.parts.all())
    for part, name in zip(parts, file_ids(part.sha256 for part in parts), strict=True):
        if shared[part.sha256]:
            shared[part.sha256] -= 1
            continue
        file = _file(actor, having, part, name, expires)
        yield FileChange(change, file, version.sequence or 0, milliseconds(version.published_at))


def _file(actor: Actor, resource: Resource, part: Part, name: str, expires: int) -> File:
    return File(name, link_url(actor, resource, part.position), expires, part.bytes, part.rows)
