"""What a steward says to each kind of personal data that holds a version. Nothing of it passes without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Invalid
from catalog.models import Version
from catalog.personal.kinds import PersonalKind, title_of
from catalog.personal.reading import Held, held_by
from catalog.services.reviewing import settling

Word = Literal["accept", "return"]


class PersonalDataUndecided(Invalid):
    code = "personal-data-undecided"
    title = gettext_lazy(
        "Something in this version may be personal data, and you have not said what is to become of it"
    )


@dataclass(frozen=True, slots=True)
class PersonalCall:
    """A steward's word on one kind: published as it is, with a note that says why, or a reason to return."""

    kind: PersonalKind
    decision: Word
    note: str = ""


def held_version(version: Version) -> tuple[Held, ...]:
    """What of the version's tables needs a person's word."""
    return held_by(version.resources.select_related("report"))


def settle(*, version: Version, decision: str, calls: Sequence[PersonalCall]) -> list[dict[str, Any]]:
    """The words as they are kept with the review and in the manifest: one for each kind that was decided.

    Raises PersonalDataUndecided when a version is approved and a kind that it is held for has no word, has one without
    a note, or has "return". What is said of a kind that is not there is refused too: it is about another version.
    """
    settled = settling.settle(
        known={item.kind: item for item in held_version(version)},
        said={call.kind: call for call in calls},
        unknown=lambda kind: _("%(kind)s: none were found in this version.") % {"kind": title_of(kind)},
        problem=lambda item, call: _problem(item, call) if decision == "approve" else "",
        field=lambda kind: f"personal.{kind.value}",
        refusal=PersonalDataUndecided,
        remedy=_("Say for each kind whether it may be published, and why; or ask for changes."),
    )
    return [_kept(item, call) for item, call in settled]


def _problem(item: Held, call: PersonalCall | None) -> str:
    where = {"what": f"{item.title} ({item.where})"}
    if call is None:
        return _("%(what)s: say whether they may be published.") % where
    if call.decision == "return":
        return _("%(what)s: you want them returned, so ask for changes instead of publishing.") % where
    return "" if call.note.strip() else _("%(what)s: say why they may be published.") % where


def _kept(item: Held, call: PersonalCall) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "where": [{"table": table, "column": column or None} for table, column in item.places],
        "decision": call.decision,
        "note": settling.kept_note(call.note),
    }


def calls_of(given: Mapping[str, Mapping[str, str]]) -> tuple[PersonalCall, ...]:
    """The words of a request, by kind; each is ``{"decision": accept | return, "note": …}``."""
    return tuple(
        PersonalCall(PersonalKind(kind), "accept" if said["decision"] == "accept" else "return", said.get("note", ""))
        for kind, said in given.items()
    )
