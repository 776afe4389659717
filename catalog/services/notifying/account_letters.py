"""The words of mails on a person's own account. Whoever does without other mails gets these all the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from catalog.services.notifying.letters import Letter


@dataclass(frozen=True, slots=True)
class _Said:
    """``url`` is where the mail leads, of whatever host; only its path is taken."""

    subject: str
    paragraphs: tuple[str, ...]
    url: str = ""
    label: str = ""


def account_letter(kind: str, *, name: str, facts: Mapping[str, Any]) -> Letter | None:
    """The letter that the sign-in calls ``kind``, in the active language; None for one that has no words here.

    ``facts`` are those that it hands over; ``name`` is the reader's, empty where nobody is known.
    """
    words = _WORDS.get(kind)
    if words is None:
        return None
    said = words(facts)
    # By our own address: the host of a request is what its sender says.
    parts = urlsplit(said.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Letter(
        subject=said.subject,
        greeting=_("Hello %(name)s,") % {"name": name} if name else _("Hello,"),
        paragraphs=said.paragraphs,
        path=path or "/settings/",
        link_label=said.label or _("See your settings"),
        is_of_account=True,
    )


def _confirm(facts: Mapping[str, Any]) -> _Said:
    return _Said(
        _("Confirm your e-mail address"),
        (
            _("This address was given for an account at Commonfield. Confirm that it is yours."),
            _("If you did not give it, leave this mail alone: nothing happens then."),
        ),
        facts["activate_url"],
        _("Confirm the address"),
    )


def _reset(facts: Mapping[str, Any]) -> _Said:
    return _Said(
        _("Choose a new password"),
        (
            _("Somebody, you as we think, asked for a new password of your account %(name)s.")
            % {"name": facts.get("username") or ""},
            _("If it was not you, leave this mail alone: the password stays as it is."),
        ),
        facts["password_reset_url"],
        _("Choose a new password"),
    )


def _unknown(facts: Mapping[str, Any]) -> _Said:
    return _Said(
        _("No account has this address"),
        (
            _("Somebody, you as we think, asked for a new password for %(email)s. No account here has this address.")
            % {"email": facts["email"]},
            _("You may have signed up with another address, or not at all yet."),
        ),
        facts["signup_url"],
        _("Sign up"),
    )


def _taken(facts: Mapping[str, Any]) -> _Said:
    return _Said(
        _("You have an account already"),
        (
            _("Somebody, you as we think, wanted to sign up with %(email)s. An account has this address already.")
            % {"email": facts["email"]},
            _("If you have forgotten its password, choose a new one."),
        ),
        facts["password_reset_url"],
        _("Choose a new password"),
    )


def _change(subject: Callable[[Mapping[str, Any]], str]) -> Callable[[Mapping[str, Any]], _Said]:
    """A change of the account that is told so that nobody else makes it unseen."""

    def words(facts: Mapping[str, Any]) -> _Said:
        where = {"address": facts.get("ip") or "–", "browser": facts.get("user_agent") or "–"}
        return _Said(
            subject(facts),
            (
                _("It was done from the address %(address)s with %(browser)s.") % where,
                _("If it was not you, choose a new password at once, and look through your settings."),
            ),
        )

    return words


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], _Said]] = {
    "email_confirmation": _confirm,
    "email_confirmation_signup": _confirm,
    "password_reset_key": _reset,
    "unknown_account": _unknown,
    "account_already_exists": _taken,
    "password_changed": _change(lambda _facts: _("Your password was changed")),
    "password_reset": _change(lambda _facts: _("Your password was changed")),
    "password_set": _change(lambda _facts: _("Your password was changed")),
    "email_confirm": _change(lambda _facts: _("An e-mail address of your account was confirmed")),
    "email_changed": _change(
        lambda facts: _("Your e-mail address is %(email)s now") % {"email": facts.get("to_email") or ""}
    ),
    "email_deleted": _change(
        lambda facts: (
            _("The e-mail address %(email)s was removed from your account")
            % {"email": facts.get("deleted_email") or ""}
        )
    ),
    "totp_activated": _change(lambda _facts: _("Two-step sign-in was turned on")),
    "totp_deactivated": _change(lambda _facts: _("Two-step sign-in was turned off")),
    "recovery_codes_generated": _change(lambda _facts: _("New recovery codes were made")),
}
