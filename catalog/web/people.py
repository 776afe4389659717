"""Who is what in an organisation. Members see the list, owners change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Conflict, Invalid
from catalog.models import Role
from catalog.permissions import has_role, require_role
from catalog.selectors.datasets import get_organization
from catalog.services.organizations import remove_member, set_member
from catalog.web.forms.organization import MemberForm
from catalog.web.refusals import page_for_users, put_into


@page_for_users
def people(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """The members, and a form to add one or change what somebody is."""
    found = get_organization(slug=owner)
    require_role(actor, found, Role.READER, scope="read")
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = set_member(actor=actor, organization=found, **form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            words = {"name": member.user.shown_name, "role": member.get_role_display()}
            messages.success(request, _("%(name)s is now: %(role)s.") % words)
            return redirect("catalog:people", owner=found.slug)
    context = {
        "nav": "organizations",
        "organization": found,
        "memberships": found.memberships.select_related("user").order_by("user__username"),
        "roles": Role.choices,
        "form": form,
        "may_edit": has_role(actor, found, Role.OWNER),
        "actor": actor,
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
        messages.error(request, " ".join(part for part in (refusal.sentence, refusal.remedy) if part))
        return redirect("catalog:people", owner=found.slug)
    if actor.user is not None and actor.user.username == username:
        messages.success(request, _("You have left %(title)s.") % {"title": found.title})
        return redirect("catalog:organization", owner=found.slug)
    words = {"name": username, "title": found.title}
    messages.success(request, _("%(name)s is no longer a member of %(title)s.") % words)
    return redirect("catalog:people", owner=found.slug)
