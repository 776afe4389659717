"""Identity numbers of countries outside of Europe. Each function names the rule that it checks."""

from __future__ import annotations

from catalog.personal.kinds import PersonalKind
from quality.personal.checksums import bare, is_day, is_day_of_century, mod_11_2, verhoeff, weighted
from quality.personal.detector import Detector, named

# GB/T 2260: the first two digits are the province.
_PROVINCES = frozenset(
    f"{number}"
    for area in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for number in area
)


def cn_resident_id(text: str) -> bool:
    """GB 11643-1999: province, district, day of birth, order, check sign by ISO 7064 MOD 11-2."""
    if text[:2] not in _PROVINCES or not is_day(int(text[6:10]), int(text[10:12]), int(text[12:14])):
        return False
    return 1900 <= int(text[6:10]) <= 2100 and mod_11_2(text)


def us_ssn(text: str) -> bool:
    """SSA: no area 000, 666 or 900 and above, no group 00, no serial 0000. There are no check digits."""
    digits = bare(text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000" and len(set(digits)) > 1


def br_cpf(text: str) -> bool:
    """Receita Federal: two check digits by weights 10 to 2 and 11 to 2, modulo 11; not all digits the same."""
    digits = bare(text)
    if len(set(digits)) == 1:
        return False
    first = (10 * weighted(digits, range(10, 1, -1))) % 11 % 10
    second = (10 * weighted(digits, range(11, 1, -1))) % 11 % 10
    return digits[9:] == f"{first}{second}"


def in_aadhaar(text: str) -> bool:
    """UIDAI: twelve digits, the first 2 to 9, the last by Verhoeff; no palindromes."""
    digits = bare(text)
    return digits[0] not in "01" and digits != digits[::-1] and verhoeff(digits)


def tr_kimlik(text: str) -> bool:
    """Nüfus: the tenth digit is (7 × odd places - even places) mod 10, the eleventh the sum of ten mod 10."""
    signs = [int(sign) for sign in text]
    tenth = (7 * sum(signs[0:9:2]) - sum(signs[1:8:2])) % 10
    return signs[0] != 0 and signs[9] == tenth and signs[10] == sum(signs[:10]) % 10


def jp_my_number(text: str) -> bool:
    """Ordinance 85 of the Ministry of Internal Affairs (2014): weights 6 to 2 and 7 to 2, modulo 11."""
    digits = bare(text)
    rest = weighted(digits[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(digits)) > 1 and int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def kr_rrn(text: str) -> bool:
    """Resident Registration Act: day of birth, a sign of century and sex, check digit (issued until October 2020)."""
    digits = bare(text)
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(digits[6], 2000)
    if not is_day(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6])):
        return False
    return int(digits[12]) == (11 - weighted(digits[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10


def se_like_date(digits: str) -> bool:
    """Whether YYMMDD may be a day of birth."""
    return is_day_of_century(int(digits[:2]), int(digits[2:4]), int(digits[4:6]))


WORLD: tuple[Detector, ...] = (
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[1-8][0-9]{16}[0-9Xx]",
        cn_resident_id,
        2e-5,
        scheme="cn-resident-id",
        header=named("身份证|身份证号|身份证号码|证件号码|公民身份号码|居民身份证|resident id|id card|sfz"),
        inside=r"(?<![0-9A-Za-z])[1-8][0-9]{16}[0-9Xx](?![0-9A-Za-z])",
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}",
        us_ssn,
        0.05,
        scheme="us-ssn",
        header=named("ssn|social security|social security number|social security no|soc sec"),
        inside=r"(?<![0-9A-Za-z-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])",
        has_checksum=False,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{9}",
        us_ssn,
        0.88,
        scheme="us-ssn",
        header=named("ssn|social security|social security number|social security no|soc sec"),
        only_named=True,
        has_checksum=False,
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",
        br_cpf,
        0.01,
        scheme="br-cpf",
        header=named("cpf"),
        inside=r"(?<![0-9.])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![0-9])",
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{11}",
        br_cpf,
        0.01,
        scheme="br-cpf",
        header=named("cpf"),
        minimum=10,
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        in_aadhaar,
        0.1,
        scheme="in-aadhaar",
        header=named("aadhaar|aadhar|uidai|uid"),
        inside=r"(?<![0-9][ -])(?<![0-9A-Za-z])[2-9][0-9]{3} [0-9]{4} [0-9]{4}(?![0-9A-Za-z])(?![ -][0-9])",
        minimum=20,
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[1-9][0-9]{10}",
        tr_kimlik,
        0.01,
        scheme="tr-kimlik",
        header=named("tckn|tc kimlik|tc kimlik no|kimlik no|kimlik|t c kimlik no"),
        minimum=10,
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        jp_my_number,
        0.11,
        scheme="jp-my-number",
        header=named("my number|mynumber|個人番号|マイナンバー"),
        minimum=20,
        for_integers=True,
    ),
    Detector(
        PersonalKind.NATIONAL_ID,
        r"[0-9]{6}-?[0-9]{7}",
        kr_rrn,
        0.004,
        scheme="kr-rrn",
        header=named("rrn|resident registration number|주민등록번호|주민번호"),
        inside=r"(?<![0-9A-Za-z-])[0-9]{6}-[1-8][0-9]{6}(?![0-9A-Za-z-])",
        minimum=5,
        for_integers=True,
    ),
)
