"""What staff look for. A field that can't be read counts as empty, and says so above the list."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.jobs.board import JobState, boards
from catalog.jobs.lanes import Lane
from catalog.services.membership.verifying import REASON_LIMIT
from catalog.web.forms.base import PageForm

STATE_NAMES = {JobState.FAILED: _("Has failed"), JobState.RUNNING: _("At work"), JobState.WAITING: _("In line")}
LANE_NAMES = {Lane.SMALL: _("Small"), Lane.MEDIUM: _("Medium"), Lane.LARGE: _("Large")}


class JobsForm(PageForm):
    """Which jobs; all of them when empty."""

    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    lane = forms.ChoiceField(label=_("Lane"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = ("", _("All"))
        self._choose("state", [anything, *((state.value, STATE_NAMES[state]) for state in JobState)])
        self._choose("kind", [anything, *((board.noun, board.title) for board in boards())])
        self._choose("lane", [anything, *((lane.value, LANE_NAMES[lane]) for lane in Lane)])

    @property
    def asked_state(self) -> JobState | None:
        found = self._given("state")
        return JobState(found) if found else None

    @property
    def asked_kind(self) -> str:
        return self._given("kind")

    @property
    def asked_lane(self) -> Lane | None:
        found = self._given("lane")
        return Lane(found) if found else None

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = choices

    def _given(self, name: str) -> str:
        return str(getattr(self, "cleaned_data", {}).get(name, ""))


class UsersForm(PageForm):
    """Which people; all of them when empty."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=150, required=False)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("Everybody")), ("active", _("Active")), ("inactive", _("Deactivated")), ("staff", _("Staff"))],
    )

    @property
    def text(self) -> str:
        return str(getattr(self, "cleaned_data", {}).get("q", "")).strip()

    @property
    def asked(self) -> str:
        return str(getattr(self, "cleaned_data", {}).get("show", ""))


class VerifyForm(PageForm):
    """Why an organization is verified, or is so no longer."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        help_text=_(
            "How you know who they are, for everybody to read beside the name: “Domain checked, 3 May 2026”. "
            "Or why the tick is taken away, for the audit trail."
        ),
        error_messages={"required": _("Say why.")},
    )
