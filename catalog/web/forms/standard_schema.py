"""A standard schema as its maintainers write it: its name and number, and a row a column."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.models.schema import validate_number
from catalog.slugs import SLUG_LENGTH
from catalog.table_schema import FIELD_TYPES, NAME_LIMIT, Field, FieldType, TableSchema
from catalog.web.forms.base import PageForm, lines
from catalog.web.forms.schema import ColumnForm

MOST_ROWS = 250
"""Columns that are written in rows; wider schemas are written as JSON."""
PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class SchemaForm(PageForm):
    """What is said of a version as a whole."""

    version = forms.CharField(
        label=_("Version"),
        max_length=32,
        initial="1.0.0",
        validators=[validate_number],
        error_messages={"required": _("Use MAJOR.MINOR.PATCH, such as 1.2.0.")},
        help_text=_("A version never changes once it is made."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    description = forms.CharField(
        label=_("Description"),
        max_length=10_000,
        required=False,
        help_text=_("What kind of table it describes. Markdown."),
        widget=lines(3),
    )


class NewSchemaForm(SchemaForm):
    """The same with the name, which all versions share."""

    name = forms.CharField(
        label=_("Short name"),
        max_length=SLUG_LENGTH,
        help_text=_("Small letters, digits and hyphens, such as weather. Datasets name it with a version."),
        error_messages={"required": _("Give it a short name, such as weather.")},
        widget=forms.TextInput(attrs=PLAIN),
    )
    field_order = ["name", "version", "title", "description"]


class DescriptorForm(PageForm):
    """The columns as a Table Schema, typed as JSON."""

    descriptor = forms.CharField(
        label=_("Table Schema (JSON)"),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 24, "cols": 80, "spellcheck": "false", "class": "mono"}),
        error_messages={"required": _("Write the columns as a Table Schema.")},
    )

    def clean_descriptor(self) -> dict[str, Any]:
        text: str = self.cleaned_data["descriptor"]
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise ValidationError(_("This is no JSON. A comma or a quotation mark may be missing.")) from None
        if not isinstance(found, dict):
            raise ValidationError(_("A Table Schema is an object with “fields”."))
        if "\\u0000" in json.dumps(found):
            raise ValidationError(_("A text holds the sign NUL, which no column can have."))
        return found


class RowForm(ColumnForm):
    """One column; a row without a name is none. ``was`` is the column's name in the version that it comes from."""

    was = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    name = forms.CharField(
        label=_("Column"), required=False, max_length=NAME_LIMIT, widget=forms.TextInput(attrs=PLAIN)
    )
    type = forms.ChoiceField(label=_("Type"), choices=[(name, name) for name in FIELD_TYPES], required=False)
    aliases = forms.CharField(
        label=_("Also called"),
        required=False,
        max_length=2_000,
        help_text=_("In files; with semicolons between them."),
    )

    def __init__(self, data: Any = None, *, prefix: str, base: TableSchema | None, column: Field | None = None) -> None:
        was = column.name if column is not None else ""
        if data is not None:
            was = str(data.get(f"{prefix}-was", ""))
        known = base[was] if base is not None and was in base.names else None
        shown = column or known or Field(name="", type="string")
        chosen = str(data.get(f"{prefix}-type", shown.type)) if data is not None else shown.type
        typed = replace(shown, type=cast("FieldType", chosen) if chosen in FIELD_TYPES else shown.type)
        is_key = base is not None and was != "" and was in base.primary_key
        super().__init__(data, prefix=prefix, column=typed, is_key=is_key)
        self.initial = {
            **self.initial,
            "was": was,
            "name": shown.name,
            "type": shown.type,
            "aliases": "; ".join(shown.aliases),
        }
        self._known = known

    @property
    def rules(self) -> list[forms.BoundField]:
        """All of them: the type may still be chosen."""
        return [self[name] for name in ("minimum", "maximum", "pattern", "enum", "aliases")]

    @property
    def flags(self) -> list[forms.BoundField]:
        return [self["required"], self["unique"], self["is_key"]]

    @property
    def is_empty(self) -> bool:
        return not self.cleaned_data.get("name", "").strip()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        said = any(data.get(name) for name in ("meaning", "unit", "minimum", "maximum", "pattern", "enum", "aliases"))
        if not str(data.get("name", "")).strip() and said and not data.get("was"):
            self.add_error("name", _("Name the column, or empty its row."))
        if data.get("pattern") and not self.has_text:
            self.add_error("pattern", _("A pattern is of texts, and this column is none."))
        if (data.get("minimum") is not None or data.get("maximum") is not None) and not self.is_ordered:
            self.add_error("minimum", _("Lowest and highest are of numbers and times, and this column is neither."))
        return data

    def to_field(self) -> Field:
        """The column with all that the form does not show kept as it was."""
        data = self.cleaned_data
        names = dict.fromkeys(item.strip() for item in data["aliases"].split(";") if item.strip())
        changed = replace(
            self.changed_field(),
            name=data["name"].strip(),
            type=data["type"] or "any",
            aliases=tuple(names),
            group=self._known.group if self._known else False,
        )
        if self._known is not None and self._known.type != changed.type:
            # How values of another type were written says nothing of these.
            changed = replace(changed, format="", categories=(), arrow="")
        return changed
