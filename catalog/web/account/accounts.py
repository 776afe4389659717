"""Where allauth's sign-in meets ours: the language that a person chose, and mails in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from catalog.models import User
from catalog.services.notifying.account_letters import account_letter
from catalog.services.notifying.mailing import mail_of
from catalog.web.account.taste import remember_taste


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What the settings of allauth call ACCOUNT_ADAPTER."""

    def save_user(self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True) -> Any:
        """Keep the language in which the person signed up: mails are written in it."""
        if isinstance(user, User):
            user.language = _offered(translation.get_language())
        return super().save_user(request, user, form, commit=commit)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **said: Any) -> HttpResponse:
        """Show the person's own language and theme on this device too."""
        response: HttpResponse = super().post_login(request, user, **said)
        if isinstance(user, User):
            remember_taste(response, user)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        del request
        return reverse("catalog:settings")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail on the account, in the reader's language: known from the facts, or by the address."""
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = reader.language if isinstance(reader, User) else ""
        name = reader.shown_name if isinstance(reader, User) else ""
        with translation.override(language or translation.get_language()):
            kind = template_prefix.rpartition("/")[2]
            letter = account_letter(kind, name=name, facts={**context, "email": email})
            if letter is None:
                super().send_mail(template_prefix, email, context)
                return
            mail_of(letter, to=email).send()


def _offered(language: str | None) -> str:
    return language if language is not None and language in dict(settings.LANGUAGES) else ""
