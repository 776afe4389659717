"""The forms of the sign-in with our words and without placeholders: what stands in a field is gone once one types."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _

_DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


class Said(forms.Form):
    """Gives the fields of an allauth form their labels; ``widget_attrs`` are for a field's input."""

    labels: ClassVar[dict[str, Any]] = {}
    widget_attrs: ClassVar[dict[str, dict[str, str]]] = {}
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs |= self.widget_attrs.get(name, {})
            if name in self.labels:
                field.label = self.labels[name]


class LoginForm(Said, account.LoginForm):  # type: ignore[misc]
    labels = {
        "login": _("User name or e-mail address"),
        "password": _("Password"),
        "remember": _("Stay signed in on this device"),
    }


class SignupForm(Said, account.SignupForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address"), "username": _("User name"), "password1": _("Password")}


class ResetPasswordForm(Said, account.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address")}


class ResetPasswordKeyForm(Said, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": _("New password"), "password2": _("The same once more")}


class ChangePasswordForm(Said, account.ChangePasswordForm):  # type: ignore[misc]
    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("The same once more"),
    }


class SetPasswordForm(Said, account.SetPasswordForm):  # type: ignore[misc]
    labels = {"password1": _("New password"), "password2": _("The same once more")}


class AddEmailForm(Said, account.AddEmailForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address")}


class ReauthenticateForm(Said, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": _("Password")}


class SecondStepForm(Said, mfa.AuthenticateForm):  # type: ignore[misc]
    """Takes recovery codes too, which have eight digits."""

    labels = {"code": _("Code")}
    widget_attrs = {"code": _DIGITS}


class SecondStepAgainForm(Said, mfa.ReauthenticateForm):  # type: ignore[misc]
    labels = {"code": _("Code")}
    widget_attrs = {"code": _DIGITS}


class ActivateForm(Said, totp.ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": _("Six digits")}
    widget_attrs = {"code": _DIGITS}
