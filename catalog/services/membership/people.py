"""What a person says of themselves, and how they want the site and its mails."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import Invalid
from catalog.models import MailGroup, Theme, User
from catalog.orcid import is_orcid
from catalog.permissions import require_unlimited, require_user


@transaction.atomic
def update_person(
    *,
    actor: Actor,
    name: str,
    affiliation: str,
    orcid: str,
    language: str,
    theme: str,
    wanted_mail: Collection[str],
) -> User:
    """Save the actor's own settings; ``wanted_mail`` are values of MailGroup. Raises NotSignedIn, Invalid."""
    user = require_user(actor, scope="manage")
    require_unlimited(actor)
    if orcid and not is_orcid(orcid):
        raise Invalid(fields={"orcid": [_("An ORCID iD looks like 0000-0002-1825-0097; check its digits.")]})
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(fields={"language": [_("Choose one of the languages.")]})
    if theme not in Theme.values:
        raise Invalid(fields={"theme": [_("Choose one of the themes.")]})
    person = User.objects.select_for_update().get(pk=user.pk)
    person.name, person.affiliation, person.orcid = name.strip(), affiliation.strip(), orcid
    person.language, person.theme = language, theme
    person.unwanted_mail = [group for group in MailGroup.values if group not in wanted_mail]
    person.save(update_fields=["name", "affiliation", "orcid", "language", "theme", "unwanted_mail"])
    return person
