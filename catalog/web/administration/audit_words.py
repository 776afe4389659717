"""What an event of the audit trail says, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import AuditEvent

_DONE: Mapping[str, Promise] = {
    "accessrequest.cancelled": _("took an access request back"),
    "accessrequest.denied": _("declined an access request"),
    "accessrequest.expired": _("let an access request expire"),
    "accessrequest.granted": _("granted an access request"),
    "accessrequest.made": _("asked for access"),
    "accessrequest.remarked": _("wrote about an access request"),
    "agreement.signed": _("signed the agreement"),
    "agreement.written": _("wrote an agreement"),
    "alias.set": _("mapped a column"),
    "annotation.accepted": _("accepted an annotation"),
    "annotation.applied": _("applied an annotation"),
    "annotation.declined": _("declined an annotation"),
    "annotation.proposed": _("proposed an annotation"),
    "annotation.withdrawn": _("withdrew an annotation"),
    "changes.downloaded": _("downloaded what changed"),
    "checkrun.done": _("finished a check"),
    "checkrun.errored": _("could not finish a check"),
    "checkrun.queued": _("queued a check"),
    "checkrun.running": _("began a check"),
    "comparison.done": _("finished a comparison"),
    "comparison.errored": _("could not finish a comparison"),
    "comparison.queued": _("queued a comparison"),
    "comparison.running": _("began a comparison"),
    "dataset.changed": _("changed the description"),
    "dataset.created": _("registered the dataset"),
    "dataset.deprecated": _("deprecated the dataset"),
    "dataset.renamed": _("renamed the dataset"),
    "dataset.restored": _("took the dataset’s deprecation back"),
    "document.changed": _("changed what is said of a document"),
    "document.downloaded": _("downloaded a document"),
    "document.removed": _("removed a document"),
    "document.stored": _("stored a document"),
    "embargo.lifted": _("lifted the embargo"),
    "embargo.set": _("set an embargo"),
    "embargo.taken_away": _("took the embargo away"),
    "grant.ended": _("ended a grant"),
    "grant.given": _("gave access"),
    "grant.revoked": _("revoked access"),
    "invitation.accepted": _("accepted an invitation"),
    "invitation.revoked": _("took an invitation back"),
    "invitation.sent": _("invited somebody"),
    "job.run_again": _("ran a failed job again"),
    "membership.removed": _("removed a member"),
    "membership.set": _("set a member’s role"),
    "organization.changed": _("changed the organization"),
    "organization.created": _("made the organization"),
    "organization.unverified": _("took the organization’s tick away"),
    "organization.verified": _("verified the organization"),
    "query.refused": _("was refused a query"),
    "quota.removed": _("took a quota away"),
    "quota.set": _("set a quota"),
    "report.judged_again": _("judged a report’s freshness again"),
    "report.looked_again": _("looked at a table again"),
    "report.recorded": _("recorded a check"),
    "resource.append": _("added rows"),
    "resource.changed": _("changed a table’s schema"),
    "resource.delete": _("deleted rows by key"),
    "resource.downloaded": _("downloaded a file"),
    "resource.read": _("read rows"),
    "resource.removed": _("removed a table"),
    "resource.stored": _("stored a table"),
    "resource.upsert": _("updated rows by key"),
    "review.approved": _("approved the version"),
    "review.cancelled": _("cancelled the review"),
    "review.changes_requested": _("asked for changes"),
    "review.decision_dropped": _("could not have a decision carried out"),
    "review.decision_recorded": _("decided on the version, with some seconds to undo it"),
    "review.decision_undone": _("undid a decision"),
    "review.declined": _("declined the version"),
    "review.open": _("opened the review"),
    "review.remarked": _("wrote about the review"),
    "rules.set": _("set the rules"),
    "rule_set.attached": _("attached a rule set"),
    "rule_set.changed": _("changed a rule set"),
    "rule_set.detached": _("detached a rule set"),
    "rule_set.version": _("made a version of a rule set"),
    "schema.created": _("made a standard schema"),
    "token.created": _("made a token"),
    "token.revoked": _("revoked a token"),
    "upload.cancelled": _("cancelled an upload"),
    "upload.expired": _("let an upload expire"),
    "upload.failed": _("failed at an upload"),
    "upload.pending": _("began an upload"),
    "upload.processing": _("began to read an upload"),
    "upload.received": _("received an upload"),
    "upload.rejected": _("rejected an upload"),
    "upload.stored": _("stored an upload"),
    "user.activated": _("let somebody sign in again"),
    "user.deactivated": _("kept somebody from signing in"),
    "version.approved": _("approved the version"),
    "version.declared": _("declared that the data may be shared"),
    "version.deprecated": _("deprecated the version"),
    "version.draft": _("opened a draft"),
    "version.in_review": _("submitted the version"),
    "version.published": _("published the version"),
    "version.restarted": _("began the draft anew"),
    "version.restored": _("took the version’s deprecation back"),
    "version.withdrawn": _("withdrew the version"),
}
_RIGHTS: Mapping[str, Promise] = {
    "public": _("open to everybody"),
    "registered": _("open to signed-in people"),
    "member": _("as a member"),
    "grant": _("by a grant"),
    "staff": _("as staff"),
}


def what_was_done(event: AuditEvent) -> str:
    """The event's action as a verb; what has no words yet, by its code."""
    return str(_DONE.get(event.action, event.action))


def more_of(event: AuditEvent) -> list[str]:
    """What the event's detail says of a read: version, columns, rows, by which way and by what right."""
    detail: dict[str, Any] = event.detail
    found = []
    if version := detail.get("version"):
        found.append(gettext("version %(number)s") % {"number": version})
    if way := detail.get("protocol") or detail.get("kind"):
        found.append(str(way))
    if isinstance(columns := detail.get("columns"), list) and columns:
        shown = ", ".join(str(name) for name in columns[:5])
        found.append(gettext("columns %(names)s") % {"names": f"{shown} …" if len(columns) > 5 else shown})
    if (rows := detail.get("rows")) is not None and event.action == "resource.read":
        found.append(gettext("rows: %(rows)s") % {"rows": rows})
    if (right := str(detail.get("right", ""))) in _RIGHTS:
        number = f" {detail['grant']}" if "grant" in detail else ""
        found.append(f"{_RIGHTS[right]}{number}")
    return found
