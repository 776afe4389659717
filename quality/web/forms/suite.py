"""A suite of Great Expectations as somebody brings it: a file, or its text."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.web.forms.base import PageForm, lines

LARGEST = 1_000_000
"""Bytes; a suite of 500 expectations has a tenth of it."""


class SuiteForm(PageForm):
    """A file stands before the text. After ``is_valid``, ``suite`` is its JSON value and ``given`` its text."""

    file = forms.FileField(label=gettext_lazy("File (JSON)"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        required=False,
        max_length=LARGEST,
        widget=lines(8),
    )

    suite: Any
    given: str

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        self.given = self._text(data)
        try:
            self.suite = json.loads(self.given, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is no JSON (%(error)s).") % {"error": str(error)[:200]}) from None
        return data

    def _text(self, data: dict[str, Any]) -> str:
        file = data.get("file")
        if not file:
            if not data.get("text", "").strip():
                raise ValidationError(_("Choose a file, or paste its text."))
            return str(data["text"])
        if file.size > LARGEST:
            raise ValidationError(_("The file is larger than 1 MB; no suite is."))
        try:
            text = str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The file is no text in UTF-8.")) from None
        return text


def _refuse(constant: str) -> Any:
    # Python reads NaN and Infinity, which JSON does not have and PostgreSQL does not keep.
    raise ValueError(constant)
