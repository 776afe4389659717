"""How odd a text looks in the reading of an encoding: wrong ones put signs into words and capitals behind letters."""

from __future__ import annotations

# Signs that stand next to letters in sound text.
_AT_HOME = frozenset("’‘“”–—…«»„‚·ªº\u00a0\u00ad")
# Signs that may follow on a letter, but have no letter behind them.
_TRAILING = frozenset("²³¹°®™©")
# The letters of which more than half of any text in these scripts consists.
_COMMON = {
    "cyrillic": frozenset("оеаинтсрвлкмдпуя"),
    "greek": frozenset("αοιετνσρςηκπυμλ" + "άόίέήύώ"),
}
_RANGES = {"greek": range(0x370, 0x400), "cyrillic": range(0x400, 0x530)}
_USUAL_SHARE = 0.5
SAMPLE = 20_000


def oddness(text: str) -> float:
    """From 0 (plausible) up: the share of the other-than-ASCII characters that stand where they hardly can.

    For Greek and Cyrillic also how far the commonest letters fall short of their usual share.
    """
    text = text[:SAMPLE]
    foreign = [place for place, char in enumerate(text) if char > "\x7f"]
    if not foreign:
        return 0.0
    odd = sum(1 for place in foreign if _is_odd(text, place))
    return odd / len(foreign) + _unusual(text)


def _is_odd(text: str, place: int) -> bool:
    char = text[place]
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    if char.isalpha():
        return char.isupper() and before.isalpha() and before.islower()
    if char in _AT_HOME:
        return False
    if "\x80" <= char <= "\x9f" or "─" <= char <= "▟" or char in "\ufffd\ue000":
        return True
    return after.isalpha() or (before.isalpha() and char not in _TRAILING)


def _unusual(text: str) -> float:
    total = 0.0
    for script, codes in _RANGES.items():
        letters = [char for char in text.lower() if ord(char) in codes]
        if len(letters) >= 4:
            share = sum(1 for char in letters if char in _COMMON[script]) / len(letters)
            total += max(0.0, _USUAL_SHARE - share)
    return total
