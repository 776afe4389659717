"""A person's language and theme: kept with the account, and in cookies for the pages of this device."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.i18n import set_language

from catalog.models import User

A_YEAR = 365 * 24 * 3600
THEME_COOKIE = "theme"


def remember_taste(response: HttpResponse, user: User) -> None:
    """Set the cookies to what the account says, as far as it says anything."""
    if user.language:
        _set(response, settings.LANGUAGE_COOKIE_NAME, user.language)
    if user.theme:
        _set(response, THEME_COOKIE, user.theme)


def forget_theme(response: HttpResponse) -> None:
    """Let the device decide again."""
    response.delete_cookie(THEME_COOKIE, samesite="Lax")


def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own view, which sets the cookie; what somebody signed in chooses is kept for their mails too."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=settings.SECURE)
