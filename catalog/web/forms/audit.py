from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.selectors.audit import Asked
from catalog.web.forms.base import PageForm

_READS = [("", _("Everything")), ("only", _("Reads only")), ("none", _("Changes only"))]


class AuditForm(PageForm):
    """What to look for on the audit trail; all of it when empty."""

    who = forms.CharField(label=_("Person"), max_length=150, required=False)
    action = forms.RegexField(r"^[a-z_.]*$", label=_("Action"), max_length=64, required=False)
    about = forms.CharField(label=_("About"), max_length=100, required=False)
    since = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Show"), choices=_READS, required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    @property
    def asked(self) -> Asked:
        """What was asked for; a field that can't be read counts as empty, and says so above the list."""
        given = getattr(self, "cleaned_data", {})
        return Asked(
            who=given.get("who", ""),
            action=given.get("action", ""),
            about=given.get("about", ""),
            since=given.get("since"),
            until=given.get("until"),
            reads={"only": True, "none": False}.get(given.get("kind", "")),
        )

    @property
    def place(self) -> int | None:
        """The number of the entry before which the list goes on."""
        found: int | None = getattr(self, "cleaned_data", {}).get("before")
        return found
