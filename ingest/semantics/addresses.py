"""Addresses of people and machines: e-mail, web, network, telephone, post."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ingest.semantics.semantic import CODE, Semantic, matching, named

# What HTML's e-mail field takes (https://html.spec.whatwg.org/#valid-e-mail-address), with a dot in the domain.
_EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)
_URL = r"^(?i:https?|ftps?|s3|gs|sftp)://[^\s/?#]+[^\s]*$"
_MAC = r"^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$"
_IPV4 = r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$"
_IPV6 = r"^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]+$"
_E164 = re.compile(r"^\+[1-9](?:[ ()./-]{0,2}[0-9]){6,14}$")
_PHONE = r"^(?:\+|00)?[0-9(](?:[ ()./-]{0,2}[0-9]){5,14}$"
_POSTCODE = r"^(?:[A-Z]{1,2}[- ]?)?[0-9A-Z]{2,5}(?:[- ]?[0-9A-Z]{2,4})?$"


def _is_url(value: str) -> bool:
    if re.match(_URL, value) is None:
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:
        return False


def _is_ipv4(value: str) -> bool:
    try:
        return ipaddress.IPv4Address(value) is not None
    except ValueError:
        return False


def _is_ipv6(value: str) -> bool:
    try:
        return ":" in value and ipaddress.IPv6Address(value) is not None
    except ValueError:
        return False


def _is_postcode(value: str) -> bool:
    return re.match(_POSTCODE, value) is not None and any(sign.isdigit() for sign in value)


ADDRESSES: tuple[Semantic, ...] = (
    Semantic("email", matching(_EMAIL), pattern=_EMAIL),
    Semantic("url", _is_url, pattern=_URL),
    Semantic("ipv4", _is_ipv4, pattern=_IPV4),
    Semantic("ipv6", _is_ipv6, pattern=_IPV6),
    Semantic("mac", matching(_MAC), pattern=_MAC),
    Semantic("phone", lambda value: _E164.match(value) is not None, pattern=_E164.pattern, least=3),
    Semantic(
        "phone",
        matching(_PHONE),
        pattern=_PHONE,
        header=named("phone|telephone|tel|telefon|teléfono|telefono|fax|mobile|handy|téléphone|телефон"),
        least=None,
    ),
    Semantic(
        "postcode",
        _is_postcode,
        kinds=CODE,
        pattern=_POSTCODE,
        header=named("zip(?:[ _-]?code)?|post(?:al)?[ _-]?code|plz|postleitzahl|code[ _-]postal|cap|cep|postnummer"),
        least=None,
    ),
)
