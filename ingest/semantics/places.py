"""Countries, languages and currencies by their ISO codes or names, and geographic coordinates.

The codes and names are those of CLDR, read with babel when a column first looks like one.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import combining, normalize

from ingest.semantics.checks import mod_97
from ingest.semantics.semantic import CODE, NUMBER, Semantic, matching, named
from ingest.writings.units import ISO_CURRENCIES

_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "ru", "zh", "ja")
_COUNTRY = (
    "country|nation|land|länder|pays|país|pais|paese|paesi|страна|国|国家|国名|iso(?:[ _-]?3166)?(?:[ _-]?[123])?"
)
_COUNTRY_HEADER = named(rf"(?:{_COUNTRY})(?:[ _-]?(?:code|name|iso|region|alpha|numeric))*[ _-]?[23]?")
_NOT_LETTERS = re.compile(r"[\W_]+")
# The short names of ISO 3166 and those of statistics offices, where CLDR calls a country otherwise.
_OTHER_NAMES = (
    "bahamas, the|bolivia (plurinational state of)|bolivia, plurinational state of|bonaire, sint eustatius and saba|"
    "bosnia|brunei darussalam|burma|cape verde|cocos islands|congo, dem. rep.|congo, democratic republic of the|"
    "congo, rep.|congo, the democratic republic of the|czech republic|egypt, arab rep.|falkland islands (malvinas)|"
    "gambia, the|great britain|holland|holy see (vatican city state)|holy see|hong kong|hong kong, china|"
    "iran, islamic rep.|iran, islamic republic of|iran (islamic republic of)|ivory coast|korea, dem. rep.|"
    "korea, democratic people's republic of|korea, rep.|korea, republic of|kyrgyz republic|lao pdr|"
    "lao people's democratic republic|macao|macedonia|micronesia, fed. sts.|micronesia, federated states of|"
    "moldova, republic of|palestine|palestine, state of|pitcairn|republic of korea|republic of moldova|"
    "russian federation|saint helena, ascension and tristan da cunha|saint martin (french part)|"
    "sint maarten (dutch part)|slovak republic|south georgia and the south sandwich islands|swaziland|"
    "syrian arab republic|taiwan, province of china|tanzania, united republic of|turkey|u.s.|uk|"
    "united kingdom of great britain and northern ireland|united republic of tanzania|united states of america|us|usa|"
    "venezuela (bolivarian republic of)|venezuela, bolivarian republic of|venezuela, rb|viet nam|"
    "virgin islands (u.s.)|virgin islands, british|virgin islands, u.s.|west bank and gaza|yemen, rep."
)


# ISO 3166-1 leaves these to their users or reserves them; XK, which all use for Kosovo, is added again.
_NO_COUNTRY = re.compile("^(?:AA|ZZ|Q[M-Z]|X[A-Z]|AC|CP|DG|EU|TA)$")


@cache
def country_codes() -> frozenset[str]:
    """ISO 3166-1 alpha-2."""
    # The list is read from CLDR's aliases, as loading a language for it takes five times as long.
    found = {two[0] for code, two in _aliases().items() if len(code) == 3 and code.isalpha() and len(two) == 1}
    return frozenset({"XK", *(code for code in found if not _NO_COUNTRY.match(code))})


@cache
def _aliases() -> dict[str, list[str]]:
    from babel.core import get_global

    aliases: dict[str, list[str]] = dict(get_global("territory_aliases"))
    return aliases


@cache
def country_codes_3() -> frozenset[str]:
    """ISO 3166-1 alpha-3."""
    countries = country_codes()
    return frozenset(
        code for code, two in _aliases().items() if len(code) == 3 and code.isalpha() and two[0] in countries
    )


@cache
def country_numbers() -> frozenset[str]:
    """ISO 3166-1 numeric, with leading zeros."""
    countries = country_codes()
    return frozenset(code for code, two in _aliases().items() if re.match("^[0-9]{3}$", code) and two[0] in countries)


@cache
def country_names() -> frozenset[str]:
    """The names of countries in the languages of most open data, without signs and in lower case."""
    from babel import Locale

    countries = country_codes()
    names = {
        name for language in _LANGUAGES for code, name in Locale(language).territories.items() if code in countries
    }
    return frozenset(_bare(name) for name in (*names, *_OTHER_NAMES.split("|")))


@cache
def language_codes() -> frozenset[str]:
    """ISO 639, of two and of three letters."""
    from babel import Locale

    return frozenset(code for code in map(str, Locale("en").languages) if re.match("^[a-z]{2,3}$", code))


def _bare(name: str) -> str:
    """Without accents, signs and capitals: "Côte d’Ivoire" and "St. Lucia" as they are mostly typed."""
    plain = "".join(sign for sign in normalize("NFKD", name.casefold()) if not combining(sign))
    words = _NOT_LETTERS.sub(" ", plain.replace("&", "and")).split()
    return " ".join("saint" if word == "st" else word for word in words)


def _is_country_name(value: str) -> bool:
    return len(value) <= 60 and not value.isdigit() and _bare(value) in country_names()


def _is_coordinate(value: str, limit: float) -> bool:
    try:
        return abs(float(value)) <= limit
    except ValueError:
        return False


_IBAN = re.compile(r"^[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?$")
_TWO, _THREE = matching("^[A-Z]{2}$"), matching("^[A-Z]{3}$")


def _is_iban(value: str) -> bool:
    bare = value.replace(" ", "")
    return _IBAN.match(value) is not None and bare[:2] in country_codes() and mod_97(bare[4:] + bare[:4])


PLACES: tuple[Semantic, ...] = (
    Semantic("iban", _is_iban, pattern=_IBAN.pattern),
    Semantic(
        "country-alpha2",
        lambda value: _TWO(value) and value in country_codes(),
        values=country_codes,
        header=_COUNTRY_HEADER,
        least=8,
    ),
    Semantic(
        "currency",
        lambda value: value in ISO_CURRENCIES,
        values=lambda: ISO_CURRENCIES,
        header=named("currency|curr|währung|devise|moneda|moeda|valuta|валюта|iso[ _-]?4217"),
        least=3,
    ),
    Semantic(
        "country-alpha3",
        lambda value: _THREE(value) and value in country_codes_3(),
        values=country_codes_3,
        header=_COUNTRY_HEADER,
        least=5,
    ),
    Semantic(
        "country-numeric",
        lambda value: len(value) <= 3 and value.isdigit() and value.zfill(3) in country_numbers(),
        kinds=CODE,
        values=lambda: country_numbers() | {code.lstrip("0") for code in country_numbers()},
        header=named(
            "(?:iso)?(?:[ _-]?3166)?(?:[ _-]?1)?[ _-]?num(?:eric)?(?:[ _-]code)?|(?:un[ _-]?)?m[ _-]?49(?:[ _-]code)?"
        ),
        least=None,
    ),
    # The names are loaded only where the header speaks of countries.
    Semantic("country-name", _is_country_name, header=_COUNTRY_HEADER, least=None),
    Semantic(
        "language",
        lambda value: len(value) <= 3 and value in language_codes(),
        values=language_codes,
        header=named("lang|language|sprache|langue|idioma|lingua|taal|язык|locale"),
        least=None,
    ),
    Semantic(
        "latitude",
        lambda value: _is_coordinate(value, 90),
        kinds=NUMBER,
        header=named("lat|latitude|breite|breitengrad|latitud|latitudine|широта|y[ _-]?coord"),
        least=None,
    ),
    Semantic(
        "longitude",
        lambda value: _is_coordinate(value, 180),
        kinds=NUMBER,
        header=named("lon|lng|long|longitude|länge|längengrad|longitud|longitudine|долгота|x[ _-]?coord"),
        least=None,
    ),
)

LIMITS = {"latitude": 90.0, "longitude": 180.0}
"""Degrees, on both sides of zero."""
