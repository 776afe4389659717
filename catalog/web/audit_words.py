"""What an event of the audit trail says, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.models import AuditEvent

_DONE: Mapping[str, Promise] = {
    "accessrequest.cancelled": lazy("took an access request back"),
    "accessrequest.denied": lazy("declined an access request"),
    "accessrequest.expired": lazy("let an access request expire"),
    "accessrequest.granted": lazy("granted an access request"),
    "accessrequest.made": lazy("asked for access"),
    "accessrequest.remarked": lazy("wrote about an access request"),
    "agreement.signed": lazy("signed the agreement"),
    "agreement.written": lazy("wrote an agreement"),
    "alias.set": lazy("mapped a column"),
    "annotation.accepted": lazy("accepted an annotation"),
    "annotation.applied": lazy("applied an annotation"),
    "annotation.declined": lazy("declined an annotation"),
    "annotation.proposed": lazy("proposed an annotation"),
    "annotation.withdrawn": lazy("withdrew an annotation"),
    "changes.downloaded": lazy("downloaded what changed"),
    "checkrun.done": lazy("finished a check"),
    "checkrun.errored": lazy("could not finish a check"),
    "checkrun.queued": lazy("queued a check"),
    "checkrun.running": lazy("began a check"),
    "comparison.done": lazy("finished a comparison"),
    "comparison.errored": lazy("could not finish a comparison"),
    "comparison.queued": lazy("queued a comparison"),
    "comparison.running": lazy("began a comparison"),
    "dataset.changed": lazy("changed the description"),
    "dataset.created": lazy("registered the dataset"),
    "dataset.deprecated": lazy("deprecated the dataset"),
    "dataset.renamed": lazy("renamed the dataset"),
    "dataset.restored": lazy("took the dataset’s deprecation back"),
    "embargo.lifted": lazy("lifted the embargo"),
    "embargo.set": lazy("set an embargo"),
    "embargo.taken_away": lazy("took the embargo away"),
    "grant.ended": lazy("ended a grant"),
    "grant.given": lazy("gave access"),
    "grant.revoked": lazy("revoked access"),
    "membership.removed": lazy("removed a member"),
    "membership.set": lazy("set a member’s role"),
    "organization.changed": lazy("changed the organization"),
    "organization.created": lazy("made the organization"),
    "query.refused": lazy("was refused a query"),
    "quota.removed": lazy("took a quota away"),
    "quota.set": lazy("set a quota"),
    "report.judged_again": lazy("judged a report’s freshness again"),
    "report.looked_again": lazy("looked at a table again"),
    "report.recorded": lazy("recorded a check"),
    "resource.append": lazy("added rows"),
    "resource.changed": lazy("changed a table’s schema"),
    "resource.delete": lazy("deleted rows by key"),
    "resource.downloaded": lazy("downloaded a file"),
    "resource.read": lazy("read rows"),
    "resource.removed": lazy("removed a table"),
    "resource.stored": lazy("stored a table"),
    "resource.upsert": lazy("updated rows by key"),
    "review.approved": lazy("approved the version"),
    "review.cancelled": lazy("cancelled the review"),
    "review.changes_requested": lazy("asked for changes"),
    "review.open": lazy("opened the review"),
    "review.remarked": lazy("wrote about the review"),
    "rules.set": lazy("set the rules"),
    "rule_set.attached": lazy("attached a rule set"),
    "rule_set.changed": lazy("changed a rule set"),
    "rule_set.detached": lazy("detached a rule set"),
    "rule_set.version": lazy("made a version of a rule set"),
    "schema.created": lazy("made a standard schema"),
    "token.created": lazy("made a token"),
    "token.revoked": lazy("revoked a token"),
    "upload.cancelled": lazy("cancelled an upload"),
    "upload.expired": lazy("let an upload expire"),
    "upload.failed": lazy("failed at an upload"),
    "upload.pending": lazy("began an upload"),
    "upload.processing": lazy("began to read an upload"),
    "upload.received": lazy("received an upload"),
    "upload.rejected": lazy("rejected an upload"),
    "upload.stored": lazy("stored an upload"),
    "version.approved": lazy("approved the version"),
    "version.deprecated": lazy("deprecated the version"),
    "version.draft": lazy("opened a draft"),
    "version.in_review": lazy("submitted the version"),
    "version.published": lazy("published the version"),
    "version.restarted": lazy("began the draft anew"),
    "version.restored": lazy("took the version’s deprecation back"),
    "version.withdrawn": lazy("withdrew the version"),
}
_RIGHTS: Mapping[str, Promise] = {
    "public": lazy("open to everybody"),
    "registered": lazy("open to signed-in people"),
    "member": lazy("as a member"),
    "grant": lazy("by a grant"),
    "staff": lazy("as staff"),
}


def what_was_done(event: AuditEvent) -> str:
    """The event's action as a verb; what has no words yet, by its code."""
    return str(_DONE.get(event.action, event.action))


def more_of(event: AuditEvent) -> list[str]:
    """What the event's detail says of a read: version, columns, rows, by which way and by what right."""
    detail: dict[str, Any] = event.detail
    found = []
    if version := detail.get("version"):
        found.append(_("version %(number)s") % {"number": version})
    if way := detail.get("protocol") or detail.get("kind"):
        found.append(str(way))
    if isinstance(columns := detail.get("columns"), list) and columns:
        shown = ", ".join(str(name) for name in columns[:5])
        found.append(_("columns %(names)s") % {"names": f"{shown} …" if len(columns) > 5 else shown})
    if (rows := detail.get("rows")) is not None and event.action == "resource.read":
        found.append(_("rows: %(rows)s") % {"rows": rows})
    if (right := str(detail.get("right", ""))) in _RIGHTS:
        number = f" {detail['grant']}" if "grant" in detail else ""
        found.append(f"{_RIGHTS[right]}{number}")
    return found
