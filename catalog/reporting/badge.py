"""A badge: two words in a picture that any page may show, made as SVG without a font of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

Colour = Literal["ok", "warn", "bad", "plain"]

_COLOURS: dict[Colour, str] = {"ok": "#1f6f4a", "warn": "#8a5a00", "bad": "#a3262a", "plain": "#4b5563"}
_HEIGHT, _PADDING, _SIZE = 20, 7, 11


@dataclass(frozen=True, slots=True)
class Badge:
    """``label`` on the left, ``value`` on the right in its colour."""

    label: str
    value: str
    colour: Colour

    def to_svg(self) -> str:
        """The picture, as wide as its words (in Verdana or what stands for it)."""
        left, right = _width(self.label), _width(self.value)
        width = left + right
        title = f"{self.label}: {self.value}"
        texts = "".join(
            f'<text x="{x:g}" y="14" textLength="{length:g}">{escape(text)}</text>'
            for x, length, text in (
                (left / 2, left - 2 * _PADDING, self.label),
                (left + right / 2, right - 2 * _PADDING, self.value),
            )
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{_HEIGHT}" role="img"'
            f" aria-label={quoteattr(title)}><title>{escape(title)}</title>"
            f'<rect width="{width:g}" height="{_HEIGHT}" rx="3" fill="#2b2a27"/>'
            f'<path d="M{left:g} 0h{right - 3:g}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left:g}z"'
            f' fill="{_COLOURS[self.colour]}"/>'
            f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif"'
            f' font-size="{_SIZE}">{texts}</g></svg>'
        )


def _width(text: str) -> float:
    """About what the words take at 11 px: wide writings take a square a sign. ``textLength`` makes it exact."""
    signs = sum(11.5 if ord(sign) > 0x2E7F else 7.2 if sign.isupper() else 6.4 for sign in text)
    return round(signs + 2 * _PADDING, 1)
