"""A steward's word on each check that failed: one choice and one note a check."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.errors import Invalid
from catalog.services.reviewing.failures import Failure, FailureCall, Word, problem_field
from catalog.services.reviewing.settling import NOTE_LIMIT
from catalog.web.forms.base import PageForm, lines


@dataclass(frozen=True, slots=True)
class FailureFields:
    """A failure with its two fields, as the page draws them."""

    failure: Failure
    decision: forms.BoundField
    note: forms.BoundField


class FailuresForm(PageForm):
    """Made for the failures of the version; without any it is empty and always right."""

    def __init__(self, *args: Any, failures: Sequence[Failure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._failures = tuple(failures)
        for failure in failures:
            self.fields[_decision(failure)] = forms.ChoiceField(
                label=_("Your call"),
                required=False,
                choices=[
                    ("", _("No word yet") if failure.must_answer else _("No word (a warning needs none)")),
                    ("accept", _("Accept, with a note in the report")),
                    ("ask", _("Ask the owner")),
                    ("refuse", _("Refuse")),
                ],
            )
            self.fields[_note(failure)] = forms.CharField(
                label=_("Why"), required=False, max_length=NOTE_LIMIT, widget=lines(2)
            )

    def __iter__(self) -> Iterator[forms.BoundField]:
        for name in self.fields:
            yield self[name]

    @property
    def checks(self) -> list[FailureFields]:
        """The failures with their fields, in the order in which they are asked."""
        return [FailureFields(item, self[_decision(item)], self[_note(item)]) for item in self._failures]

    def calls(self) -> tuple[FailureCall, ...]:
        """The words that were said. A note without a choice is left out, and the service asks for a choice."""
        said = self.cleaned_data
        return tuple(
            FailureCall(*item.key, cast("Word", said[_decision(item)]), said[_note(item)])
            for item in self._failures
            if said.get(_decision(item))
        )

    def mark(self, refusal: Invalid) -> None:
        """Show a refusal's sentences at the checks that it is about."""
        for item in self._failures:
            for line in refusal.fields.get(problem_field(item), ()):
                self.add_error(_decision(item), line)


# The names hold whatever happens to the order of the checks between the page and its answer.
def _decision(failure: Failure) -> str:
    digest = hashlib.sha256("\0".join(failure.key).encode()).hexdigest()[:16]
    return f"check_{digest}"


def _note(failure: Failure) -> str:
    return f"{_decision(failure)}_note"


def said_of_failures(failures: Iterable[Failure], words: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What was said before of these checks, as the form's first values."""
    said = {(word["table"], word["rule"]): word for word in words}
    first: dict[str, str] = {}
    for failure in failures:
        if word := said.get(failure.key):
            first |= {_decision(failure): word["decision"], _note(failure): word["note"]}
    return first
