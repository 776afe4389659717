"""Telephone numbers, held against the numbering plans of all countries (libphonenumber's, by `phonenumbers`)."""

from __future__ import annotations

from catalog.personal.kinds import PersonalKind
from quality.personal.detector import Detector, named

# A number that is written without its country is tried as one of each of these.
REGIONS = (
    *("US", "CN", "IN", "GB", "DE", "FR", "IT", "ES", "NL", "BE", "CH", "AT", "SE", "NO", "DK", "FI", "PL", "CZ"),
    *("PT", "RU", "UA", "TR", "BR", "MX", "AR", "JP", "KR", "TW", "HK", "AU", "NZ", "ZA", "NG", "KE", "IL", "AE"),
    *("SA", "ID", "VN", "TH"),
)
HEADER = named(
    "phone|telephone|tel|phone no|phone number|telefon|teléfono|telefono|téléphone|telefoon|telefone|fax|mobile|handy|"
    "cell|cellphone|celular|móvil|whatsapp|телефон|电话|手机|手机号|联系电话|電話|携帯|전화|휴대폰"
)


def is_number(text: str, region: str | None = None) -> bool:
    """Whether the numbering plan has such a number: of the country that a leading + names, else of the region."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def is_number_somewhere(text: str) -> bool:
    """Whether the number, as it stands, is one of any of the regions."""
    if text.startswith("00"):
        return is_number(f"+{text[2:]}")
    return is_number(text) if text.startswith("+") else any(is_number(text, region) for region in REGIONS)


PHONES: tuple[Detector, ...] = (
    Detector(
        PersonalKind.PHONE,
        r"\+[1-9](?:[ ()./-]{0,2}[0-9]){6,14}",
        is_number,
        0.02,
        header=HEADER,
        inside=r"(?<![0-9A-Za-z+])\+[1-9](?:[ ()./-]{0,2}[0-9]){6,14}(?![0-9A-Za-z])",
        has_checksum=False,
    ),
    Detector(
        PersonalKind.PHONE,
        r"(?:00)?[0-9(](?:[ ()./-]{0,2}[0-9]){5,14}(?: ?(?:x|ext\.?) ?[0-9]{1,5})?",
        is_number_somewhere,
        0.6,
        header=HEADER,
        only_named=True,
        has_checksum=False,
        for_integers=True,
    ),
    Detector(
        PersonalKind.PHONE,
        r"(?:\+?1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}",
        lambda text: is_number(text, "US"),
        0.45,
        header=HEADER,
        inside=r"(?<![0-9A-Za-z-])(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])",
        minimum=5,
        has_checksum=False,
    ),
    Detector(
        PersonalKind.PHONE,
        r"1[3-9][0-9]{9}",
        lambda text: is_number(text, "CN"),
        0.07,
        header=HEADER,
        inside=r"(?<=[手机电话系方式：:\u4e00-\u9fff ])1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9A-Za-z])",
        minimum=20,
        has_checksum=False,
        for_integers=True,
    ),
)
