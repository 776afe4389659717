"""Names of persons: by what the column is called and by lists of given names and surnames in some eighty languages.

The lists are those of Faker (MIT licence), which are of the countries' statistics offices where these publish them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from quality.personal.detector import named, words_of

# Columns that are of one person's name in parts, or whole.
PERSONS = named(
    "first name|firstname|fname|given name|givenname|forename|middle name|last name|lastname|lname|surname|family name|"
    "full name|fullname|person name|personname|maiden name|patient|patient name|customer name|employee|employee name|"
    "student|student name|contact name|contact person|author|authors|subject|actor|owner name|respondent name|"
    "vorname|nachname|familienname|name vorname|prénom|prenom|nom de famille|nom prénom|nom prenom|nombre y apellidos|"
    "apellido|apellidos|nombre completo|nome completo|cognome|sobrenome|voornaam|achternaam|förnamn|efternamn|imię|"
    "nazwisko|фамилия|имя|отчество|фио|姓名|名字|人名|联系人|负责人|氏名|名前|성명|이름"
)
# Columns that might be of anything that has a name.
ANYBODY = named("name|names|contestant|candidate|player|person|member|teacher|director|nom|nombre|nome|naam|namn")
# What is told of a person beside the name: the subject's sex, the author's country.
ABOUT = named(
    "sex|gender|race|age|type|status|id|code|number|no|count|country|city|state|date|year|score|rate|group|class|level|url|"
    "email|phone|address|role|title|rank"
)
_WORD = r"[^\W\d_]+(?:[’'.-][^\W\d_]+)*\.?"
_LATIN = re.compile(rf"{_WORD}(?:,? {_WORD}){{0,4}}(?:,? (?:Jr|Sr|I{{1,3}}|IV)\.?)?")
_HAN = re.compile(r"[\u4e00-\u9fff·]{2,5}")
_HANGUL = re.compile(r"[\uac00-\ud7af]{2,4}")
_SPLIT = re.compile(r"[ ,.·-]+")
# A person is addressed in running text.
TITLED = (
    r"\b(?:Mr|Mrs|Ms|Miss|Mme|Mlle|Herr|Frau|Monsieur|Madame|Señora?|Sra|Signora?|Sig|Dr)\.? "
    r"(?:[A-ZÀ-ÞĀ-Ž][\w’'-]+|[A-Z]\.)(?: (?:von|van|de|der|den|del|la|di|da) ?| )?(?:[A-ZÀ-ÞĀ-Ž][\w’'-]+)?"
)


@cache
def given_names() -> frozenset[str]:
    """Given names in lower case, in the writing of their own languages. Loading takes half a second."""
    return frozenset(_listed("first_names", "first_names_male", "first_names_female"))


@cache
def surnames() -> frozenset[str]:
    """Surnames in lower case."""
    return frozenset(_listed("last_names", "last_names_male", "last_names_female"))


@cache
def chinese_surnames() -> frozenset[str]:
    """Surnames that are written in Han signs, of one or two of them."""
    return frozenset(name for name in surnames() if _HAN.fullmatch(name * 2) is not None)


def _listed(*attributes: str) -> set[str]:
    found: set[str] = set()
    for provider in _providers():
        for attribute in attributes:
            names = getattr(provider, attribute, ())
            if not isinstance(names, property):
                found.update(str(name).casefold() for name in names if len(str(name)) > 1 or not str(name).isascii())
    return found


def _providers() -> list[Any]:
    import faker.providers.person as persons

    return [import_module(f"{persons.__name__}.{module.name}").Provider for module in iter_modules(persons.__path__)]


def has_form(value: str) -> bool:
    """Whether it is written as a name may be: one to five words, or a few signs of Han or Hangul."""
    if len(value) > 80:
        return False
    return any(form.fullmatch(value) is not None for form in (_LATIN, _HAN, _HANGUL))


def is_known(value: str) -> bool:
    """Whether a known given name stands first or last, or a Chinese or Korean surname first."""
    if _HAN.fullmatch(value) is not None or _HANGUL.fullmatch(value) is not None:
        known = chinese_surnames() if _HAN.fullmatch(value) else surnames()
        return value[:1] in known or value[:2] in known
    parts = [part.casefold() for part in _SPLIT.split(value) if part]
    return bool(parts) and (parts[0] in given_names() or parts[-1] in given_names() or (parts[-1] in surnames()))


def is_whole(value: str) -> bool:
    """Whether it is a known given name and a known surname, in either order: "Ada Lovelace", "Lovelace, Ada"."""
    parts = [part.casefold() for part in _SPLIT.split(value) if part]
    if len(parts) < 2:
        return False
    first, last = parts[0], parts[-1]
    return (first in given_names() and last in surnames()) or ("," in value and last in given_names())


def are_various(values: Sequence[str]) -> bool:
    """Whether both first and last words differ, as persons' do: "Adams County, Ohio" has a last word in common."""
    parts = [[part.casefold() for part in _SPLIT.split(value) if part] for value in values]
    firsts, lasts = {part[0] for part in parts}, {part[-1] for part in parts}
    return min(len(firsts), len(lasts)) >= max(3, len(values) / 10)


def is_titled(value: str) -> bool:
    """Whether a title is followed by a known given name or surname: "Mr Smith", but not "Mr Whippy"."""
    words = [word.casefold() for word in _SPLIT.split(value)[1:] if word]
    return any(word in surnames() or word in given_names() for word in words)


def is_of_persons(name: str) -> bool:
    """Whether a column is called as one of persons' names is."""
    words = words_of(name)
    return PERSONS.search(words) is not None and ABOUT.search(words) is None


def may_be_of_persons(name: str) -> bool:
    """Whether a column is called as one of any names is."""
    return ANYBODY.search(words_of(name)) is not None
