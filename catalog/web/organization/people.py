"""Who is what in an organisation. Members see the list, owners change it and invite."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Conflict, Invalid
from catalog.models import Invitation, Organization, Role, User
from catalog.permissions import require_role
from catalog.selectors.datasets import get_organization
from catalog.services.membership.invitations import invite, revoke_invitation
from catalog.services.membership.organizations import remove_member, set_member
from catalog.web.forms.organization import MemberForm
from catalog.web.frame.refusals import page_for_users, put_into
from catalog.web.organization.organization_tabs import tabs_of


@page_for_users
def people(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """The members, and a form to add somebody, to invite them by mail, or to change what they are."""
    found = get_organization(slug=owner)
    require_role(actor, found, Role.READER, scope="read")
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _add(actor, found, form)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, said)
            return redirect("catalog:people", owner=found.slug)
    tabs = tabs_of(actor, found)
    memberships = list(found.memberships.select_related("user").order_by("user__username"))
    owners = [item for item in memberships if item.role == Role.OWNER]
    invitations = Invitation.objects.waiting().filter(organization=found).select_related("invited_by")
    context = {
        **tabs,
        "memberships": memberships,
        "only_owner": owners[0].user_id if len(owners) == 1 else None,
        "roles": Role.choices,
        "form": form,
        "actor": actor,
        # Addresses of people who are not here yet are for those alone who wrote to them.
        "invitations": invitations if tabs["may_edit"] else [],
        "now": timezone.now(),
    }
    return render(request, "catalog/people.html", context, status=400 if form.errors else 200)


@require_POST
@page_for_users
def remove(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """Take a person out, or leave."""
    found = get_organization(slug=owner)
    username = request.POST.get("username", "")
    try:
        remove_member(actor=actor, organization=found, username=username)
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.words)
        return redirect("catalog:people", owner=found.slug)
    if actor.user is not None and actor.user.username == username:
        messages.success(request, _("You have left %(title)s.") % {"title": found.title})
        return redirect("catalog:organization", owner=found.slug)
    words = {"name": username, "title": found.title}
    messages.success(request, _("%(name)s is no longer a member of %(title)s.") % words)
    return redirect("catalog:people", owner=found.slug)


@require_POST
@page_for_users
def uninvite(request: HttpRequest, actor: Actor, owner: str, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    found = get_organization(slug=owner)
    gone = revoke_invitation(actor=actor, organization=found, invitation_id=invitation_id)
    messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": gone.email})
    return redirect("catalog:people", owner=found.slug)


def _add(actor: Actor, organization: Organization, form: MemberForm) -> str:
    """Add whoever is here by that name, or invite the address; what was done, in words. Raises CatalogError."""
    data = form.cleaned_data
    name = data["username"].strip()
    if "@" in name and not User.objects.filter(username=name).exists():
        asked = invite(
            actor=actor, organization=organization, email=name, role=data["role"], is_steward=data["is_steward"]
        )
        return _("%(email)s is invited. The mail goes out in a moment.") % {"email": asked.email}
    member = set_member(actor=actor, organization=organization, **{**data, "username": name})
    words = {"name": member.user.shown_name, "role": member.get_role_display()}
    return _("%(name)s is now: %(role)s.") % words
