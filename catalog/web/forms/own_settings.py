"""The form of one's own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.models import MailGroup, Theme, User
from catalog.models.user import validate_orcid
from catalog.web.forms.base import PageForm

ORCID_ADDRESS = "https://orcid.org/"
_OWN_NAMES = {"en": "English", "zh-hans": "简体中文"}
"""Languages are called by themselves, so that who can't read the page finds theirs."""


class OwnSettingsForm(PageForm):
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=150,
        help_text=_("As others see it beside what you publish, ask or decide. Without one it is your user name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    affiliation = forms.CharField(
        label=_("Institution"),
        required=False,
        max_length=200,
        help_text=_("Those whom you ask for data see it beside your request."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    orcid = forms.CharField(
        label=_("ORCID iD"),
        required=False,
        max_length=60,
        help_text=_("Such as 0000-0002-1825-0097."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "text"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[(code, _OWN_NAMES.get(code, name)) for code, name in settings.LANGUAGES],
        help_text=_("Of the pages, and of the mails to you."),
        widget=forms.RadioSelect,
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, required=False, widget=forms.RadioSelect)
    wanted_mail = forms.MultipleChoiceField(
        label=_("Write to me about"),
        choices=MailGroup.choices,
        required=False,
        help_text=_("What you are not sent still stands on your page of notices. Mails on your account always come."),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_orcid(self) -> str:
        """Also as the address that ORCID shows."""
        text: str = self.cleaned_data["orcid"].strip().removeprefix(ORCID_ADDRESS).upper()
        if text:
            validate_orcid(text)
        return text


def values_of(user: User, *, language: str) -> dict[str, Any]:
    """What the form shows of a person; ``language`` is that of the page, for who never chose one."""
    return {
        "name": user.name,
        "affiliation": user.affiliation,
        "orcid": user.orcid,
        "language": user.language or language,
        "theme": user.theme,
        "wanted_mail": [group for group in MailGroup.values if group not in user.unwanted_mail],
    }
