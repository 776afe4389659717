"""What search engines read of a version's page: schema.org's Dataset, which Croissant is, in the page's head."""

from __future__ import annotations

import json

from django.utils.safestring import SafeString, mark_safe

from catalog.models import Access, VersionState
from catalog.protocols.documents.croissant import croissant
from catalog.protocols.release import release_of_today
from catalog.web.dataset.head import Head

MAX_FIELDS = 500
"""Columns of all files beyond which a page tells only the files; croissant.json has them all."""
# As Django's json_script does it: nothing in a text can end the script.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def structured_data(head: Head) -> SafeString:
    """The content of a script of type application/ld+json; empty where there is nothing that anybody may read."""
    version = head.version
    if version is None or version.state != VersionState.PUBLISHED or head.dataset.access == Access.PRIVATE:
        return SafeString()
    release = release_of_today(version, head.resources, head.documents)
    fields = sum(len(table.columns) * len(table.parts) for table in release.tables)
    document = croissant(release, spec="1.0", records=fields <= MAX_FIELDS)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 -- escaped in the same line.
