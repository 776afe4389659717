"""Identity numbers of European countries. Each function names the rule that it checks."""

from __future__ import annotations

from collections import Counter
from functools import partial

from catalog.personal.kinds import PersonalKind
from quality.personal.checksums import bare, is_day, is_day_of_century, luhn, mod_11_10, weighted
from quality.personal.detector import Detector, named

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_NO_NINO = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
# Decree of 23 December 1976: what letters and digits count in odd places; in even ones as themselves.
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)


def gb_nino(text: str) -> bool:
    """HMRC manual NIM39110: two letters of a list, six digits, A to D. There are no check digits."""
    return bare(text)[:2] not in _NO_NINO


def gb_nhs(text: str) -> bool:
    """NHS data dictionary: weights 10 to 2 and the check digit's 1, a multiple of 11; as with an ISBN-10."""
    digits = bare(text)
    return len(set(digits)) > 1 and weighted(digits, range(10, 0, -1)) % 11 == 0


def de_steuer_id(text: str) -> bool:
    """§ 139b AO, BZSt: of the first ten digits one stands twice or thrice, no other so; check by MOD 11,10."""
    digits = bare(text)
    counts = sorted(Counter(digits[:10]).values(), reverse=True)
    return counts[0] in {2, 3} and counts[1] == 1 and mod_11_10(digits)


def fr_nir(text: str) -> bool:
    """INSEE: sex, year, month, department, commune, order; key 97 - number mod 97, 2A as 19 and 2B as 18."""
    signs = bare(text)
    month = int(signs[3:5])
    number = signs[:13].replace("2A", "19").replace("2B", "18")
    is_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return is_month and number.isdigit() and 97 - int(number) % 97 == int(signs[13:])


def es_dni(text: str) -> bool:
    """Real Decreto 1553/2005: the letter is that of the number mod 23; of a foreigner X, Y, Z are 0, 1, 2."""
    signs = bare(text)
    number = {"X": "0", "Y": "1", "Z": "2"}.get(signs[0], signs[0]) + signs[1:-1]
    return _DNI_LETTERS[int(number) % 23] == signs[-1]


def it_codice_fiscale(text: str) -> bool:
    """Decree of 23 December 1976: fifteen signs, odd and even places counted apart, check letter mod 26."""
    signs = text.upper()
    total = sum(
        _ODD[sign] if place % 2 == 0 else (int(sign) if sign.isdigit() else ord(sign) - ord("A"))
        for place, sign in enumerate(signs[:15])
    )
    return chr(ord("A") + total % 26) == signs[15]


def nl_bsn(text: str) -> bool:
    """The "elfproef": weights 9 to 2 and -1, a multiple of 11."""
    digits = bare(text).zfill(9)
    return digits != "0" * 9 and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def be_rijksregister(text: str) -> bool:
    """Royal decree of 3 April 1984: 97 - nine digits mod 97, with a 2 before them for those born since 2000."""
    digits = bare(text)
    month, day, check = int(digits[2:4]), int(digits[4:6]), int(digits[9:])
    # Month and day are 00 where the birth is not known exactly.
    if not (month == 0 or is_day_of_century(int(digits[:2]), month, day)):
        return False
    return check in {97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97}


def se_personnummer(text: str) -> bool:
    """SKV 704: YYMMDD (the day + 60 for coordination numbers), three digits, Luhn over the ten."""
    digits = bare(text)[-10:]
    day = int(digits[4:6])
    day -= 60 if day > 60 else 0
    return is_day_of_century(int(digits[:2]), int(digits[2:4]), day) and luhn(digits)


def no_fodselsnummer(text: str) -> bool:
    """Skatteetaten: DDMMYY (day + 40 for D-numbers), two check digits modulo 11."""
    digits = bare(text)
    day = int(digits[:2])
    day -= 40 if day > 40 else 0
    if not is_day_of_century(int(digits[4:6]), int(digits[2:4]), day):
        return False
    first = weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
    second = weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return first % 11 == 0 and second % 11 == 0


def fi_hetu(text: str) -> bool:
    """Decree 128/2010 (signs of the century widened 2023): DDMMYY, three digits, check sign mod 31."""
    signs = text.upper()
    day, month, year = int(signs[:2]), int(signs[2:4]), int(signs[4:6])
    return is_day_of_century(year, month, day) and _HETU_SIGNS[int(signs[:6] + signs[7:10]) % 31] == signs[10]


def dk_cpr(text: str) -> bool:
    """CPR-kontoret: DDMMYY and four digits. Numbers issued since 2007 need not fit the modulus any more."""
    digits = bare(text)
    return is_day_of_century(int(digits[4:6]), int(digits[2:4]), int(digits[:2])) and digits[6:] != "0000"


def pl_pesel(text: str) -> bool:
    """Ustawa o ewidencji ludności: YYMMDD, the century in the month; weights 1, 3, 7, 9 in turn and 1."""
    month = int(text[2:4])
    century = {0: 1900, 20: 2000, 40: 2100, 60: 2200, 80: 1800}[month // 20 * 20]
    if not is_day(century + int(text[:2]), month % 20, int(text[4:6])):
        return False
    return weighted(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


_id = partial(Detector, PersonalKind.NATIONAL_ID)

EUROPE: tuple[Detector, ...] = (
    _id(
        r"(?i:[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z])",
        it_codice_fiscale,
        0.0005,
        scheme="it-codice-fiscale",
        header=named("codice fiscale|cod fiscale|codfisc|cf"),
        inside=r"\b[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b",
    ),
    _id(
        r"[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Y]",
        fi_hetu,
        0.01,
        scheme="fi-hetu",
        header=named("hetu|henkilötunnus|henkilotunnus|sotu"),
        inside=r"(?<![0-9A-Za-z])[0-3][0-9][01][0-9]{3}[-+A][0-9]{3}[0-9A-Y](?![0-9A-Za-z])",
    ),
    _id(
        r"[1-47-8] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        fr_nir,
        0.01,
        scheme="fr-nir",
        header=named(
            "nir|insee|sécurité sociale|securite sociale|numero securite sociale|numéro de sécurité sociale|num secu"
        ),
        inside=r"(?<![0-9A-Za-z])[12] [0-9]{2} [0-9]{2} (?:[0-9]{2}|2[AB]) [0-9]{3} [0-9]{3} [0-9]{2}(?![0-9A-Za-z])",
        minimum=5,
        for_integers=True,
    ),
    _id(
        r"[0-7][0-9]{5} ?[0-9]{5}",
        no_fodselsnummer,
        0.0005,
        scheme="no-fodselsnummer",
        header=named("fødselsnummer|fodselsnummer|fnr|personnr"),
        minimum=5,
        for_integers=True,
    ),
    _id(
        r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}\.?[0-9]{2}",
        be_rijksregister,
        0.002,
        scheme="be-rijksregister",
        header=named("rijksregisternummer|rijksregister|registre national|numéro national|insz|niss|nrn"),
        inside=r"(?<![0-9])[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}(?![0-9])",
        minimum=5,
        for_integers=True,
    ),
    _id(
        r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        de_steuer_id,
        0.004,
        scheme="de-steuer-id",
        header=named(
            "steuer id|steuerid|steueridentifikationsnummer|steuernummer|idnr|steuer identifikationsnummer|tax id"
        ),
        inside=r"(?<![0-9])[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{3}(?![0-9])",
        minimum=5,
        for_integers=True,
    ),
    _id(
        r"(?:19|20)?[0-9]{6}[-+]?[0-9]{4}",
        se_personnummer,
        0.007,
        scheme="se-personnummer",
        header=named("personnummer|personnr|pnr|samordningsnummer|personal identity number"),
        inside=r"(?<![0-9A-Za-z-])(?:19|20)?[0-9]{6}[-+][0-9]{4}(?![0-9A-Za-z-])",
        minimum=5,
        for_integers=True,
    ),
    _id(
        r"[0-9]{11}",
        pl_pesel,
        0.02,
        scheme="pl-pesel",
        header=named("pesel"),
        minimum=10,
        for_integers=True,
    ),
    _id(
        r"[0-3][0-9][01][0-9]{3}-[0-9]{4}",
        dk_cpr,
        0.06,
        scheme="dk-cpr",
        header=named("cpr|cpr nr|cprnr|cpr nummer|personnummer"),
        minimum=10,
        has_checksum=False,
    ),
    _id(
        r"(?i:[0-9]{8}|[XYZ]-?[0-9]{7})-?(?i:[A-HJ-NP-TV-Z])",
        es_dni,
        0.045,
        scheme="es-dni",
        header=named("dni|nie|nif|documento nacional de identidad|documento identidad"),
        inside=r"(?<![0-9A-Za-z])(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-HJ-NP-TV-Z](?![0-9A-Za-z])",
        minimum=3,
    ),
    _id(
        r"(?i:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])",
        gb_nino,
        0.1,
        scheme="gb-nino",
        header=named("nino|national insurance|national insurance number|ni number|ni no"),
        inside=r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b",
        minimum=5,
        has_checksum=False,
    ),
    _id(
        r"[0-9]{3} [0-9]{3} [0-9]{4}",
        gb_nhs,
        0.09,
        scheme="gb-nhs",
        header=named("nhs|nhs number|nhs no"),
        minimum=20,
    ),
    _id(
        r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}",
        gb_nhs,
        0.09,
        scheme="gb-nhs",
        header=named("nhs|nhs number|nhs no"),
        only_named=True,
        for_integers=True,
    ),
    _id(
        r"[0-9]{9}",
        nl_bsn,
        0.09,
        scheme="nl-bsn",
        header=named("bsn|burgerservicenummer|sofinummer|sofi nummer"),
        minimum=20,
        for_integers=True,
    ),
)
