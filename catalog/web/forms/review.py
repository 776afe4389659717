from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.services.reviewing.conversation import REMARK_LIMIT
from catalog.web.forms.base import PageForm, lines


class DecisionForm(PageForm):
    """A steward's decision. The radios are drawn by the page, since they name the version."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approve", _("Publish")), ("request_changes", _("Ask for changes")), ("decline", _("Decline"))],
        error_messages={"required": _("Choose one of the three.")},
    )
    reason = forms.CharField(
        label=_("Message to the owner"),
        required=False,
        max_length=10_000,
        help_text=_("Needed unless you publish. It is kept with the version."),
        widget=lines(4),
    )


class RemarkForm(PageForm):
    """One turn of the conversation."""

    text = forms.CharField(
        label=_("Ask or answer"),
        required=False,
        max_length=REMARK_LIMIT,
        help_text=_("The makers of the version and the stewards read it; nobody else does."),
        widget=lines(3),
    )
