from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import ReviewPolicy, Role
from catalog.slugs import SLUG_LENGTH
from catalog.web.forms.base import PageForm, lines


class OrganizationForm(PageForm):
    """What an organisation says of itself, and when its versions are published."""

    title = forms.CharField(
        label=_("Name"),
        max_length=200,
        error_messages={"required": _("Give the organization a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=10_000,
        help_text=_("Who you are and what you publish. Markdown."),
        widget=lines(5),
    )
    review_policy = forms.ChoiceField(
        label=_("Publishing"),
        choices=ReviewPolicy,
        widget=forms.RadioSelect,
        initial=ReviewPolicy.ALWAYS,
        error_messages={"required": _("Choose one of the two.")},
    )


class NewOrganizationForm(OrganizationForm):
    """The same with the short name, which never changes afterwards."""

    slug = forms.CharField(
        label=_("Short name"),
        max_length=SLUG_LENGTH,
        help_text=_("Small letters, digits and hyphens. It stands in every address and stays for ever."),
        error_messages={"required": _("Give it a short name, such as palmer-station.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ["title", "slug", "description", "review_policy"]


class MemberForm(PageForm):
    """What a person is in an organisation."""

    username = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=254,
        help_text=_("Whoever is not here yet is invited by mail."),
        error_messages={"required": _("Say whom: the name they sign in with, or their e-mail address.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.CONTRIBUTOR)
    is_steward = forms.BooleanField(
        label=_("Steward"), required=False, help_text=_("Decides on submitted versions of others.")
    )
