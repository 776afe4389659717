"""Why a version asks for its number: the facts of catalog.numbering as sentences."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.numbering import Change, Proposal

_REASONS: Mapping[str, Promise] = {
    "table-removed": _("The table %(what)s is gone."),
    "table-added": _("The table %(what)s is new."),
    "column-removed": _("The column %(what)s is gone."),
    "column-retyped": _("The column %(what)s has another type."),
    "key-changed": _("The key of %(what)s is another one."),
    "column-added": _("The column %(what)s is new."),
    "rows-added": _("Rows were added to %(what)s."),
    "data-changed": _("The data of %(what)s are others."),
    "document-added": _("The document %(what)s is new."),
    "document-changed": _("The document %(what)s is another one."),
    "document-removed": _("The document %(what)s is gone."),
}
_CHANGES: Mapping[Change, Promise] = {
    "major": _("what others built on it may break"),
    "minor": _("data were added or changed"),
    "patch": _("only the description or documents changed"),
}


def change_words(change: Change) -> str:
    """What the step of the number means to those who use the data."""
    return str(_CHANGES[change])


def reason_words(proposal: Proposal, *, within: str = "") -> list[str]:
    """Each reason as a sentence; ``within`` is a table whose name need not stand before its columns."""
    return [
        str(_REASONS[code]) % {"what": what.removeprefix(f"{within}.") if within else what}
        for code, what in proposal.reasons
        if code in _REASONS
    ]
