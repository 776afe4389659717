"""What is harvested: a record for each dataset that anybody may see, and a tombstone for what was taken away.

No client says who it is, so that everything here is for nobody in particular. A record's datestamp is when its dataset
last changed. A tombstone is of a dataset whose versions were all withdrawn, or that was made private after it had been
published for everybody: the audit trail, which is never emptied, knows both, so that ``deletedRecord`` is persistent. A
dataset that was private from the beginning was never a record, and has no tombstone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Cast, Greatest, TruncSecond

from catalog.models import Access, AuditEvent, Dataset, Organization, Version, VersionState
from catalog.models.version import PUBLIC_STATES
from catalog.protocols.entries import changed, with_entries

_IDENTIFIER = re.compile(r"oai:(?P<host>[^:]+):dataset-(?P<key>[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: those changed from and until a second, both included, of one organization."""

    since: datetime | None = None
    until: datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What names a record. The identifier is by number, so that it stays when a dataset is renamed."""

    key: int
    owner: str
    datestamp: datetime
    is_deleted: bool

    @property
    def identifier(self) -> str:
        return identifier_of(self.key)


def host() -> str:
    """The site's name in identifiers (http://www.openarchives.org/OAI/2.0/guidelines-oai-identifier.htm)."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def identifier_of(key: int) -> str:
    return f"oai:{host()}:dataset-{key}"


def key_of(identifier: str) -> int | None:
    """The dataset's number in an identifier of ours; None for any other text."""
    found = _IDENTIFIER.fullmatch(identifier)
    return int(found["key"]) if found and found["host"] == host() else None


def harvested() -> QuerySet[Dataset]:
    """All records and tombstones, with their ``stamp``, in the order of harvesting."""
    return (
        Dataset.objects.filter(latest__isnull=False)
        .annotate(stamp=TruncSecond(_stamp(), output_field=DateTimeField()))
        .filter(Q(stamp__isnull=False))
        .order_by(F("stamp").asc(), "pk")
    )


def selected(selection: Selection) -> QuerySet[Dataset]:
    found = harvested()
    if selection.since is not None:
        found = found.filter(Q(stamp__gte=selection.since))
    if selection.until is not None:
        found = found.filter(Q(stamp__lte=selection.until))
    if selection.owner:
        found = found.filter(organization__slug=selection.owner)
    return found


def after(found: QuerySet[Dataset], stamp: datetime, key: int) -> QuerySet[Dataset]:
    """Those behind the last one that was sent; what changes meanwhile goes to the end and is sent again."""
    return found.filter(Q(stamp__gt=stamp) | Q(stamp=stamp, pk__gt=key))


def read(found: QuerySet[Dataset], *, with_content: bool) -> list[Dataset]:
    """The rows, with all that entries need where they are wanted; a constant number of queries."""
    return list(with_entries(found) if with_content else found.select_related("organization", "latest"))


def header_of(row: Dataset) -> Header:
    """The header of a row of ``harvested``."""
    stamp: datetime = row.stamp  # type: ignore[attr-defined] # Annotated above.
    withdrawn = row.latest is None or row.latest.state == VersionState.WITHDRAWN
    return Header(row.pk, row.organization.slug, stamp.astimezone(UTC), withdrawn or row.access == Access.PRIVATE)


def sets() -> QuerySet[Organization]:
    """Organizations with a record or a tombstone."""
    return Organization.objects.filter(pk__in=harvested().order_by().values("organization")).order_by("slug")


def earliest() -> datetime:
    """No record is or will be older; with none there, now."""
    found: datetime | None = harvested().aggregate(first=Min("stamp"))["first"]
    return (found or datetime.now(UTC)).astimezone(UTC)


def _stamp() -> Case:
    """When the record changed, or went away; nothing for what never was one."""
    return Case(
        When(access=Access.PRIVATE, then=Subquery(_hidden_at())),
        When(latest__state=VersionState.WITHDRAWN, then=Greatest("latest__withdrawn_at", "modified")),
        default=changed(),
        output_field=DateTimeField(),
    )


def _hidden_at() -> QuerySet[AuditEvent, Any]:
    """When a dataset that is private now was made so, if that was after its first publication.

    An event names access only where it changed, and now it is private: so right before the last such event it was not.
    """
    first = (
        Version.objects.filter(dataset=OuterRef(OuterRef("pk")), state__in=PUBLIC_STATES)
        .order_by()
        .values("dataset")
        .annotate(first=Min("published_at"))
        .values("first")
    )
    return (
        AuditEvent.objects.filter(
            object_type="dataset",
            object_id=Cast(OuterRef("pk"), CharField()),
            action="dataset.changed",
            detail__fields__contains=["access"],
            at__gt=Subquery(first),
        )
        .order_by()
        .values("object_type")
        .annotate(last=Max("at"))
        .values("last")
    )
