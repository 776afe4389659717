"""A form that came at the wrong time loses nothing: it is kept until its sender has signed in, and sent again by hand.

Only what a page of ours sent is kept, and nothing is sent without a person: a page of others could fill in a form here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.web.frame.actor import actor_of

SESSION_KEY = "kept_form"
LIMIT = 200_000
"""Characters of a form that is kept: they stand in the session's row."""
LASTS = 24 * 3600
_NEVER = {"csrfmiddlewaretoken", "code"}
_SECRETS = ("password", "secret")
_SHORT = 40


@dataclass(frozen=True, slots=True)
class KeptField:
    name: str
    value: str

    @property
    def is_shown(self) -> bool:
        """Whether a person typed it, as far as one can tell: numbers of things and ticks are sent along unseen."""
        return len(self.value) > _SHORT or " " in self.value.strip() or not self.value.isascii()


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where the form was sent, and what was in it, in its order."""

    path: str
    fields: tuple[KeptField, ...]
    has_files: bool

    @property
    def shown(self) -> list[KeptField]:
        return [field for field in self.fields if field.is_shown]


def kept_form_of(request: HttpRequest) -> KeptForm | None:
    """What a page of ours sent with this request; None where a page of others did, or nothing can be kept of it."""
    if request.method != "POST" or not is_ours(request):
        return None
    pairs = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    kept = tuple(KeptField(name, str(value)) for name, value in pairs if not _is_secret(name))
    if not kept or sum(len(field.name) + len(field.value) for field in kept) > LIMIT:
        return None
    return KeptForm(request.get_full_path(), kept, has_files=bool(request.FILES))


def keep(request: HttpRequest) -> bool:
    """Keep the form in the session of a visitor who has to sign in first; whether there is one."""
    form = kept_form_of(request)
    if form is None:
        return False
    pairs = [[field.name, field.value] for field in form.fields]
    request.session[SESSION_KEY] = {
        "path": form.path,
        "fields": pairs,
        "has_files": form.has_files,
        "at": int(time.time()),
    }
    return True


def kept_for(request: HttpRequest) -> KeptForm | None:
    """The form that was kept in this session, not longer ago than LASTS."""
    value = request.session.get(SESSION_KEY)
    if not isinstance(value, dict) or value.get("at", 0) < time.time() - LASTS:
        return None
    fields = tuple(KeptField(name, text) for name, text in value["fields"])
    return KeptForm(value["path"], fields, value["has_files"])


def drop(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def show_kept(request: HttpRequest, form: KeptForm | None, *, status: int) -> HttpResponse:
    """The page that offers a form's words again, and a button that sends it."""
    context = {
        "form": form,
        "is_stale": status == 403,
        "back": _way_back(request),
        "is_signed_in": not actor_of(request).is_anonymous,
    }
    return render(request, "catalog/send_again.html", context, status=status)


def is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that a page of ours sent it. One that says nothing is not believed."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site == "same-origin"
    said = request.headers.get("Origin") or request.headers.get("Referer", "")
    parts = urlsplit(said)
    return parts.netloc == request.get_host() and parts.scheme == request.scheme


def _is_secret(name: str) -> bool:
    return name in _NEVER or any(word in name.lower() for word in _SECRETS)


def _way_back(request: HttpRequest) -> str:
    """The page that held the form, if it is ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
