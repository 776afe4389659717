"""Revisions: how Hugging Face's clients call versions.

``main`` is the latest version, ``v1.0.0`` (or ``1.0.0``) a tag, ``1`` the first version, and 40 hexadecimal digits,
the first of the manifest's sha256, the commit. Longer names of git's begin with ``refs/``.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, Version
from catalog.selectors.datasets import get_version

LATEST = frozenset({"main", "latest", "HEAD", "refs/heads/main", "refs/convert/parquet"})
_REFS = ("refs/heads/", "refs/tags/", "refs/convert/")
_NUMBER = re.compile(r"v?([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})")
_SEQUENCE = re.compile(r"v?([0-9]{1,6})")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class RevisionNotFound(NotFound):
    """There is no version of that name."""


def split_revision(address: str) -> tuple[str, str]:
    """The revision and the path behind it, out of the end of an address: git's own names have slashes."""
    pieces = address.split("/")
    length = 3 if address.startswith(_REFS) else 1
    return "/".join(pieces[:length]), "/".join(pieces[length:]).strip("/")


def find_version(*, actor: Actor, dataset: Dataset, revision: str) -> Version:
    """Raises RevisionNotFound."""
    if revision in LATEST:
        return _get(actor, dataset, "latest")
    name = revision.removeprefix("refs/tags/")
    if match := _NUMBER.fullmatch(name):
        return _get(actor, dataset, match[1])
    versions = Version.objects.visible_to(actor).filter(dataset=dataset, sequence__isnull=False)
    found = None
    if match := _SEQUENCE.fullmatch(name):
        found = versions.filter(sequence=int(match[1])).first()
    elif _COMMIT.fullmatch(name):
        found = versions.filter(manifest_sha256__startswith=name).order_by("sequence").first()
    if found is None:
        raise RevisionNotFound(
            _("There is no version %(revision)s.") % {"revision": f"{revision!r}"},
            remedy=_("Use main, or a number such as v1.0.0."),
        )
    found.dataset = dataset
    return found


def _get(actor: Actor, dataset: Dataset, name: str) -> Version:
    try:
        return get_version(actor=actor, dataset=dataset, version=name)
    except NotFound as missing:
        raise RevisionNotFound(missing.sentence, remedy=missing.remedy) from None
