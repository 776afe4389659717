from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person. People are deactivated, never deleted: the audit trail names them."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)

    @property
    def shown_name(self) -> str:
        return self.name or self.get_full_name() or self.username
