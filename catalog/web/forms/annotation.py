"""What a person says of a column or of a row, and what is decided on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import AnnotationAspect
from catalog.services.annotating.annotations import LABEL_LIMIT, LABEL_VALUE_LIMIT, TEXT_LIMIT
from catalog.web.forms.base import PageForm, lines


class DescriptionForm(PageForm):
    """Of a column. Codes are written a line each: value = what it stands for."""

    column = forms.ChoiceField(label=gettext_lazy("Column"))
    aspect = forms.ChoiceField(label=gettext_lazy("What you say of it"), choices=AnnotationAspect.choices)
    value = forms.CharField(
        label=gettext_lazy("In words"),
        required=False,
        max_length=100_000,
        help_text=gettext_lazy("Codes a line each, like: 1 = male"),
        widget=lines(3),
    )
    reason = forms.CharField(label=gettext_lazy("How you know"), required=False, max_length=TEXT_LIMIT, widget=lines(2))

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "column_%s", **kwargs})
        self.fields["column"].choices = [(name, name) for name in columns]  # type: ignore[attr-defined]

    def said(self) -> Any:
        """The value as the service takes it."""
        text = self.cleaned_data["value"]
        if self.cleaned_data["aspect"] != AnnotationAspect.CODES:
            return text
        pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
        return {value.strip(): label.strip() for value, _sign, label in pairs}


class CorrectionForm(PageForm):
    """Of one cell of the row that is open."""

    column = forms.ChoiceField(label=gettext_lazy("Column"))
    value = forms.CharField(label=gettext_lazy("It should be"), required=False, strip=False, max_length=20_000)
    is_missing = forms.BooleanField(label=gettext_lazy("It should be missing"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=TEXT_LIMIT,
        help_text=gettext_lazy("Why the value is wrong, or how you know the right one."),
        widget=lines(2),
    )

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "correction_%s", **kwargs})
        self.fields["column"].choices = [(name, name) for name in columns]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("is_missing") and given.get("value"):
            self.add_error("value", _("Give a value, or say that it should be missing."))
        return given

    def said(self) -> str | None:
        """The value as the service takes it."""
        return None if self.cleaned_data["is_missing"] else self.cleaned_data["value"]


class LabelForm(PageForm):
    """Of the row that is open; several people may label it."""

    label = forms.CharField(
        label=gettext_lazy("Name of the label"),
        max_length=LABEL_LIMIT,
        help_text=gettext_lazy("The same for all rows, like: species checked"),
        error_messages={"required": gettext_lazy("Name the label.")},
    )
    value = forms.CharField(
        label=gettext_lazy("This row is"),
        max_length=LABEL_VALUE_LIMIT,
        error_messages={"required": gettext_lazy("Say which label the row has.")},
    )
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=TEXT_LIMIT, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "label_%s", **kwargs})


class AnnotationDecisionForm(PageForm):
    """The buttons say which; the words are for the author."""

    reason = forms.CharField(
        label=gettext_lazy("Message to the author"),
        required=False,
        max_length=TEXT_LIMIT,
        help_text=gettext_lazy("Needed when you decline."),
        widget=lines(3),
    )
