"""The identifiers that CKAN's clients expect: UUIDs that hold the number of a row, and are of this site alone.

CKAN names everything by a UUID and a name. A UUID of version 8 (RFC 9562, 5.8) is free in what it says: here the site
(62 bits of a hash), the kind of thing and the number of its row, so that it can be read back without a table.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from enum import IntEnum

from django.conf import settings

_BITS = 46
"""Of a row's number: seventy million million rows."""


class Kind(IntEnum):
    """What an identifier is of."""

    DATASET = 1
    ORGANIZATION = 2
    TABLE = 3
    PART = 4
    ORIGINAL = 5
    TAG = 6
    DOCUMENT = 7


@functools.cache
def _site(base_url: str) -> int:
    return int.from_bytes(hashlib.sha256(base_url.encode()).digest()[:8], "big")


def id_of(kind: Kind, key: int) -> str:
    """The identifier of a row."""
    site = _site(settings.BASE_URL)
    value = (site >> 16) << 80  # custom_a: 48 bits of the site
    value |= 0x8 << 76
    value |= kind << 64  # custom_b: 12 bits, the kind
    value |= 0b10 << 62
    value |= (site & 0xFFFF) << _BITS  # custom_c: 16 more bits of the site, 46 of the number
    value |= key & (2**_BITS - 1)
    return str(uuid.UUID(int=value))


def key_of(kind: Kind, text: str) -> int | None:
    """The number of the row of this kind that an identifier of ours names; None for any other text."""
    try:
        key = uuid.UUID(text).int & (2**_BITS - 1)
    except ValueError:
        return None
    return key if id_of(kind, key) == text.lower() else None
