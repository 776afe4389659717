"""Refusals: one class per fact, with a stable code, a sentence for a person and what to do.

Both are in the language of whoever asks; a program that names none is told in English. HTTP is not known here:
``catalog/api/manners/problems.py`` maps the families below to statuses and answers ``application/problem+json``
(RFC 9457); pages show the same sentence and remedy.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class CatalogError(Exception):
    """Base of every refusal of ours. ``extra`` is sent along in the problem document."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str | Promise] = gettext_lazy("The request was refused")

    def __init__(self, sentence: str = "", *, remedy: str = "", **extra: Any) -> None:
        self.sentence = sentence or str(self.title)
        self.remedy = remedy
        self.extra = extra
        super().__init__(self.sentence)

    @property
    def words(self) -> str:
        """What is wrong and what to do, as a message says it."""
        return f"{self.sentence} {self.remedy}" if self.remedy else self.sentence


class NotFound(CatalogError):
    """What the actor may not see does not exist for the actor (R11)."""

    code = "not-found"
    title = gettext_lazy("There is nothing at this address")

    def __init__(self, sentence: str = "", *, remedy: str = "", **extra: Any) -> None:
        super().__init__(sentence, remedy=remedy or _("Check the address, or sign in if it is not public."), **extra)


class Forbidden(CatalogError):
    """The actor sees the thing and may not do this with it."""

    code = "forbidden"
    title = gettext_lazy("You may not do this")


class Conflict(CatalogError):
    """The thing is in a state in which this can't be done."""

    code = "conflict"
    title = gettext_lazy("This can't be done in the present state")


class Invalid(CatalogError):
    """What was sent breaks a rule; ``fields`` maps a field to its sentences."""

    code = "invalid"
    title = gettext_lazy("Something in the request needs correcting")

    def __init__(self, sentence: str = "", *, remedy: str = "", fields: dict[str, list[str]] | None = None) -> None:
        self.fields = fields or {}
        if not sentence and self.fields:
            sentence = " ".join(f"{name}: {' '.join(lines)}" for name, lines in self.fields.items())
        super().__init__(sentence, remedy=remedy, **({"errors": self.fields} if self.fields else {}))


class TooLarge(CatalogError):
    """Over a limit; the sentence names the limit and the size."""

    code = "too-large"
    title = gettext_lazy("This is larger than the limit")


class TooMany(CatalogError):
    """An allowance is spent; ``wait`` says in how many seconds it is given anew."""

    code = "too-many-requests"
    title = gettext_lazy("This is more than is allowed in the time")

    def __init__(self, sentence: str = "", *, remedy: str = "", wait: int, **extra: Any) -> None:
        self.wait = wait
        super().__init__(sentence, remedy=remedy, **extra)


class Unavailable(CatalogError):
    """A server that we stand on does not answer; nothing was changed."""

    code = "unavailable"
    title = gettext_lazy("A service that is needed does not answer")
