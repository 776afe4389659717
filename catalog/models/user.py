from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.orcid import is_orcid


class MailGroup(models.TextChoices):
    """Kinds of mail that a person may do without; the notices themselves are on the page all the same."""

    REVIEWS = "reviews", _("Reviews: versions and suggestions that wait for you, and what becomes of yours")
    DRAFTS = "drafts", _("Your drafts: long checks that are done, files that can’t be read")
    ACCESS = "access", _("Access: requests for your data, and for what you asked or were given")
    FOLLOWING = "following", _("Datasets that you follow: new versions, embargoes that end, warnings")


class Theme(models.TextChoices):
    SYSTEM = "", _("As the device says")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


def validate_orcid(value: str) -> None:
    if not is_orcid(value):
        raise ValidationError(_("An ORCID iD looks like 0000-0002-1825-0097; check its digits."), code="orcid")


class User(AbstractUser):
    """A person. People are deactivated, never deleted: the audit trail names them.

    ``language`` is one of LANGUAGES, empty until the person chose one; ``unwanted_mail`` holds values of MailGroup.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    affiliation = models.CharField(max_length=200, blank=True)
    orcid = models.CharField(max_length=19, blank=True, validators=[validate_orcid])
    language = models.CharField(max_length=16, blank=True)
    theme = models.CharField(max_length=8, blank=True, choices=Theme)
    unwanted_mail = ArrayField(models.CharField(max_length=16, choices=MailGroup), default=list, blank=True)

    @property
    def shown_name(self) -> str:
        return self.name or self.get_full_name() or self.username
