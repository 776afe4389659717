"""Addresses of persons and of their machines: e-mail, IP, MAC, telephone, street, number plates."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from catalog.personal.kinds import PersonalKind
from quality.personal.detector import Detector, named

# The form that HTML's e-mail field takes, with a dot in the domain and letters at its end.
_EMAIL = r"[A-Za-z0-9._%+'!#$&*=?^`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
_INSIDE_EMAIL = (
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_OFFICE = re.compile(
    r"(?:info|contact|support|office|admin|hello|sales|service|help|team|press|media|no-?reply|webmaster|postmaster|mail|"
    r"enquiries|data|library|secretariat|kontakt|accueil|bureau|contacto|poststelle|marketing|jobs|hr|privacy)"
    r"(?:[._+-].*)?@",
    re.IGNORECASE,
)
_IPV4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IPV6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}"
_MAC = r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"
_PLATE = r"(?:[A-ZÄÖÜ]{1,3}[ -][A-Z]{1,2}[ -]?[0-9]{1,4}[EH]?|[A-Z]{2}[ -]?[0-9]{2,3}[ -]?[A-Z]{2,3}|[0-9A-Z]{5,8}|"
_PLATE += r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-HJ-NP-Z0-9]{5,6})"
_CN_PLATE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}"
_STREET_WORDS = (
    r"(?:street|st\.?|avenue|ave\.?|road|rd\.?|lane|ln\.?|drive|dr\.?|boulevard|blvd\.?|court|ct\.?|way|close|crescent|"
    r"terrace|square|parkway|pkwy\.?|highway|hwy\.?)"
)
_STREET = re.compile(
    rf"(?:[0-9]{{1,5}}[a-z]?,? (?:[\w.'-]+ ){{1,4}}{_STREET_WORDS}(?:[ ,].*)?"
    r"|[0-9]{1,5}(?: (?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|allée|impasse|quai) .+"
    r"|(?:calle|avenida|avda\.?|plaza|paseo|rua|via|viale|piazza|corso) .+?,? ?(?:n[ºo°]\.? ?)?[0-9]{1,5}\b.*"
    r"|[\w.' -]+?(?:straße|strasse|str\.|weg|gasse|allee|platz|damm|ring|ufer|straat|laan|gatan|vägen|gata|vej|vei|katu"
    r"|tie)"
    r" [0-9]{1,4} ?[a-zA-Z]?(?:[ ,].*)?"
    r"|.*(?:路|街|道|巷|弄|胡同|村|小区|大道)[^0-9０-９]{0,6}[0-9０-９一二三四五六七八九十百]+ ?"
    r"(?:号|號|弄|幢|栋|室|单元).*"
    r"|.*[市区區町村].*[0-9０-９]+(?:丁目|番地?|[-－‐−][0-9０-９]+).*)",
    re.IGNORECASE,
)


def is_office(address: str) -> bool:
    """Whether an e-mail address is that of an office rather than of a person."""
    return _OFFICE.match(address) is not None


def is_public_ip(text: str) -> bool:
    """An address on the open internet that no version number looks like: a part of 100 or more, as 98 of 100 have."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 4 and max(int(part) for part in text.split(".")) < 100:
        return False
    return address.is_global and not address.is_multicast


def is_mac(text: str) -> bool:
    """A device's own address: neither all zeros nor broadcast nor a group's."""
    signs = text.replace("-", ":").casefold()
    is_group = int(signs[:2], 16) % 2 == 1
    return not is_group and len({text[2], text[5]}) == 1 and len(set(signs.split(":"))) > 1


def is_street(text: str) -> bool:
    """A street with a house's number, as it is written in English, French, Spanish, German, Dutch, Chinese …"""
    return len(text) <= 200 and _STREET.fullmatch(text) is not None


def office_share(addresses: Iterable[str]) -> float:
    """The share of the addresses that are of an office."""
    found = [is_office(address) for address in addresses]
    return sum(found) / len(found) if found else 0.0


def _is_plate(text: str) -> bool:
    return any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)


ADDRESSES: tuple[Detector, ...] = (
    Detector(
        PersonalKind.EMAIL,
        _EMAIL,
        lambda text: ".." not in text and not text.startswith("."),
        0.0001,
        header=named("email|e mail|mail|email address|correo|courriel|邮箱|电子邮件|电子邮箱|メール|이메일"),
        inside=_INSIDE_EMAIL,
        has_checksum=False,
    ),
    Detector(
        PersonalKind.IP_ADDRESS,
        f"{_IPV4}|{_IPV6}",
        is_public_ip,
        0.01,
        header=named("ip|ip address|ipaddress|ipv4|ipv6|client ip|remote addr|remote ip"),
        inside=rf"(?<![0-9A-Za-z.:/]){_IPV4}(?![0-9A-Za-z:]|\.[0-9])"
        r"|(?<![0-9A-Za-z.:])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])",
        has_checksum=False,
    ),
    Detector(
        PersonalKind.MAC_ADDRESS,
        _MAC,
        is_mac,
        0.01,
        header=named("mac|mac address|bssid|bluetooth|hwaddr"),
        inside=rf"(?<![0-9A-Za-z:-]){_MAC}(?![0-9A-Za-z:-])",
        has_checksum=False,
    ),
    Detector(
        PersonalKind.PLATE,
        _PLATE,
        _is_plate,
        0.5,
        header=named(
            "license plate|licence plate|number plate|plate no|plate number|licenseplate|kennzeichen|immatriculation|"
            "matricula|matrícula|targa|nummerplaat|kenteken|registration plate|车牌|车牌号|車牌|ナンバープレート|"
            "차량번호"
        ),
        only_named=True,
        has_checksum=False,
    ),
    Detector(
        PersonalKind.PLATE,
        _CN_PLATE,
        lambda text: any(sign.isdigit() for sign in text),
        0.01,
        header=named("车牌|车牌号|車牌"),
        inside=rf"{_CN_PLATE}(?![0-9A-Za-z])",
        has_checksum=False,
    ),
)
