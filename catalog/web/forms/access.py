"""Forms about access: grants, agreements with their questions, requests, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Agreement, QuestionKind, Version
from catalog.services.granting.access_requests import PURPOSE_LIMIT, REASON_LIMIT, REMARK_LIMIT
from catalog.services.granting.agreements import TEXT_LIMIT
from catalog.services.granting.questions import LABEL_LIMIT, MAX_QUESTIONS, YES_NO, Question
from catalog.web.forms.base import PageForm, lines

PLAIN = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
MOST_VERSIONS = 200


def day_field(label: Any, help_text: Any) -> forms.DateField:
    """A day that may be left out."""
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as 2027-06-30.")},
    )


def version_choices(versions: Iterable[Version]) -> list[tuple[str, str]]:
    """The published ones, by their numbers, newest first."""
    return [(str(item.number), str(item.number)) for item in versions if item.sequence is not None][:MOST_VERSIONS]


class VersionsField(forms.MultipleChoiceField):
    """Versions by number; none is all of them."""

    def __init__(self, choices: Sequence[tuple[str, str]], *, help_text: Any) -> None:
        super().__init__(
            label=_("Versions"),
            required=False,
            choices=choices,
            help_text=help_text,
            widget=forms.CheckboxSelectMultiple,
        )


class GrantForm(PageForm):
    """Who may have a dataset's bytes, of which versions, and until when."""

    username = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=150,
        help_text=_("The name that the person signs in with."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    organization = forms.CharField(
        label=_("Or an organization"),
        required=False,
        max_length=96,
        help_text=_("Its short name. All its members have the data, as long as they are members."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    expires_on = day_field(_("Until the end of"), _("Empty means until you revoke it."))

    def __init__(self, *args: Any, versions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if versions:
            hint = _("None chosen means all, also those to come.")
            self.fields["versions"] = VersionsField(versions, help_text=hint)


class AgreementForm(PageForm):
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=TEXT_LIMIT,
        help_text=_("What whoever asks has to agree to. Empty means that nothing is signed."),
        widget=lines(16),
        strip=True,
    )


class QuestionForm(PageForm):
    """One question of the owner's form; one without words is left out."""

    label = forms.CharField(label=_("What is asked"), required=False, max_length=LABEL_LIMIT)
    kind = forms.ChoiceField(label=_("Answer"), choices=QuestionKind, initial=QuestionKind.TEXT)
    choices = forms.CharField(
        label=_("Choices"), required=False, max_length=6_000, help_text=_("With semicolons between them.")
    )
    needed = forms.BooleanField(label=_("Has to be answered"), required=False, initial=True)

    def to_json(self) -> dict[str, Any]:
        """As the service takes it."""
        data = self.cleaned_data
        return {**data, "choices": [item.strip() for item in data["choices"].split(";") if item.strip()]}

    @staticmethod
    def initial_of(agreement: Agreement | None) -> list[dict[str, Any]]:
        """What the forms show of the agreement in force."""
        if agreement is None:
            return []
        return [{**item, "choices": "; ".join(item["choices"])} for item in agreement.questions]


QuestionForms = forms.formset_factory(QuestionForm, extra=3, max_num=MAX_QUESTIONS, absolute_max=MAX_QUESTIONS + 5)


class AskForm(PageForm):
    """What for, the owner's questions, the versions, and agreeing to the text."""

    purpose = forms.CharField(
        label=_("What for"),
        max_length=PURPOSE_LIMIT,
        help_text=_("What you want to find out, who works on it, and where the data will be kept."),
        error_messages={"required": _("Say what you want the data for.")},
        widget=lines(5),
    )

    def __init__(
        self, *args: Any, agreement: Agreement | None, versions: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [] if agreement is None else [Question.from_json(item) for item in agreement.questions]
        for question in self.questions:
            self.fields[f"answer-{question.key}"] = _answer_field(question)
        if len(versions) > 1:
            self.fields["versions"] = VersionsField(versions, help_text=_("None chosen means all, also those to come."))
        if agreement is not None and agreement.text:
            self.fields["agreed"] = forms.BooleanField(
                label=_("I have read the agreement and accept it"),
                error_messages={"required": _("The data come with an agreement that has to be signed.")},
            )
            # The text that stood on the page: if the owner changes it meanwhile, it has to be read again.
            self.fields["agreement_sha256"] = forms.CharField(widget=forms.HiddenInput, initial=agreement.sha256)

    @property
    def answers(self) -> dict[str, str]:
        """By the questions' keys."""
        return {question.key: self.cleaned_data[f"answer-{question.key}"] for question in self.questions}


class AccessDecisionForm(PageForm):
    """Grant until a day, for versions; or decline."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant", _("Give access")), ("deny", _("Decline"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    expires_on = day_field(_("Until the end of"), _("Empty means until you revoke it."))
    reason = forms.CharField(
        label=_("Message to the asker"),
        required=False,
        max_length=REASON_LIMIT,
        help_text=_("Needed when you decline."),
        widget=lines(4),
    )
    field_order = ["decision", "expires_on", "versions", "reason"]

    def __init__(self, *args: Any, versions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(versions) > 1:
            self.fields["versions"] = VersionsField(versions, help_text=_("None chosen means what was asked for."))
            self.order_fields(self.field_order)


class AccessRemarkForm(PageForm):
    """One turn of the conversation about a request."""

    text = forms.CharField(
        label=_("Ask or answer"),
        required=False,
        max_length=REMARK_LIMIT,
        help_text=_("The asker and the maintainers of the dataset read it; nobody else does."),
        widget=lines(3),
    )


def _answer_field(question: Question) -> forms.Field:
    """The field of one of the owner's questions; its words are theirs, in their language."""
    common: dict[str, Any] = {
        "label": question.label,
        "required": question.needed,
        "error_messages": {"required": _("This question needs an answer.")},
    }
    if question.kind == QuestionKind.CHOICE:
        choices = [(item, item) for item in question.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if question.kind == QuestionKind.YES_NO:
        yes, no = YES_NO
        return forms.ChoiceField(choices=[(yes, _("Yes")), (no, _("No"))], widget=forms.RadioSelect, **common)
    if question.kind == QuestionKind.LONG_TEXT:
        return forms.CharField(widget=lines(4), **common)
    return forms.CharField(**common)
