"""The words of notices on versions: to stewards and makers, and to those who follow a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import NoticeKind
from catalog.services.notifying.wording import Words


def _review_opened(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["maker"], "title": title, "number": params["number"]}
    return _("%(name)s sent version %(number)s of %(title)s for review") % words, [
        _("Version %(number)s of “%(title)s” waits for a steward. What %(name)s says of it:") % words
    ]


def _review_remark(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["author"], "title": title}
    return _("%(name)s wrote about the review of %(title)s") % words, [
        _("%(name)s wrote about the version of “%(title)s” that was sent for review:") % words
    ]


def _review_approved(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["steward"], "title": title, "number": params["number"]}
    return _("Version %(number)s of %(title)s is published") % words, [
        _("%(name)s has approved version %(number)s of “%(title)s”. It is published, and can’t be changed any more.")
        % words,
    ]


def _review_returned(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["steward"], "title": title, "number": params["number"]}
    return _("Changes are asked for in version %(number)s of %(title)s") % words, [
        _("%(name)s has not published version %(number)s of “%(title)s” and asks for changes:") % words,
        _("It is a draft again. Change it and send it once more."),
    ]


def _review_declined(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"name": params["steward"], "title": title, "number": params["number"]}
    return _("Version %(number)s of %(title)s was declined") % words, [
        _("%(name)s has declined version %(number)s of “%(title)s”. The reason:") % words,
        _("It is a draft again, and yours: you may change it and send it anew."),
    ]


def _review_not_decided(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "number": params["number"]}
    return _("Your decision on version %(number)s of %(title)s was not carried out") % words, [
        _("You decided on version %(number)s of “%(title)s”. In the seconds before it was carried out, this happened:")
        % words,
        _why_not(params["why"]),
        _("Look at the review again. What you typed is still there if the review is open."),
    ]


def _why_not(code: str) -> str:
    """What came between a decision and its carrying out, by the code of the refusal."""
    if code == "move-refused":
        return _("Somebody else decided, or the version was taken back.")
    if code == "description-changed":
        return _("The dataset was changed, so that what you read is not what would be published.")
    if code in {"failures-undecided", "personal-data-undecided"}:
        return _("It was checked again, and something was found that nobody has said a word on.")
    return _("You may not decide on this version any more.")


def _check_done(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "failed": params["failed"], "warnings": params["warnings"]}
    if params["failed"]:
        found = ngettext("%(failed)s check failed.", "%(failed)s checks failed.", params["failed"]) % words
    elif params["warnings"]:
        found = ngettext("%(warnings)s warning.", "%(warnings)s warnings.", params["warnings"]) % words
    else:
        found = _("All checks passed.")
    return _("The checks of %(title)s are done") % words, [
        _("The checks of your draft of “%(title)s” are done.") % words,
        found,
    ]


def _upload_rejected(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "file": params["file"]}
    return _("%(file)s could not be read as a table") % words, [
        _("The file %(file)s for “%(title)s” could not be read. Why, and what helps, stands on its page.") % words,
    ]


def _annotation_made(title: str, _params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("There are suggestions for %(title)s") % words, [
        _("Somebody has described columns, corrected cells or labelled rows of “%(title)s”. You decide what is taken.")
        % words,
    ]


def _annotation_decided(title: str, _params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title}
    return _("Your suggestions for %(title)s were looked at") % words, [
        _("It is decided which of your suggestions for “%(title)s” are taken.") % words,
    ]


def _published(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "number": params["number"]}
    return _("%(title)s has a new version, %(number)s") % words, [
        _("Version %(number)s of “%(title)s” is published. What is said of it:") % words
    ]


def _opened(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "number": params.get("number") or ""}
    if words["number"]:
        return _("The data of %(title)s %(number)s are out") % words, [
            _("The embargo on version %(number)s of “%(title)s” has ended: its data can be had now.") % words
        ]
    return _("The data of %(title)s are out") % words, [
        _("The embargo on “%(title)s” has ended: its data can be had now.") % words
    ]


def _withdrawn(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "number": params["number"]}
    return _("Version %(number)s of %(title)s was withdrawn") % words, [
        _("Version %(number)s of “%(title)s” was withdrawn, and its data are not given any more. The reason:") % words,
        _("Look whether what you made of it still stands."),
    ]


def _deprecated(title: str, params: dict[str, Any]) -> tuple[str, list[str]]:
    words = {"title": title, "number": params.get("number") or "", "successor": params.get("successor") or ""}
    if words["number"]:
        sentence = _("Version %(number)s of %(title)s should not be used any more") % words
        lines = [_("Version %(number)s of “%(title)s” should not be used any more. Those who keep it say why:") % words]
    else:
        sentence = _("%(title)s should not be used any more") % words
        lines = [_("“%(title)s” should not be used any more. Those who keep it say why:") % words]
    if words["successor"]:
        lines.append(_("Use %(successor)s in its place.") % words)
    return sentence, lines


VERSION_WORDS: Mapping[NoticeKind, Words] = {
    NoticeKind.REVIEW_OPENED: _review_opened,
    NoticeKind.REVIEW_REMARK: _review_remark,
    NoticeKind.REVIEW_APPROVED: _review_approved,
    NoticeKind.REVIEW_RETURNED: _review_returned,
    NoticeKind.REVIEW_DECLINED: _review_declined,
    NoticeKind.REVIEW_NOT_DECIDED: _review_not_decided,
    NoticeKind.CHECK_DONE: _check_done,
    NoticeKind.UPLOAD_REJECTED: _upload_rejected,
    NoticeKind.ANNOTATION_MADE: _annotation_made,
    NoticeKind.ANNOTATION_DECIDED: _annotation_decided,
    NoticeKind.FOLLOWED_PUBLISHED: _published,
    NoticeKind.FOLLOWED_OPENED: _opened,
    NoticeKind.FOLLOWED_WITHDRAWN: _withdrawn,
    NoticeKind.FOLLOWED_DEPRECATED: _deprecated,
}
