"""Django's own sentences that our pages show and that our catalogues say otherwise: in Chinese we say 您, Django 你.

Nothing asks for them here. They stand here so that `make messages` finds them: an app's catalogue goes before Django's.
"""

from django.utils.translation import gettext_lazy, ngettext_lazy

ABOUT_PASSWORDS = (
    gettext_lazy("Your old password was entered incorrectly. Please enter it again."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    gettext_lazy("Your password can’t be too similar to your other personal information."),
    gettext_lazy("Your password can’t be a commonly used password."),
    gettext_lazy("Your password can’t be entirely numeric."),
)
