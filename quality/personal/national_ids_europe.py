"""Identity numbers of European countries. Each row names the rule that its tests check."""

from __future__ import annotations

from collections import Counter

from quality.personal.checksums import luhn, mod_11_10
from quality.personal.detector import named
from quality.personal.scheme import Born, Form, Scheme, Sums, not_one_digit

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


def _de_repeats(signs: str) -> bool:
    """Of the first ten digits one stands twice or thrice, no other so."""
    counts = sorted(Counter(signs[:10]).values(), reverse=True)
    return counts[0] in {2, 3} and counts[1] == 1


def _fr_key(signs: str) -> bool:
    """Key 97 - number mod 97, with 2A as 19 and 2B as 18; months beyond December are those of unknown births."""
    month = int(signs[3:5])
    number = signs[:13].replace("2A", "19").replace("2B", "18")
    is_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return is_month and number.isdigit() and 97 - int(number) % 97 == int(signs[13:])


def _es_letter(signs: str) -> bool:
    """The letter is that of the number mod 23; of a foreigner X, Y, Z are 0, 1, 2."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(signs[0], signs[0]) + signs[1:-1]
    return _DNI_LETTERS[int(number) % 23] == signs[-1]


def _it_letter(signs: str) -> bool:
    """Fifteen signs, odd and even places counted apart, check letter mod 26."""
    total = sum(
        _ODD[sign] if place % 2 == 0 else (int(sign) if sign.isdigit() else ord(sign) - ord("A"))
        for place, sign in enumerate(signs[:15])
    )
    return chr(ord("A") + total % 26) == signs[15]


def _fi_sign(signs: str) -> bool:
    """The check sign is that of day and order mod 31. (A hyphen or plus before the order is gone here.)"""
    return _HETU_SIGNS[int(signs[:6] + signs[-4:-1]) % 31] == signs[-1]


def _be_check(signs: str) -> bool:
    """97 - nine digits mod 97, with a 2 before them for those born since 2000."""
    return int(signs[9:]) in {97 - int(signs[:9]) % 97, 97 - int("2" + signs[:9]) % 97}


EUROPE: tuple[Scheme, ...] = (
    # Decree of 23 December 1976.
    Scheme(
        "it-codice-fiscale",
        named("codice fiscale|cod fiscale|codfisc|cf"),
        [
            Form(
                r"(?i:[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z])",
                0.0005,
                inside=r"\b[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b",
            )
        ],
        [_it_letter],
    ),
    # Decree 128/2010 (signs of the century widened 2023): DDMMYY, sign, three digits, check sign.
    Scheme(
        "fi-hetu",
        named("hetu|henkilötunnus|henkilotunnus|sotu"),
        [
            Form(
                r"[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Y]",
                0.01,
                inside=r"(?<![0-9A-Za-z])[0-3][0-9][01][0-9]{3}[-+A][0-9]{3}[0-9A-Y](?![0-9A-Za-z])",
            )
        ],
        [Born(year=4, month=2, day=0), _fi_sign],
    ),
    # INSEE: sex, year, month, department, commune, order, key.
    Scheme(
        "fr-nir",
        named(
            "nir|insee|sécurité sociale|securite sociale|numero securite sociale|numéro de sécurité sociale|num secu"
        ),
        [
            Form(
                r"[1-47-8] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
                0.01,
                inside=r"(?<![0-9A-Za-z])[12] [0-9]{2} [0-9]{2} (?:[0-9]{2}|2[AB]) [0-9]{3} [0-9]{3} [0-9]{2}"
                r"(?![0-9A-Za-z])",
                minimum=5,
                for_integers=True,
            )
        ],
        [_fr_key],
    ),
    # Skatteetaten: DDMMYY (day + 40 for D-numbers), three digits, two check digits modulo 11.
    Scheme(
        "no-fodselsnummer",
        named("fødselsnummer|fodselsnummer|fnr|personnr"),
        [Form(r"[0-7][0-9]{5} ?[0-9]{5}", 0.0005, minimum=5, for_integers=True)],
        [
            Born(year=4, month=2, day=0, more=40),
            Sums((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), 11),
            Sums((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11),
        ],
    ),
    # Royal decree of 3 April 1984: YYMMDD (month and day are 00 where the birth is not known exactly), order, check.
    Scheme(
        "be-rijksregister",
        named("rijksregisternummer|rijksregister|registre national|numéro national|insz|niss|nrn"),
        [
            Form(
                r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}\.?[0-9]{2}",
                0.002,
                inside=r"(?<![0-9])[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}(?![0-9])",
                minimum=5,
                for_integers=True,
            )
        ],
        [Born(year=0, month=2, day=4, unknown=True), _be_check],
    ),
    # § 139b AO, BZSt: ten digits and a check by MOD 11,10.
    Scheme(
        "de-steuer-id",
        named("steuer id|steuerid|steueridentifikationsnummer|steuernummer|idnr|steuer identifikationsnummer|tax id"),
        [
            Form(
                r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
                0.004,
                inside=r"(?<![0-9])[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{3}(?![0-9])",
                minimum=5,
                for_integers=True,
            )
        ],
        [_de_repeats, mod_11_10],
    ),
    # SKV 704: YYMMDD (the day + 60 for coordination numbers), three digits, Luhn over the ten.
    Scheme(
        "se-personnummer",
        named("personnummer|personnr|pnr|samordningsnummer|personal identity number"),
        [
            Form(
                r"(?:19|20)?[0-9]{6}[-+]?[0-9]{4}",
                0.007,
                inside=r"(?<![0-9A-Za-z-])(?:19|20)?[0-9]{6}[-+][0-9]{4}(?![0-9A-Za-z-])",
                minimum=5,
                for_integers=True,
            )
        ],
        [lambda signs: Born(year=0, month=2, day=4, more=60)(signs[-10:]), lambda signs: luhn(signs[-10:])],
    ),
    # Ustawa o ewidencji ludności: YYMMDD, the century in the month; weights 1, 3, 7, 9 in turn and 1.
    Scheme(
        "pl-pesel",
        named("pesel"),
        [Form(r"[0-9]{11}", 0.02, minimum=10, for_integers=True)],
        [
            Born(year=0, month=2, day=4, centuries={1800: 80, 1900: 0, 2000: 20, 2100: 40, 2200: 60}),
            Sums((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10),
        ],
    ),
    # CPR-kontoret: DDMMYY and four digits. Numbers issued since 2007 need not fit the modulus any more.
    Scheme(
        "dk-cpr",
        named("cpr|cpr nr|cprnr|cpr nummer|personnummer"),
        [Form(r"[0-3][0-9][01][0-9]{3}-[0-9]{4}", 0.06, minimum=10)],
        [Born(year=4, month=2, day=0), lambda signs: signs[6:] != "0000"],
        has_checksum=False,
    ),
    # Real Decreto 1553/2005.
    Scheme(
        "es-dni",
        named("dni|nie|nif|documento nacional de identidad|documento identidad"),
        [
            Form(
                r"(?i:[0-9]{8}|[XYZ]-?[0-9]{7})-?(?i:[A-HJ-NP-TV-Z])",
                0.045,
                inside=r"(?<![0-9A-Za-z])(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-HJ-NP-TV-Z](?![0-9A-Za-z])",
                minimum=3,
            )
        ],
        [_es_letter],
    ),
    # HMRC manual NIM39110: two letters of a list, six digits, A to D. There are no check digits.
    Scheme(
        "gb-nino",
        named("nino|national insurance|national insurance number|ni number|ni no"),
        [
            Form(
                r"(?i:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])",
                0.1,
                inside=r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b",
                minimum=5,
            )
        ],
        [lambda signs: signs[:2] not in _NO_NINO],
        has_checksum=False,
    ),
    # NHS data dictionary: weights 10 to 2 and the check digit's 1, a multiple of 11; as with an ISBN-10.
    Scheme(
        "gb-nhs",
        named("nhs|nhs number|nhs no"),
        [
            Form(r"[0-9]{3} [0-9]{3} [0-9]{4}", 0.09, minimum=20),
            Form(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", 0.09, only_named=True, for_integers=True),
        ],
        [not_one_digit, Sums(range(10, 0, -1), 11)],
    ),
    # The "elfproef": weights 9 to 2 and -1, a multiple of 11.
    Scheme(
        "nl-bsn",
        named("bsn|burgerservicenummer|sofinummer|sofi nummer"),
        [Form(r"[0-9]{9}", 0.09, minimum=20, for_integers=True)],
        [not_one_digit, Sums((9, 8, 7, 6, 5, 4, 3, 2, -1), 11)],
    ),
)
