"""Kinds that are told by what a whole column is: names of persons, street addresses, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from itertools import islice

from catalog.personal.kinds import PersonalKind
from quality.personal import names
from quality.personal.addresses import is_street
from quality.personal.detector import named, words_of
from quality.personal.judging import mask, percent
from quality.personal.result import EXAMPLES, Dismissed, Evidence, Example, Hit
from quality.personal.sample import ColumnSample

LOOKED_AT = 500
"""Different values of a column that are held against lists."""

STREET = named(
    "address|street|street address|home address|mailing address|postal address|addr|address line|residence|adresse|"
    "anschrift|straße|strasse|dirección|direccion|domicilio|indirizzo|endereço|endereco|adres|адрес|地址|住址|家庭住址|住所|주소"
)
BIRTH = named(
    "birth|birth date|birthdate|birthday|date of birth|dob|born|birth year|year of birth|yob|geburtsdatum|geburtstag|"
    "geburtsjahr|geboren|geb|date de naissance|naissance|né le|fecha de nacimiento|nacimiento|data di nascita|nascita|"
    "data de nascimento|nascimento|geboortedatum|födelsedatum|fødselsdato|syntymäaika|data urodzenia|дата рождения|"
    "出生|出生日期|生日|出生年月|生年月日|생년월일"
)
# Rates and counts of births are of regions, not of persons.
_STATISTIC = named("rate|rates|count|number|births|per|total|share|weight|order|place|country|city|ratio|percent|pct")
_DAY = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ].*)?|([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})"
)
_YEAR = re.compile(r"[12][0-9]{3}(?:\.0)?")
OLDEST = 120
"""Years."""


def judge_columns(
    sample: ColumnSample, name: str, taken: Collection[PersonalKind]
) -> tuple[list[Hit], list[Dismissed]]:
    """Hits of these kinds in a column, and what was dismissed. ``taken`` are the kinds that it has already."""
    hits: list[Hit] = []
    dismissed: list[Dismissed] = []
    for judged in (_names, _streets, _births):
        found = judged(sample, name) if not taken and sample.counts else None
        if isinstance(found, Hit):
            hits.append(found)
        elif found is not None:
            dismissed.append(found)
    return hits, dismissed


def _names(sample: ColumnSample, name: str) -> Hit | Dismissed | None:
    """Names: a column that is called so needs a few known ones; "name" needs most; any other nearly all, whole."""
    if sample.family != "text":
        return None
    values = list(islice(sample.counts, LOOKED_AT))
    formed = [value for value in values if names.has_form(value)]
    is_sure, is_maybe = names.is_of_persons(name), names.may_be_of_persons(name)
    if len(formed) < 0.6 * len(values) or not (is_sure or is_maybe or any(" " in value for value in formed)):
        return None
    known = [value for value in formed if (names.is_known if is_sure else names.is_whole)(value)]
    share = len(known) / len(values)
    needed = 0.3 if is_sure else 0.35 if is_maybe else 0.5
    if share < needed or (not is_sure and (len(known) < 5 or not names.are_various(known))):
        return Dismissed(PersonalKind.PERSON_NAME, sample.name, (Evidence("unknown-names"),)) if is_sure else None
    evidence = [Evidence("named")] if is_sure or is_maybe else []
    return Hit(
        PersonalKind.PERSON_NAME,
        sample.name,
        0.95 if is_sure else 0.75 if is_maybe else 0.65,
        matched=0,
        checked=len(values),
        valid=len(known),
        evidence_for=(*evidence, Evidence("known-names", {"share": percent(share)})),
        evidence_against=() if is_sure else (Evidence("not-named"),) if not is_maybe else (),
        examples=_examples(sample, PersonalKind.PERSON_NAME, known),
        is_estimate=True,
    )


def _streets(sample: ColumnSample, name: str) -> Hit | Dismissed | None:
    if sample.family != "text":
        return None
    return _by_share(
        sample,
        kind=PersonalKind.STREET_ADDRESS,
        test=is_street,
        needed=0.3 if (is_named := STREET.search(words_of(name)) is not None) else 0.6,
        is_named=is_named,
    )


def _by_share(
    sample: ColumnSample, *, kind: PersonalKind, test: Callable[[str], bool], needed: float, is_named: bool
) -> Hit | Dismissed | None:
    values = list(islice(sample.counts, LOOKED_AT))
    good = [value for value in values if test(value)]
    share = len(good) / len(values)
    if share < needed or (not is_named and len(good) < 5):
        return Dismissed(kind, sample.name, (Evidence("other-form"),)) if is_named and good else None
    return Hit(
        kind,
        sample.name,
        0.9 if is_named else 0.7,
        matched=0,
        checked=len(values),
        valid=len(good),
        evidence_for=(*([Evidence("named")] if is_named else []), Evidence("form", {"share": percent(share)})),
        evidence_against=() if is_named else (Evidence("not-named"),),
        examples=_examples(sample, kind, good),
        is_estimate=True,
    )


def _births(sample: ColumnSample, name: str) -> Hit | Dismissed | None:
    """Dates, or years, of a column that is called so, on which people alive today may have been born."""
    words = words_of(name)
    if BIRTH.search(words) is None or _STATISTIC.search(words.replace("place of birth", "birth place")) is not None:
        return None
    values = list(islice(sample.counts, LOOKED_AT))
    plausible = [value for value in values if is_birth(value)]
    share = len(plausible) / len(values)
    if share < 0.5:
        return Dismissed(PersonalKind.BIRTH_DATE, sample.name, (Evidence("other-form"),))
    only_years = all(_YEAR.fullmatch(value) for value in plausible)
    return Hit(
        PersonalKind.BIRTH_DATE,
        sample.name,
        0.6 if only_years else 0.9,
        matched=0,
        checked=len(values),
        valid=len(plausible),
        evidence_for=(Evidence("named"), Evidence("plausible-ages", {"share": percent(share)})),
        examples=_examples(sample, PersonalKind.BIRTH_DATE, plausible),
        is_estimate=True,
    )


def is_birth(value: str, today: date | None = None) -> bool:
    """Whether the text is a day, or a year, in the last ``OLDEST`` years."""
    now = today or date.today()  # noqa: DTZ011 (a day more or less is no matter)
    if _YEAR.fullmatch(value):
        return now.year - OLDEST <= int(value[:4]) <= now.year
    found = _DAY.fullmatch(value)
    if found is None:
        return False
    year, month, day, first, second, last = found.groups()
    for numbers in ((year, month, day), (last, second, first), (last, first, second)):
        try:
            born = date(*(int(number) for number in numbers if number is not None))
        except (TypeError, ValueError):
            continue
        if now.year - OLDEST <= born.year and born <= now:
            return True
    return False


def _examples(sample: ColumnSample, kind: PersonalKind, values: list[str]) -> tuple[Example, ...]:
    return tuple(Example(sample.row_of(value), mask(kind, value)) for value in values[:EXAMPLES])
