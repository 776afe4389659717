"""Two versions that somebody wants compared: who may see that, and the bytes of what changed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog import audit, keys
from catalog.actor import Actor
from catalog.differences import StoredDifference, difference_of, want_difference
from catalog.errors import Invalid, NotFound
from catalog.models import Dataset, Version, VersionState
from catalog.permissions import may_download, require_download
from catalog.selectors.datasets import get_version
from catalog.services.delivering.downloads import PARQUET, Download
from catalog.services.delivering.entitlements import basis_of, entitlement_of, refuse_withdrawn


def get_pair(*, actor: Actor, dataset: Dataset, base: str, version: str) -> tuple[Version, Version]:
    """The two versions as the actor sees them, the older side first. Raises NotFound, Invalid for one and the same."""
    found = (
        get_version(actor=actor, dataset=dataset, version=base),
        get_version(actor=actor, dataset=dataset, version=version),
    )
    if found[0].pk == found[1].pk:
        raise Invalid(_("These are the same version."), remedy=_("Choose two different versions."))
    return found


def may_see_values(*, actor: Actor, base: Version, version: Version) -> bool:
    """Whether the actor may have the bytes of both: allowed, and neither is withdrawn."""
    is_served = VersionState.WITHDRAWN not in (base.state, version.state)
    return is_served and all(may_download(actor, item) for item in (base, version))


def require_values(*, actor: Actor, base: Version, version: Version) -> None:
    """Raises NotFound, Forbidden, NotSignedIn or VersionWithdrawn unless the actor may have the bytes of both."""
    for item in (base, version):
        require_download(actor, item)
        refuse_withdrawn(item, remedy=_("Compare other versions."))


def current_difference(*, base: Version, version: Version) -> StoredDifference:
    """The difference as the versions are now; computing it is asked for where it is not there. Raises Unavailable."""
    found = difference_of(version, base)
    return found if found is not None and found.is_current else want_difference(version, base)


def find_changes(*, actor: Actor, base: Version, version: Version, table: str) -> Download:
    """The file of all changes of a table, if the actor may have the bytes of both versions.

    Raises NotFound where there is none (yet), Forbidden, NotSignedIn, VersionWithdrawn.
    """
    require_values(actor=actor, base=base, version=version)
    found = current_difference(base=base, version=version)
    file = found.tables.get(table, {}).get("file") if found.is_current else None
    if file is None:
        raise NotFound(
            _("There is no file of the changes of “%(table)s”.") % {"table": table},
            remedy=_("Read the difference first; the file is there when its state is “done”."),
        )
    name = f"{version.dataset.slug}-{table}-{base.address}-to-{version.address}.parquet"
    key = keys.changes(version.dataset_id, file["sha256"])
    until = entitlement_of(actor=actor, version=version).until
    return Download(key, name, media_type=PARQUET, bytes=file["bytes"], sha256=file["sha256"], until=until)


def record_changes(*, actor: Actor, base: Version, version: Version, download: Download) -> None:
    """Every download is on the audit trail."""
    audit.record(
        actor=actor,
        action="changes.downloaded",
        subject=version,
        dataset_id=version.dataset_id,
        label=download.filename,
        version=version.number,
        base=base.number,
        sha256=download.sha256,
        **basis_of(actor, version).to_json(),
    )
