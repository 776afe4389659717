"""The words of notices on access: requests and grants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.models import NoticeKind
from catalog.services.notifying.wording import Words


def _day(value: str | None) -> str:
    if not value:
        return ""
    moment = timezone.localtime(datetime.fromisoformat(value))
    return f"{date_format(moment, 'Y-m-d H:i')} {moment:%Z}"


def _request_made(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["asker"], "title": title, "day": _day(params["until"])}
    return _("%(name)s asks for access to %(title)s") % words, [
        _("%(name)s asks for the data of “%(title)s”, and wrote what for:") % words,
        _("Without an answer the request expires on %(day)s.") % words,
    ]


def _request_remark(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["author"], "title": title}
    return _("%(name)s wrote about the request for %(title)s") % words, [
        _("%(name)s wrote about the request for the data of “%(title)s”:") % words
    ]


def _request_granted(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("You have access to %(title)s") % words, [
        _("Your request for the data of “%(title)s” was granted.") % words,
        *_extent(params),
    ]


def _request_denied(title: str, _params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("Your request for %(title)s was declined") % words, [
        _("Your request for the data of “%(title)s” was declined, for this reason:") % words,
        _("You may ask again, for instance for another purpose."),
    ]


def _request_ends(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["asker"], "title": title, "day": _day(params["until"])}
    return _("A request for %(title)s is about to expire") % words, [
        _("Nobody has answered the request of %(name)s for the data of “%(title)s”. It expires on %(day)s.") % words
    ]


def _request_expired(title: str, _params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("The request for %(title)s has expired") % words, [
        _("Nobody answered your request for the data of “%(title)s” in time. You may ask again.") % words
    ]


def _grant_given(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("You have access to %(title)s") % words, [
        _("You may have the data of “%(title)s” now.") % words,
        *_extent(params),
    ]


def _grant_ends(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "day": _day(params["until"])}
    return _("Your access to %(title)s ends soon") % words, [
        _("You may have the data of “%(title)s” until %(day)s. Then it ends by itself.") % words,
        *_extent({**params, "until": None}),
        _("Whoever needs them longer asks the owner before that."),
    ]


def _grant_ended(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "day": _day(params["until"])}
    return _("Your access to %(title)s has ended") % words, [
        _("Your access to the data of “%(title)s” ended on %(day)s. You may ask for it again.") % words
    ]


def _grant_revoked(title: str, _params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("Your access to %(title)s was taken back") % words, [
        _("The owner of “%(title)s” has taken your access to its data back.") % words
    ]


def _extent(params: dict[str, Any]) -> list[str]:
    """Until when, of which versions, and as a member of what."""
    lines = []
    if params.get("until"):
        lines.append(_("It ends by itself on %(day)s.") % {"day": _day(params["until"])})
    if params.get("versions"):
        lines.append(_("It is for these versions: %(numbers)s.") % {"numbers": ", ".join(params["versions"])})
    if params.get("organization"):
        lines.append(_("It is for all members of %(title)s.") % {"title": params["organization"]})
    return lines


ACCESS_WORDS: Mapping[NoticeKind, Words] = {
    NoticeKind.REQUEST_MADE: _request_made,
    NoticeKind.REQUEST_REMARK: _request_remark,
    NoticeKind.REQUEST_GRANTED: _request_granted,
    NoticeKind.REQUEST_DENIED: _request_denied,
    NoticeKind.REQUEST_ENDS: _request_ends,
    NoticeKind.REQUEST_EXPIRED: _request_expired,
    NoticeKind.GRANT_GIVEN: _grant_given,
    NoticeKind.GRANT_ENDS: _grant_ends,
    NoticeKind.GRANT_ENDED: _grant_ended,
    NoticeKind.GRANT_REVOKED: _grant_revoked,
}
