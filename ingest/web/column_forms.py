"""The table of the columns as one form: a row a column, all changes sent together."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Page
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.table_schema import NAME_LIMIT
from catalog.web.forms.base import PageForm
from ingest.selectors.columns import ReadColumn, ReadColumns
from ingest.services.columns import ColumnChange
from ingest.text.names import slug

TYPES = {
    "string": gettext_lazy("text"),
    "integer": gettext_lazy("whole numbers"),
    "number": gettext_lazy("numbers"),
    "boolean": gettext_lazy("true and false"),
    "date": gettext_lazy("dates"),
    "datetime": gettext_lazy("dates with a time"),
}
"""What an owner can choose."""
OTHER_TYPES = {
    "time": gettext_lazy("times of day"),
    "year": gettext_lazy("years"),
    "yearmonth": gettext_lazy("months"),
    "duration": gettext_lazy("lengths of time"),
    "object": gettext_lazy("objects"),
    "array": gettext_lazy("lists"),
    "geojson": gettext_lazy("shapes on a map"),
    "any": gettext_lazy("any kind of value"),
}
"""What a column can be besides."""
UNIT_LIMIT = 60
VALUE_LIMIT = 200
NAMES_OFFERED = 1_000
"""Of a standard schema, in the list that comes with the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row: what it is called, what stands in it, and what is wrong with it."""

    id: str
    name: str
    label: str
    value: str
    errors: tuple[str, ...]

    @classmethod
    def of(cls, field: forms.BoundField) -> Cell:
        value = field.value()
        text = value if isinstance(value, str) else "on" if value else ""
        return cls(field.auto_id, field.html_name, str(field.label), text, tuple(map(str, field.errors)))


@functools.lru_cache(maxsize=256)
def options_of(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """The options of a select; there are a handful of different ones."""
    marked = ((code, SafeString(" selected" if code == chosen else ""), words) for code, words in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', marked)


class ColumnForm(PageForm):
    """One column; it has the fields alone that can change something there."""

    name = forms.CharField(max_length=NAME_LIMIT, required=False)
    type = forms.ChoiceField(error_messages={"invalid_choice": gettext_lazy("Choose one of the types.")})
    unit = forms.CharField(max_length=UNIT_LIMIT, required=False)
    is_left_out = forms.BooleanField(required=False)
    trim = forms.BooleanField(required=False)
    missing = forms.CharField(max_length=VALUE_LIMIT, required=False, strip=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, column: ReadColumn, columns: ReadColumns, is_fixed: bool
    ) -> None:
        self.column = column
        self._columns = columns
        initial = {"name": column.name, "type": column.type, "unit": column.unit}
        super().__init__(data, prefix=f"c{column.place}", initial=initial)
        can = {"name", "type", "unit", "is_left_out", "trim", "missing"}
        if is_fixed or column.match == "absent":
            can = {"unit"}
        if column.is_typed:
            can.discard("type")
        if not column.is_text:
            can -= {"trim", "missing"}
        if column.is_trimmed:
            can.discard("trim")
        if column.unit_said:
            can.discard("unit")
        labels = {
            "name": _("Name of “%(column)s”"),
            "type": _("Type of “%(column)s”"),
            "unit": _("Unit of “%(column)s”"),
            "is_left_out": _("Leave “%(column)s” out"),
            "trim": _("Take away spaces around the values of “%(column)s”"),
            "missing": _("Value of “%(column)s” that means “missing”"),
        }
        for name in list(self.fields):
            if name not in can:
                del self.fields[name]
                continue
            self.fields[name].label = labels[name] % {"column": column.name}
        types = self.fields.get("type")
        if isinstance(types, forms.ChoiceField):
            types.choices = list(self._types.items())

    @property
    def _types(self) -> dict[str, Any]:
        """What can be chosen; first the type that it has, if nobody could choose that again."""
        return {self.column.type: self.type_words, **TYPES} if self.column.type not in TYPES else dict(TYPES)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """The fields as the page writes them: rendering a hundred rows of widgets takes a second."""
        return {name: Cell.of(self[name]) for name in self.fields}

    @property
    def type_options(self) -> SafeString:
        """The options of the choice of a type, that which is chosen among them."""
        return options_of(tuple((code, str(words)) for code, words in self._types.items()), self.cells["type"].value)

    @property
    def type_words(self) -> Any:
        """The type that the column has, in words."""
        return TYPES.get(self.column.type) or OTHER_TYPES.get(self.column.type, self.column.type)

    @property
    def is_cleaned(self) -> bool:
        """Whether anything is said in the part of the row that is closed at first."""
        return any(
            name in self.fields and bool(self[name].value() or self[name].errors) for name in ("trim", "missing")
        )

    def clean_name(self) -> str:
        """The name as the table will have it; that of the standard schema's column as the schema writes it."""
        typed = str(self.cleaned_data["name"]).strip()
        if typed == self.column.name or self.data.get(self.add_prefix("is_left_out")):
            return self.column.name
        if not typed:
            raise forms.ValidationError(_("Give the column a name, or leave it out."))
        name = typed if typed in self._columns.standard_names else slug(typed)
        if not name:
            raise forms.ValidationError(
                _("“%(name)s” can’t be the name of a column: use Latin letters and digits.") % {"name": typed}
            )
        return name

    def clean_unit(self) -> str:
        return str(self.cleaned_data["unit"]).strip()

    @property
    def change(self) -> ColumnChange | None:
        """What differs from now, of a valid form; None where nothing does."""
        column, given = self.column, self.cleaned_data
        change = ColumnChange(
            column=column.name,
            cleaned_name=column.cleaned_name,
            name=given["name"] if given.get("name", column.name) != column.name else None,
            type=given["type"] if given.get("type", column.type) != column.type else None,
            unit=given["unit"] if given.get("unit", column.unit) != column.unit else None,
            is_left_out=bool(given.get("is_left_out")),
            is_trimmed=bool(given.get("trim")),
            missing=given.get("missing", ""),
        )
        return change if change.is_read or change.unit is not None else None


class ColumnsForm(PageForm):
    """The rows of one page of columns. What is wrong with the whole of it stands in this form's own errors."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, columns: ReadColumns, page: Page[int], is_fixed: bool
    ) -> None:
        super().__init__(data)
        self.columns, self.page, self.is_fixed = columns, page, is_fixed
        self.rows = [
            ColumnForm(data, column=column, columns=columns, is_fixed=is_fixed)
            for column in columns.at(page.object_list)
        ]

    def clean(self) -> dict[str, Any]:
        """Names have to be told apart, also from those of other pages, and a column has to be left."""
        for row in self.rows:
            if self.data.get(f"{row.prefix}-column") != row.column.name:
                raise forms.ValidationError(_("The table was read again meanwhile; look at the page anew."))
            row.full_clean()
        left = [row for row in self.rows if not row.cleaned_data.get("is_left_out")]
        here = {row.column.name for row in self.rows}
        taken = Counter(name for name in self.columns.names if name not in here and name not in self.columns.absent)
        taken.update(self._name_of(row) for row in left if row.column.match != "absent")
        for row in left:
            name = self._name_of(row)
            if name != row.column.name and taken[name] > 1:
                row.add_error("name", _("Another column is called “%(name)s” already.") % {"name": name})
        if len(left) == 0 and len(self.rows) == len(self.columns.names):
            raise forms.ValidationError(_("Leave at least one column in the table."))
        return self.cleaned_data

    def is_valid(self) -> bool:
        return super().is_valid() and not any(row.errors for row in self.rows)

    @property
    def changes(self) -> list[ColumnChange]:
        """Of a valid form, what differs from now."""
        return [change for row in self.rows if (change := row.change) is not None]

    @cached_property
    def offered(self) -> Sequence[str]:
        """Names to choose from while one is typed."""
        return self.columns.standard_names[:NAMES_OFFERED]

    @property
    def problems(self) -> dict[str, Any]:
        """All that is wrong, by field: what the summary on top tells."""
        found: dict[str, Any] = dict(self.errors) if self.is_bound else {}
        for row in self.rows:
            found |= {f"{row.prefix}-{name}": said for name, said in (row.errors if row.is_bound else {}).items()}
        return found

    def summary(self) -> Summary:
        """What parts/errors.html tells."""
        return Summary(self)

    @staticmethod
    def _name_of(row: ColumnForm) -> str:
        return str(row.cleaned_data.get("name") or row.column.name)


class Summary:
    """The problems of all rows as those of one form."""

    def __init__(self, form: ColumnsForm) -> None:
        self._form = form
        self.errors = form.problems

    def non_field_errors(self) -> Any:
        return self._form.non_field_errors()

    def __iter__(self) -> Iterator[forms.BoundField]:
        for row in self._form.rows:
            yield from row
