"""A steward's word on each kind of personal data that a version is held for: one choice and one note a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.errors import Invalid
from catalog.personal.reading import Held
from catalog.services.reviewing.personal import PersonalCall, Word
from catalog.services.reviewing.settling import NOTE_LIMIT
from catalog.web.forms.base import PageForm, lines


@dataclass(frozen=True, slots=True)
class HeldFields:
    """A kind with its two fields, as the page draws them."""

    held: Held
    decision: forms.BoundField
    note: forms.BoundField


class PersonalForm(PageForm):
    """Made for the kinds that the version is held for; without any it is empty and always right."""

    def __init__(self, *args: Any, held: Sequence[Held], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held = tuple(held)
        for item in held:
            self.fields[decision_name(item)] = forms.ChoiceField(
                label=item.title,
                required=False,
                choices=[("accept", _("They may be published")), ("return", _("They must go: ask for changes"))],
                widget=forms.RadioSelect,
            )
            self.fields[note_name(item)] = forms.CharField(
                label=_("Why they may be published"),
                required=False,
                max_length=NOTE_LIMIT,
                help_text=_("It stays in the report and in the manifest, for everybody to read."),
                widget=lines(2),
            )

    def __iter__(self) -> Iterator[forms.BoundField]:
        for name in self.fields:
            yield self[name]

    @property
    def kinds(self) -> list[HeldFields]:
        """The kinds with their fields, in the order in which they are asked."""
        return [HeldFields(item, self[decision_name(item)], self[note_name(item)]) for item in self._held]

    def calls(self) -> tuple[PersonalCall, ...]:
        """The words that were said; kinds without a choice are left out, and the service asks for them."""
        said = self.cleaned_data
        return tuple(
            PersonalCall(item.kind, cast("Word", said[decision_name(item)]), said[note_name(item)])
            for item in self._held
            if said.get(decision_name(item))
        )

    def mark(self, refusal: Invalid) -> None:
        """Show a refusal's sentences at the kinds that it is about."""
        for item in self._held:
            for line in refusal.fields.get(f"personal.{item.kind.value}", ()):
                self.add_error(decision_name(item), line)


def decision_name(held: Held) -> str:
    """The name of the field with the choice."""
    return f"personal_{held.kind.value}"


def note_name(held: Held) -> str:
    """The name of the field with the note."""
    return f"personal_{held.kind.value}_note"


def said_of_kinds(words: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What was said before, kind by kind, as the form's first values."""
    first: dict[str, str] = {}
    for said in words:
        first[f"personal_{said['kind']}"] = said["decision"]
        first[f"personal_{said['kind']}_note"] = said["note"]
    return first
