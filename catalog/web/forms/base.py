"""What all forms of the pages share: no colons, no browser pop-ups (the summary on top names every problem)."""

from __future__ import annotations

from typing import Any

from django import forms


class PageForm(forms.Form):
    """A form drawn by parts/form.html: label, hint, problem, field, in this order."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


def lines(rows: int) -> forms.Textarea:
    """A field for text of several lines."""
    return forms.Textarea(attrs={"rows": rows, "cols": 60})
