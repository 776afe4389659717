"""The forms of values: what is worth a look at all, and what forms a column's values mostly have.

All rows of a text column are held against two cheap expressions in one scan (RE2 within DuckDB): a form that may be
personal data, and none of the forms that the column has anyway, which a sample has been judged by already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# Forms that hardly anything else has: they are looked for even where very many values are worth a look.
STRONG = (
    r"[A-Za-z0-9_+-]@[A-Za-z0-9]"
    r"|\+[1-9](?:[ ()./-]{0,2}[0-9]){8}"
    r"|[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4} ?[A-Z0-9]"
    r"|[1-8][0-9]{16}[0-9Xx]"
    r"|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]"
    r"|[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
    r"|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mme|Mlle|Herr|Frau|Monsieur|Madame|Señora?|Sra|Signora?|Sig|Dr)\.? [A-ZÀ-Þ]"
)
# Whatever may hold any of the detectors' forms. Seven digits with little between them, or fewer with letters in order.
ANY = (
    rf"{STRONG}"
    r"|(?:[0-9][ ./()-]{0,2}){6}[0-9]"
    r"|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"
    r"|[0-9A-Fa-f]:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:"
    r"|[A-Z]{2} ?(?:[0-9]{2} ?){3}[A-D]"
    r"|[0-9]{6}A[0-9]{3}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"
)
_IS_ANY = re.compile(ANY)
_IS_STRONG = re.compile(STRONG)

# A form that at least this share of the sample has is one that the column has anyway.
USUAL_SHARE = 0.02
USUAL_FORMS = 12
_RUN = re.compile(r"([0-9]+)|([A-Za-z]+)|( +)|(.)", re.DOTALL)
FORM_LIMIT = 64


def is_worth_a_look(value: str) -> bool:
    """Whether the value may hold any of the forms."""
    return _IS_ANY.search(value) is not None


def usual_forms(values: Iterable[str]) -> str:
    """The forms that the values worth a look mostly have, as one RE2 expression for whole values; "" for none.

    A form is what digits, letters and signs follow one another, with the lengths of each run of digits or letters:
    "AB-1234" and "XY-5678" have the same, "AB-12345" has another. One that holds a strong form is never usual: where
    every comment is "ask anna@example.org", it is the comments' own form and all the same an address. (A column of
    nothing but addresses is told by its sample, and its form is left out by that.)
    """
    counted: Counter[str] = Counter()
    total = 0
    for value in values:
        total += 1
        if len(value) <= FORM_LIMIT and is_worth_a_look(value) and not _IS_STRONG.search(value):
            counted[form_of(value)] += 1
    usual = [form for form, count in counted.most_common(USUAL_FORMS) if count >= max(2, USUAL_SHARE * total)]
    return "|".join(usual)


def form_of(value: str) -> str:
    """The value's form as a regular expression that all values of the same form meet."""
    return "".join(_of_run(run) for run in _RUN.finditer(value))


def _of_run(run: re.Match[str]) -> str:
    digits, letters, spaces, sign = run.groups()
    if digits:
        return f"[0-9]{{{len(digits)}}}"
    if letters:
        return f"[A-Za-z]{{{len(letters)}}}"
    return " +" if spaces else re.escape(sign)


def usual_lengths(numbers: Sequence[int]) -> list[int]:
    """How many digits the numbers mostly have."""
    counted = Counter(len(str(abs(number))) for number in numbers)
    return [length for length, count in counted.items() if count >= max(2, USUAL_SHARE * len(numbers))]
