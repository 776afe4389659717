"""Quotas: bytes that an organization keeps, bytes that are downloaded, requests in a day.

Storage is counted from the rows, exactly; downloads and requests in the broker, by person and by organization whose
data they are. What is open to everybody is counted for the organization alone where nobody is signed in.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass

from django.conf import settings
from django.db.models import BigIntegerField, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.allowances.counter import Spent, look_until_reset, spend_until_reset
from catalog.errors import TooLarge, TooMany
from catalog.models import Document, Organization, Part, Quota, QuotaKind, ResourceSource, User

DOWNLOAD_DAYS = 30
REQUEST_DAYS = 1
REMEMBERED_SECONDS = 30
_DAYS = {QuotaKind.DOWNLOADS: DOWNLOAD_DAYS, QuotaKind.REQUESTS: REQUEST_DAYS}


class StorageQuotaSpent(TooLarge):
    code = "storage-quota-spent"
    title = gettext_lazy("The organization's storage is full")


class QuotaSpent(TooMany):
    code = "quota-spent"
    title = gettext_lazy("The quota is spent")


@dataclass(frozen=True, slots=True)
class Usage:
    """``used`` of ``limit`` (None: without end), in bytes or requests; ``reset`` is in seconds, None for storage."""

    kind: QuotaKind
    used: int
    limit: int | None
    reset: int | None = None


def limit_of(holder: User | Organization, kind: QuotaKind) -> int | None:
    """The holder's own quota or the site's; None is without end. A change counts within half a minute."""
    own = _own_quotas(int(time.monotonic() / REMEMBERED_SECONDS))
    key = (isinstance(holder, User), holder.pk, kind.value)
    if key in own:
        return own[key]
    site = {
        QuotaKind.STORAGE: settings.QUOTA_STORAGE_BYTES,
        QuotaKind.DOWNLOADS: settings.QUOTA_DOWNLOAD_BYTES if isinstance(holder, User) else 0,
        QuotaKind.REQUESTS: settings.QUOTA_REQUESTS if isinstance(holder, User) else 0,
    }[kind]
    return int(site) or None


def forget_quotas() -> None:
    """Have the rows read anew by this process."""
    _own_quotas.cache_clear()


@functools.lru_cache(maxsize=1)
def _own_quotas(_moment: int) -> dict[tuple[bool, int, str], int | None]:
    """All rows there are, which are few, so that no request pays for asking."""
    rows = Quota.objects.values_list("user_id", "organization_id", "kind", "amount")
    return {(user is not None, user or organization or 0, kind): amount for user, organization, kind, amount in rows}


def stored_bytes(organization: Organization) -> int:
    """Bytes of the organization's objects: each of them once in a dataset, whichever versions have it.

    They are the originals and parts of tables, and documents.
    """
    parts = Part.objects.filter(resource__version__dataset__organization=organization)
    originals = ResourceSource.objects.filter(resource__version__dataset__organization=organization)
    documents = Document.objects.filter(version__dataset__organization=organization)
    return _sum(parts) + _sum(originals) + _sum(documents, of="version__dataset")


def require_storage(organization: Organization, *, more: int) -> None:
    """Raises StorageQuotaSpent if ``more`` bytes don't fit any more."""
    limit = limit_of(organization, QuotaKind.STORAGE)
    if limit is None:
        return
    used = stored_bytes(organization)
    if used + more > limit:
        raise StorageQuotaSpent(
            _("%(title)s keeps %(used)s of %(limit)s bytes, and this is %(more)s more.")
            % {"title": organization.title, "used": f"{used:,}", "limit": f"{limit:,}", "more": f"{more:,}"},
            remedy=_("Remove drafts that nobody needs, or ask the operators for more room."),
            used=used,
            limit=limit,
        )


def charge_download(actor: Actor, organization: Organization, size: int) -> None:
    """Count bytes that are about to be sent, for the person and for the organization. Raises QuotaSpent."""
    for holder in (actor.user, organization):
        if holder is not None:
            _charge(holder, QuotaKind.DOWNLOADS, size)


def charge_request(actor: Actor) -> None:
    """Count a request of a person's day. Raises QuotaSpent."""
    if actor.user is not None:
        _charge(actor.user, QuotaKind.REQUESTS, 1)


def usage_of(holder: User | Organization) -> list[Usage]:
    """What the holder used of each quota, in the order of QuotaKind."""
    found = []
    if isinstance(holder, Organization):
        found.append(Usage(QuotaKind.STORAGE, stored_bytes(holder), limit_of(holder, QuotaKind.STORAGE)))
    for kind, days in _DAYS.items():
        limit = limit_of(holder, kind)
        if limit is not None and (spent := look_until_reset(limit, days, *_key(holder, kind))) is not None:
            found.append(Usage(kind, limit - spent.remaining, limit, spent.reset))
    return found


def _charge(holder: User | Organization, kind: QuotaKind, amount: int) -> None:
    limit = limit_of(holder, kind)
    if limit is None:
        return
    spent = spend_until_reset(limit, _DAYS[kind], *_key(holder, kind), cost=amount)
    if spent is not None and spent.is_over:
        raise _refusal(holder, kind, spent)


def _refusal(holder: User | Organization, kind: QuotaKind, spent: Spent) -> QuotaSpent:
    title = "" if isinstance(holder, User) else holder.title
    return QuotaSpent(
        _told(kind, of_person=isinstance(holder, User))
        % {"title": title, "limit": f"{spent.limit:,}", "remaining": f"{spent.remaining:,}"},
        remedy=_("Try again in %(reset)s seconds, or ask the operators for more.") % {"reset": f"{spent.reset:,}"},
        wait=spent.reset,
        limit=spent.limit,
        remaining=spent.remaining,
    )


def _told(kind: QuotaKind, *, of_person: bool) -> str:
    if kind == QuotaKind.DOWNLOADS:
        if of_person:
            return _("You have %(limit)s bytes of downloads in 30 days, and %(remaining)s are left.")
        return _(
            "All readers of the data of %(title)s together have %(limit)s bytes of downloads in 30 days, "
            "and %(remaining)s are left."
        )
    if of_person:
        return _("You have %(limit)s requests a day, and %(remaining)s are left.")
    return _("All readers of the data of %(title)s together have %(limit)s requests a day, and %(remaining)s are left.")


def _key(holder: User | Organization, kind: QuotaKind) -> tuple[str, ...]:
    return (kind.value, "person" if isinstance(holder, User) else "organization", str(holder.pk))


def _sum(
    rows: QuerySet[Part] | QuerySet[ResourceSource] | QuerySet[Document], *, of: str = "resource__version__dataset"
) -> int:
    objects = rows.values(of, "sha256", "bytes").distinct()
    total = objects.aggregate(total=Coalesce(Sum("bytes"), 0, output_field=BigIntegerField()))
    return int(total["total"])
