"""What the frame of every page shows: the reader's queue, theme and language, asked for only when shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language

from catalog.models import Membership, User
from catalog.selectors.notices import count_unread
from catalog.selectors.reviews import waiting_for
from catalog.web.frame.actor import actor_of

Theme = Literal["", "light", "dark"]


class Frame:
    """One request's frame. Its queries run when a template first asks, so error pages cost none."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def is_steward(self) -> bool:
        if self.user is None:
            return False
        return self.user.is_staff or Membership.objects.filter(user=self.user, is_steward=True).exists()

    @cached_property
    def waiting(self) -> int:
        """Reviews that wait for this steward's decision."""
        return waiting_for(actor_of(self._request)).count() if self.is_steward else 0

    @cached_property
    def unread(self) -> int:
        """Notices that the reader has not read; of more than 99, 100."""
        return 0 if self.user is None else count_unread(actor_of(self._request))

    @property
    def theme(self) -> Theme:
        """The reader's own choice, from a cookie (which the sign-in sets), so that a dark page never flashes white."""
        theme = self._request.COOKIES.get("theme", "")
        return "dark" if theme == "dark" else "light" if theme == "light" else ""

    @property
    def language(self) -> str:
        """The page's language as a BCP 47 tag with the script's usual capital."""
        return "zh-Hans" if (get_language() or "en").startswith("zh") else "en"

    @property
    def other_language(self) -> tuple[str, str, str]:
        """Django's code, the tag and the own name of the language that the switch offers."""
        if self.language == "zh-Hans":
            return ("en", "en", "English")
        return ("zh-hans", "zh-Hans", "中文")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of every page: ``frame``."""
    return {"frame": Frame(request)}
