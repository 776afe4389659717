from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Scope
from catalog.services.membership.tokens import DEFAULT_DAYS, MAX_DAYS
from catalog.web.forms.access import PLAIN
from catalog.web.forms.base import PageForm


class TokenForm(PageForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What uses it, so that you know it again: laptop, nightly job."),
        error_messages={"required": _("Give the token a name, such as what uses it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=MAX_DAYS,
        initial=DEFAULT_DAYS,
        error_messages={
            "required": _("Say for how many days."),
            "invalid": _("Write a number of days."),
        },
    )
    datasets = forms.CharField(
        label=_("Only these datasets"),
        required=False,
        max_length=20_000,
        help_text=_("As organization/name, with commas between them. Empty means all that you can see."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    organizations = forms.CharField(
        label=_("Only datasets of these organizations"),
        required=False,
        max_length=20_000,
        help_text=_("Short names, with commas between them. What they publish later is among them."),
        widget=forms.TextInput(attrs=PLAIN),
    )

    def clean_datasets(self) -> list[str]:
        return _names(self.cleaned_data["datasets"])

    def clean_organizations(self) -> list[str]:
        return _names(self.cleaned_data["organizations"])


def _names(text: str) -> list[str]:
    return [name for name in text.replace(",", " ").split() if name]
