"""Identity numbers of countries outside of Europe. Each row names the rule that its tests check."""

from __future__ import annotations

from quality.personal.checksums import is_day, mod_11_2, verhoeff, weighted
from quality.personal.detector import named
from quality.personal.scheme import CheckDigit, Form, Scheme, not_one_digit

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


def _cn_place_and_day(signs: str) -> bool:
    """A province, and a day from 1900 to 2100 in four, two and two digits."""
    year, month, day = int(signs[6:10]), int(signs[10:12]), int(signs[12:14])
    return signs[:2] in _PROVINCES and 1900 <= year <= 2100 and is_day(year, month, day)


def _us_areas(signs: str) -> bool:
    """No area 000, 666 or 900 and above, no group 00, no serial 0000."""
    area, group, serial = signs[:3], signs[3:5], signs[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _kr_day(signs: str) -> bool:
    """YYMMDD, and a sign of century and sex behind it."""
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(signs[6], 2000)
    return is_day(century + int(signs[:2]), int(signs[2:4]), int(signs[4:6]))


def _kr_check(signs: str) -> bool:
    """11 - sum mod 11, of which the last digit: the check of a sum that is a multiple of 11 is 1."""
    return int(signs[12]) == (11 - weighted(signs[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10


WORLD: tuple[Scheme, ...] = (
    # GB 11643-1999: province, district, day of birth, order, check sign by ISO 7064 MOD 11-2.
    Scheme(
        "cn-resident-id",
        named("身份证|身份证号|身份证号码|证件号码|公民身份号码|居民身份证|resident id|id card|sfz"),
        [
            Form(
                r"[1-8][0-9]{16}[0-9Xx]",
                2e-5,
                inside=r"(?<![0-9A-Za-z])[1-8][0-9]{16}[0-9Xx](?![0-9A-Za-z])",
                for_integers=True,
            )
        ],
        [_cn_place_and_day, mod_11_2],
    ),
    # SSA. There are no check digits.
    Scheme(
        "us-ssn",
        named("ssn|social security|social security number|social security no|soc sec"),
        [
            Form(
                r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}",
                0.05,
                inside=r"(?<![0-9A-Za-z-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])",
            ),
            Form(r"[0-9]{9}", 0.88, only_named=True, for_integers=True),
        ],
        [_us_areas, not_one_digit],
        has_checksum=False,
    ),
    # Receita Federal: two check digits by weights 10 to 2 and 11 to 2, modulo 11.
    Scheme(
        "br-cpf",
        named("cpf"),
        [
            Form(
                r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",
                0.01,
                inside=r"(?<![0-9.])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![0-9])",
            ),
            Form(r"[0-9]{11}", 0.01, minimum=10, for_integers=True),
        ],
        [not_one_digit, CheckDigit(range(10, 1, -1), 11), CheckDigit(range(11, 1, -1), 11)],
    ),
    # UIDAI: twelve digits, the first 2 to 9, the last by Verhoeff; no palindromes.
    Scheme(
        "in-aadhaar",
        named("aadhaar|aadhar|uidai|uid"),
        [
            Form(
                r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}",
                0.1,
                inside=r"(?<![0-9][ -])(?<![0-9A-Za-z])[2-9][0-9]{3} [0-9]{4} [0-9]{4}(?![0-9A-Za-z])(?![ -][0-9])",
                minimum=20,
                for_integers=True,
            )
        ],
        [lambda signs: signs[0] not in "01" and signs != signs[::-1], verhoeff],
    ),
    # Nüfus: the tenth digit is (7 × odd places - even places) mod 10, the eleventh the sum of ten mod 10.
    Scheme(
        "tr-kimlik",
        named("tckn|tc kimlik|tc kimlik no|kimlik no|kimlik|t c kimlik no"),
        [Form(r"[1-9][0-9]{10}", 0.01, minimum=10, for_integers=True)],
        [
            lambda signs: signs[0] != "0",
            CheckDigit((7, -1, 7, -1, 7, -1, 7, -1, 7), 10, times=1),
            CheckDigit((1,) * 10, 10, times=1),
        ],
    ),
    # Ordinance 85 of the Ministry of Internal Affairs (2014): weights 6 to 2 and 7 to 2, modulo 11.
    Scheme(
        "jp-my-number",
        named("my number|mynumber|個人番号|マイナンバー"),
        [Form(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}", 0.11, minimum=20, for_integers=True)],
        [not_one_digit, CheckDigit((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11)],
    ),
    # Resident Registration Act: day of birth, a sign of century and sex, check digit (issued until October 2020).
    Scheme(
        "kr-rrn",
        named("rrn|resident registration number|주민등록번호|주민번호"),
        [
            Form(
                r"[0-9]{6}-?[0-9]{7}",
                0.004,
                inside=r"(?<![0-9A-Za-z-])[0-9]{6}-[1-8][0-9]{6}(?![0-9A-Za-z-])",
                minimum=5,
                for_integers=True,
            )
        ],
        [_kr_day, _kr_check],
    ),
)
