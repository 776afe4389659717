"""Forms of what is said about a dataset or a version beside its content."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.services.cataloguing.deprecation import REASON_LIMIT
from catalog.slugs import SLUG_LENGTH
from catalog.web.forms.access import PLAIN, day_field
from catalog.web.forms.base import PageForm, lines


class EmbargoForm(PageForm):
    until_on = day_field(_("The data are given from this day on"), _("Until then only members have them."))
    until_on.required = True
    until_on.error_messages["required"] = _("Say from which day on.")


class DeprecationForm(PageForm):
    """Why not to use it any more, and what to use instead."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        help_text=_("Everybody who comes to the page reads it. The data are served as before."),
        error_messages={"required": _("Say why: everybody who uses it reads it.")},
        widget=lines(3),
    )
    successor = forms.CharField(
        label=_("Use instead"), required=False, max_length=200, widget=forms.TextInput(attrs=PLAIN)
    )

    def __init__(self, *args: Any, hint: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].help_text = hint


class RenamingForm(PageForm):
    slug = forms.CharField(
        label=_("Short name"),
        max_length=SLUG_LENGTH,
        help_text=_("Small letters, digits and hyphens. The old address leads to the new one, and stays taken."),
        error_messages={"required": _("Give it a short name, such as palmer-station.")},
        widget=forms.TextInput(attrs=PLAIN),
    )
    organization = forms.CharField(
        label=_("Organization"),
        max_length=SLUG_LENGTH,
        help_text=_("The short name of one that you maintain too."),
        error_messages={"required": _("Say whose it is.")},
        widget=forms.TextInput(attrs=PLAIN),
    )
