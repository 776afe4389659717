"""Payment cards and bank accounts."""

from __future__ import annotations

from catalog.personal.kinds import PersonalKind
from quality.personal.checksums import bare, luhn, mod_97
from quality.personal.detector import Detector, named

# ISO 13616 registry (SWIFT): the length of an IBAN by its country.
IBAN_LENGTHS: dict[str, int] = {
    code: int(length)
    for length, codes in {
        "15": "NO", "16": "BE", "18": "DK FI FO GL NL SD FK", "19": "MK SI", "20": "AT BA EE KZ LT LU XK MN",
        "21": "CH HR LI LV", "22": "BG BH CR DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ DZ ES MD PK RO SA SE SK TN VG", "25": "AO LY MZ PT ST", "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA", "30": "JO KW MU YE", "31": "MT SC",
        "32": "LC", "33": "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip


def is_card(text: str) -> bool:
    """ISO/IEC 7812: an issuer's range with its length, and Luhn's digit; not one digit over and over."""
    digits = bare(text)
    return _is_issued(digits) and len(set(digits)) > 1 and luhn(digits)


def _is_issued(digits: str) -> bool:
    """The ranges of Visa, Mastercard, Amex, Diners, Discover, JCB, UnionPay, Maestro and Mir by the networks."""
    length = len(digits)
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    if length == 15:
        return two in {34, 37}
    if length == 14:
        return 300 <= three <= 305 or two in {36, 38, 39}
    if length == 16:
        is_large = digits[0] == "4" or 51 <= two <= 55 or 2221 <= four <= 2720
        return is_large or four == 6011 or two in {62, 65} or 3528 <= four <= 3589 or 2200 <= four <= 2204
    return length == 19 and two == 62


def is_iban(text: str) -> bool:
    """ISO 13616: a country with the length of its accounts, MOD 97-10."""
    signs = bare(text)
    return IBAN_LENGTHS.get(signs[:2]) == len(signs) and mod_97(signs[4:] + signs[:4])


ACCOUNTS: tuple[Detector, ...] = (
    Detector(
        PersonalKind.IBAN,
        r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?",
        is_iban,
        0.0005,
        header=named("iban|bank account|account number|kontonummer|bankverbindung"),
        inside=r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[0-9]{1,4})?(?![0-9A-Za-z])",
    ),
    Detector(
        PersonalKind.CARD,
        r"[0-9]{4}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{3})?|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[0689][0-9]{12}",
        is_card,
        0.035,
        header=named(
            "card|card no|card number|credit card|creditcard|cardnumber|pan|kreditkarte|kreditkartennummer|carte|"
            "carte bancaire|tarjeta|numero tarjeta|cc number|ccnum|银行卡|银行卡号|信用卡|卡号"
        ),
        inside=r"(?<![0-9A-Za-z])(?<![0-9][ -])(?:[0-9]{4}([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
        r"|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5})(?![0-9A-Za-z])(?![ -][0-9])",
        minimum=3,
        for_integers=True,
    ),
)
