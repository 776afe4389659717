"""The page behind the link of an invitation: who invites, to what, as what; accepted by whoever is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from catalog.actor import Actor
from catalog.services.membership.invitations import accept_invitation, get_invitation
from catalog.web.frame.refusals import page


@never_cache
@page
def invitation(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """What one is invited to; POST accepts."""
    if request.method == "POST":
        membership = accept_invitation(actor=actor, key=key)
        words = {"title": membership.organization.title, "role": membership.get_role_display()}
        messages.success(request, _("You are a member of %(title)s now: %(role)s.") % words)
        return redirect("catalog:organization", owner=membership.organization.slug)
    found = get_invitation(key)
    member = None
    if actor.user is not None:
        member = found.organization.memberships.filter(user=actor.user).first()
    context = {"nav": "organizations", "invitation": found, "actor": actor, "member": member, "here": request.path}
    return render(request, "catalog/invitation.html", context)
