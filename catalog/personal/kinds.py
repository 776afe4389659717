"""The kinds of personal data that a version is held for, with their names and what each means for a decision."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class PersonalKind(StrEnum):
    """A closed set: stored in reports and manifests, and the key of a steward's decision."""

    PERSON_NAME = "person-name"
    EMAIL = "email"
    PHONE = "phone"
    NATIONAL_ID = "national-id"
    CARD = "card"
    IBAN = "iban"
    IP_ADDRESS = "ip-address"
    MAC_ADDRESS = "mac-address"
    LOCATION = "location"
    BIRTH_DATE = "birth-date"
    STREET_ADDRESS = "street-address"
    PLATE = "plate"
    UNIQUENESS = "uniqueness"
    UNSCANNED = "unscanned"


TITLES: Mapping[PersonalKind, Any] = {
    PersonalKind.PERSON_NAME: _("Names of persons"),
    PersonalKind.EMAIL: _("E-mail addresses"),
    PersonalKind.PHONE: _("Telephone numbers"),
    PersonalKind.NATIONAL_ID: _("National identity numbers"),
    PersonalKind.CARD: _("Payment card numbers"),
    PersonalKind.IBAN: _("Bank accounts (IBAN)"),
    PersonalKind.IP_ADDRESS: _("IP addresses"),
    PersonalKind.MAC_ADDRESS: _("Device addresses (MAC)"),
    PersonalKind.LOCATION: _("Coordinates fine enough to find a home"),
    PersonalKind.BIRTH_DATE: _("Dates of birth"),
    PersonalKind.STREET_ADDRESS: _("Street addresses"),
    PersonalKind.PLATE: _("Number plates"),
    PersonalKind.UNIQUENESS: _("Rows that may single out a person"),
    PersonalKind.UNSCANNED: _("Not searched for personal data"),
}

SCHEMES: Mapping[str, Any] = {
    "be-rijksregister": _("Belgium, national number"),
    "br-cpf": _("Brazil, CPF"),
    "cn-resident-id": _("China, resident identity card"),
    "de-steuer-id": _("Germany, tax identification number"),
    "dk-cpr": _("Denmark, CPR number"),
    "es-dni": _("Spain, DNI or NIE"),
    "fi-hetu": _("Finland, personal identity code"),
    "fr-nir": _("France, social security number"),
    "gb-nhs": _("United Kingdom, NHS number"),
    "gb-nino": _("United Kingdom, National Insurance number"),
    "in-aadhaar": _("India, Aadhaar"),
    "it-codice-fiscale": _("Italy, codice fiscale"),
    "jp-my-number": _("Japan, My Number"),
    "kr-rrn": _("South Korea, resident registration number"),
    "nl-bsn": _("Netherlands, BSN"),
    "no-fodselsnummer": _("Norway, birth number"),
    "pl-pesel": _("Poland, PESEL"),
    "se-personnummer": _("Sweden, personal identity number"),
    "tr-kimlik": _("Turkey, identity number"),
    "us-ssn": _("United States, social security number"),
}
"""National identity numbers by their country and name."""


def title_of(kind: str) -> str:
    """The kind's name; a kind that this release does not know is its own word."""
    return str(TITLES[PersonalKind(kind)]) if kind in set(PersonalKind) else kind
