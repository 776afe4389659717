"""What clients of other protocols send in words of their own; what is wrong with it is a 400 that names it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import CatalogError


class ParameterInvalid(CatalogError):
    """A parameter of another protocol that can't be read, or that names nothing there is."""

    code = "parameter-invalid"
    title = gettext_lazy("A parameter of the request can't be used")


def whole_number(name: str, given: object) -> int | None:
    """A number from 0 as JSON or text has it; None where nothing is given. Raises ParameterInvalid."""
    if given is None or given == "":
        return None
    text = str(given)
    if isinstance(given, bool) or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ParameterInvalid(
            _("%(name)s must be a whole number from 0, not “%(text)s”.") % {"name": name, "text": text[:60]}
        )
    return int(text)


def moment(name: str, given: object) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone; None where nothing is given. Raises ParameterInvalid."""
    if given is None or given == "":
        return None
    # A plus sign that a client did not write as %2B arrives as a space.
    text = str(given).strip().replace(" ", "+") if "T" in str(given) else str(given).strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        remedy = _("Write it as 2026-01-31T00:00:00Z.")
        raise ParameterInvalid(
            _("%(name)s must be a time in ISO 8601, not “%(text)s”.") % {"name": name, "text": text[:60]}, remedy=remedy
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
