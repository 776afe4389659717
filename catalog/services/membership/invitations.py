"""Invitations by mail to become a member of an organization: sent by the sweep, accepted by whoever has the link."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid, NotFound, TooLarge
from catalog.models import Invitation, Membership, Organization, Role, User
from catalog.permissions import require_role, require_unlimited, require_user
from catalog.services.notifying.letters import Letter
from catalog.services.notifying.mailing import mail_of, send_waiting

VALID = timedelta(days=14)
MOST_WAITING = 200
"""Invitations of an organization that wait: nobody sends mails to half the world from here."""
_SIGNER = Signer(salt="catalog.invitation")


class InvitationOver(Conflict):
    code = "invitation-over"
    title = gettext_lazy("This invitation is over")


class TooManyInvitations(TooLarge):
    code = "too-many-invitations"
    title = gettext_lazy("Too many invitations wait for an answer")


def key_of(invitation: Invitation) -> str:
    """What the link in the mail holds: the row's id, signed."""
    return _SIGNER.sign(str(invitation.pk))


def get_invitation(key: str) -> Invitation:
    """The invitation of a link. Raises NotFound for what was not signed here, InvitationOver."""
    try:
        pk = int(_SIGNER.unsign(key))
    except (BadSignature, ValueError):
        raise NotFound(_("This is no invitation of ours."), remedy=_("Open the whole link of the mail.")) from None
    found = Invitation.objects.select_related("organization", "invited_by").filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not Invitation.objects.pending().filter(pk=pk).exists():
        over = _("It was accepted, taken back, or is older than %(days)s days.") % {"days": VALID.days}
        raise InvitationOver(over, remedy=_("Ask an owner of the organization for another one."))
    return found


@transaction.atomic
def invite(*, actor: Actor, organization: Organization, email: str, role: str, is_steward: bool = False) -> Invitation:
    """Ask somebody by mail; one who was asked before is asked anew, with what is said now.

    Raises NotSignedIn, ScopeMissing, Forbidden, Invalid, TooManyInvitations.
    """
    person = require_role(actor, organization, Role.OWNER, scope="manage")
    address = email.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(fields={"username": [_("“%(text)s” is no e-mail address.") % {"text": address}]}) from None
    if role not in Role.values:
        raise Invalid(
            fields={"role": [_("“%(role)s” is none of %(role_2)s.") % {"role": role, "role_2": ", ".join(Role.values)}]}
        )
    if organization.memberships.filter(user__email__iexact=address).exists():
        raise Invalid(fields={"username": [_("Whoever has this address is a member already.")]})
    waiting = Invitation.objects.waiting().filter(organization=organization)
    known = waiting.select_for_update(of=("self",)).filter(email__iexact=address).first()
    if known is None and waiting.count() >= MOST_WAITING:
        raise TooManyInvitations(
            _("%(most_waiting)s invitations wait for an answer.") % {"most_waiting": MOST_WAITING},
            remedy=_("Take some of them back first."),
        )
    now = timezone.now()
    row = known or Invitation(organization=organization, email=address)
    row.role, row.is_steward, row.invited_by = role, is_steward, person
    row.language = translation.get_language() or ""
    row.expires_at, row.try_after, row.sent_at, row.failures = now + VALID, now, None, 0
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(fields={"username": [_("Somebody has just invited this address.")]}) from None
    audit.record(
        actor=actor, action="invitation.sent", subject=row, label=f"{address} to {organization.slug}", role=role
    )
    return row


@transaction.atomic
def revoke_invitation(*, actor: Actor, organization: Organization, invitation_id: int) -> Invitation:
    """Take an invitation back; its link leads nowhere from then on. Raises Forbidden, NotFound."""
    require_role(actor, organization, Role.OWNER, scope="manage")
    rows = Invitation.objects.waiting().filter(organization=organization, pk=invitation_id)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="invitation.revoked", subject=row, label=f"{row.email} to {organization.slug}")
    return row


@transaction.atomic
def accept_invitation(*, actor: Actor, key: str) -> Membership:
    """Become a member. Who is one already keeps the higher role. Raises NotSignedIn, NotFound, InvitationOver."""
    user = require_user(actor, scope="manage")
    require_unlimited(actor)
    Invitation.objects.select_for_update(of=("self",)).filter(pk=get_invitation(key).pk).first()
    row = get_invitation(key)
    organization = row.organization
    member = organization.memberships.select_for_update().filter(user=user).first()
    role = _higher(row.role, member.role) if member else row.role
    is_steward = row.is_steward or (member is not None and member.is_steward)
    membership, _made = Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": role, "is_steward": is_steward}
    )
    row.accepted_at, row.accepted_by = timezone.now(), user
    row.save(update_fields=["accepted_at", "accepted_by"])
    audit.record(
        actor=actor,
        action="invitation.accepted",
        subject=row,
        label=f"{user.username} in {organization.slug}",
        role=role,
        is_steward=is_steward,
        invited_by=row.invited_by.username,
    )
    return membership


def send_invitations() -> int:
    """Send the mails that wait; how many went out. One that the server refuses is tried again later."""
    return send_waiting(Invitation.objects.pending().select_related("organization", "invited_by"), _mail)


def _mail(row: Invitation, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    with translation.override(_language_of(row)):
        return mail_of(_letter(row), to=row.email, connection=connection)


def _language_of(row: Invitation) -> str:
    """The person's own language where they are here already, else that of the page on which they were invited."""
    known = User.objects.filter(email__iexact=row.email).values_list("language", flat=True).first()
    return known or row.language or settings.LANGUAGE_CODE


def _letter(row: Invitation) -> Letter:
    words = {
        "name": row.invited_by.shown_name,
        "title": row.organization.title,
        "role": row.get_role_display(),
        "days": VALID.days,
    }
    lines = [_("%(name)s invites you to become a member of %(title)s, as: %(role)s.") % words]
    if row.is_steward:
        lines.append(_("As a steward you would decide on versions that others submit."))
    lines.append(_("The invitation holds for %(days)s days. If you don’t know %(name)s, leave it unanswered.") % words)
    return Letter(
        subject=_("%(name)s invites you to %(title)s") % words,
        greeting=_("Hello,"),
        paragraphs=tuple(lines),
        # Written out, and not reversed: a worker has no need of the views.
        path=f"/invitations/{key_of(row)}/",
        link_label=_("See the invitation"),
        is_of_account=True,
    )


def _higher(one: str, other: str) -> str:
    ladder = list(Role.values)
    return max(one, other, key=ladder.index)
