"""What speaks for and against a hit, and why something was dismissed, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, Any] = {
    # For.
    "named": _("The column is called so."),
    "meaning": _("The file's own detection says so (%(code)s)."),
    "form": _("%(share)s of the values have this form."),
    "checksum": _("%(valid)s of %(checked)s pass the check digits; by chance it would be %(chance)s."),
    "valid": _("%(valid)s of %(checked)s are valid."),
    "known-names": _("%(share)s of the values begin or end with a known given name."),
    "inside-text": _("It stands inside of longer text."),
    "beside": _("It stands beside other personal data: %(columns)s."),
    "plausible-ages": _("%(share)s of the values are dates on which people alive today were born."),
    "fine": _("%(share)s of the places have four decimals or more: eleven metres or less."),
    "scattered": _("%(places)s different places in %(rows)s rows."),
    "small-groups": _("Rows in the smallest group that shares %(columns)s: %(k)s."),
    "unique-rows": _("%(share)s of the rows are alone in their group."),
    "declared": _("The owner declared these columns to be identifying."),
    # Against.
    "not-named": _("The column's name does not speak of it."),
    "few": _("It stands in few rows: %(count)s."),
    "no-checksum": _("This form has no check digits; other numbers may look the same."),
    "role-addresses": _("%(share)s of the addresses are of an office and not of a person."),
    "alone": _("Nothing else in the table is about persons."),
    "proposed": _("The columns were chosen by their names; the owner has not said that they identify anybody."),
    "no-other-columns": _("Few columns of this table are about persons."),
    # Dismissed.
    "chance": _("%(valid)s of %(checked)s pass the check digits, no more than chance gives (%(chance)s)."),
    "coarse": _("The coordinates are too coarse to find a home."),
    "repeated": _("%(places)s places stand in %(rows)s rows: stations rather than homes."),
    "unknown-names": _("Few of the values are known names."),
    "other-form": _("The column is called so, but its values have another form."),
}

OBSTACLES: Mapping[str, Any] = {
    "never": _("This table was checked before personal data were searched for, or its checks broke off."),
    "failed": _("The search for personal data broke off. Nothing is known of this table."),
}

SKIPPED: Mapping[str, Any] = {
    "binary": _("Binary values are not searched."),
    "geometry": _("Geometries are not searched."),
}


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """One piece of evidence as a sentence; a code of another release is shown as it is."""
    known = SENTENCES.get(code)
    return str(known) % params if known is not None else code
