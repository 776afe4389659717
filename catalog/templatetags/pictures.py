"""Pictures of data, made on the server as SVG: they print, need no script and follow the theme by classes."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.web.search.strips import Bar, bars_of
from catalog.web.table.columns import Column

STRIP_FULL = 64
"""Above so many columns the bars of a strip get thinner, so that its width stays the same."""
STRIPS_KEPT = 2_000
"""Pictures that a process keeps: at some 3 kB each 6 MB."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One version's checks: how many passed, warned, failed (those that could not be checked count here).

    ``score`` is from 0 to 100, None where there is none.
    """

    label: str
    passed: int
    warnings: int
    failed: int
    is_current: bool = False
    score: float | None = None


def kind_labels() -> Mapping[str, str]:
    """The words for the kinds of columns, in the active language."""
    return {
        "num": _("number"),
        "cat": _("category"),
        "time": _("date or time"),
        "bool": _("true/false"),
        "text": _("text"),
        "nested": _("nested"),
    }


def strip(columns: Iterable[Column | Bar], *, thin: bool) -> SafeString:
    """A bar a column; the whole is one image with the counts in words."""
    bars = bars_of(columns)
    return _strip(bars, thin=thin, language=get_language()) if bars else SafeString("")


@functools.lru_cache(maxsize=STRIPS_KEPT)
def _strip(bars: tuple[Bar, ...], *, thin: bool, language: str | None) -> SafeString:  # noqa: ARG001 -- a part of the key
    """A list draws twenty of them, the same ones again and again."""
    width, gap, height = (8.0, 2.0, 12) if thin else (14.0, 4.0, 28)
    if len(bars) > STRIP_FULL:
        scale = STRIP_FULL / len(bars)
        width, gap = width * scale, gap * scale
    total = _plain(len(bars) * (width + gap) - gap)
    labels = kind_labels()
    drawn = "".join(_bar(bar, labels, n * (width + gap), width, height) for n, bar in enumerate(bars))
    return format_html(
        '<svg class="strip {}" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="none"'
        ' role="img" aria-label="{}">{}</svg>',
        *("thin" if thin else "full", total, height, total, height),
        _strip_label(bars, labels),
        SafeString(drawn),
    )


def _bar(bar: Bar, labels: Mapping[str, str], x: float, width: float, height: int) -> str:
    """As SVG. Numbers are ours; a column's name is foreign text."""
    missing = min(1.0, max(0.0, bar.missing_share))
    # A bar that is nearly whole looks whole; a single missing value still takes half a pixel.
    hollow = height * missing if missing < 1 else float(height)
    hollow = max(hollow, 0.5) if missing > 0 else 0.0
    title = f"{bar.name}: {labels[bar.kind]}"
    place = f'x="{_plain(x)}" width="{_plain(width)}"'
    empty = solid = ""
    if missing:
        title = f"{title}, " + _("%(share)s %% missing") % {"share": f"{missing * 100:.1f}"}
        empty = f'<rect class="k-miss" {place} y="0" height="{height}"/>'
    if missing < 1:
        solid = f'<rect class="k-{bar.kind}" {place} y="{_plain(hollow)}" height="{_plain(height - hollow)}"/>'
    return f"<g><title>{escape(title)}</title>{empty}{solid}</g>"


def _strip_label(bars: Sequence[Bar], labels: Mapping[str, str]) -> str:
    counts = Counter(bar.kind for bar in bars)
    words = [f"{count} {labels[kind]}" for kind, count in counts.most_common()]
    total = ngettext("%(n)d column", "%(n)d columns", len(bars)) % {"n": len(bars)}
    return f"{total}: {', '.join(words)}"


def hist(column: Column) -> SafeString:
    """Bars of the column's bins over a baseline, 160 by 41 units, stretched to the cell."""
    bins = column.bins
    if not bins or not any(bins):
        return SafeString("")
    gap = 1.5 if len(bins) < 60 else 0.5
    width = (160 - gap * (len(bins) - 1)) / len(bins)
    highest = max(bins)
    # A bin with one value in a million still shows as a line.
    heights = [max(38 * count / highest, 0.8) if count else 0.0 for count in bins]
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        ((_plain(n * (width + gap)), _plain(40 - tall), _plain(width), _plain(tall)) for n, tall in enumerate(heights)),
    )
    return format_html(
        '<svg class="hist {}" viewBox="0 0 160 41" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<line class="base" x1="0" x2="160" y1="40.5" y2="40.5"/></svg>',
        column.kind,
        _("Distribution of %(column)s") % {"column": column.name},
        bars,
    )


def trend(points: Sequence[TrendPoint], label: str = "") -> SafeString:
    """Stacked bars, a version each, and a line of the scores; a table of the same numbers must follow.

    ``label`` is what the picture is called where the points are no versions.
    """
    if not points:
        return SafeString("")
    highest = max(point.passed + point.warnings + point.failed for point in points) or 1
    step = 300 / max(len(points), 4)
    parts = []
    for number, point in enumerate(points):
        x, y = number * step, 118.0
        for name, count in (("ok", point.passed), ("warn", point.warnings), ("bad", point.failed)):
            tall = 100 * count / highest
            y -= tall
            if count:
                parts.append(_block(name, x, y, step * 0.7, max(1.0, tall - 1.5)))
        parts.append(
            format_html(
                '<text class="{}" x="{}" y="136" text-anchor="middle">{}</text>',
                "now" if point.is_current else "",
                _plain(x + step * 0.35),
                point.label,
            )
        )
    return format_html(
        '<svg class="trend" viewBox="0 0 300 142" role="img" aria-label="{}">{}'
        '<line x1="0" x2="300" y1="118.5" y2="118.5"/>{}</svg>',
        label or _("Check results by version"),
        format_html_join("", "{}", ((part,) for part in parts)),
        _scores(points, step),
    )


def _scores(points: Sequence[TrendPoint], step: float) -> SafeString:
    """A point for each score, 100 at the top of the bars, joined where versions that follow each other have one."""
    places = [
        None if point.score is None else (number * step + step * 0.35, 118 - point.score)
        for number, point in enumerate(points)
    ]
    joined = [(*left, *right) for left, right in pairwise(places) if left is not None and right is not None]
    lines = format_html_join(
        "",
        '<line class="score" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        ([_plain(value) for value in line] for line in joined),
    )
    dots = format_html_join(
        "",
        '<circle class="score" cx="{}" cy="{}" r="3"/>',
        ([_plain(value) for value in place] for place in places if place is not None),
    )
    return format_html("{}{}", lines, dots)


def both_distributions(before: Sequence[float], after: Sequence[float], label: str) -> SafeString:
    """Shares of the same classes at two times: the earlier as filled bars, the later as an outline over them."""
    highest = max([*before, *after], default=0.0)
    if not highest:
        return SafeString("")
    width = 160 / len(before)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        (
            (_plain(n * width), _plain(40 - 38 * share / highest), _plain(width), _plain(38 * share / highest))
            for n, share in enumerate(before)
            if share
        ),
    )
    steps = []
    for n, share in enumerate(after):
        top = _plain(40 - 38 * share / highest)
        steps += [f"{_plain(n * width)},{top}", f"{_plain((n + 1) * width)},{top}"]
    return format_html(
        '<svg class="hist both" viewBox="0 0 160 41" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<polyline class="after" points="{}"/><line class="base" x1="0" x2="160" y1="40.5" y2="40.5"/></svg>',
        label,
        bars,
        " ".join(["0,40", *steps, "160,40"]),
    )


def _block(name: str, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        name,
        *(_plain(x), _plain(y), _plain(width), _plain(height)),
    )


def meter(share: float, variant: str) -> SafeString:
    """A share from 0 to 1 as a bar of 96 units."""
    return format_html(
        '<svg class="meter {}" viewBox="0 0 96 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="96" height="8"/><rect width="{}" height="8"/></svg>',
        variant,
        _plain(96 * min(1.0, max(0.0, share))),
    )


def missing_strip(shares: Sequence[float]) -> SafeString:
    """The share missing along the table's rows, a block of rows a cell: full where all are missing."""
    cells = format_html_join(
        "",
        '<rect x="{}" y="0" width="1" height="10" fill-opacity="{}"/>',
        ((n, _plain(max(share, 0.06))) for n, share in enumerate(shares) if share),
    )
    return format_html(
        '<svg class="gaps" viewBox="0 0 {} 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="base" width="{}" height="10"/>{}</svg>',
        *(len(shares), len(shares)),
        cells,
    )


def strength(r: float) -> SafeString:
    """A correlation from -1 to 1 as a bar from the middle to the left or the right."""
    length = 48 * min(1.0, abs(r))
    return format_html(
        '<svg class="meter {}" viewBox="0 0 96 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="96" height="8"/><rect x="{}" width="{}" height="8"/></svg>',
        "less" if r < 0 else "",
        *(_plain(48 - length if r < 0 else 48), _plain(length)),
    )


def _plain(value: float) -> str:
    """A coordinate, never in a locale's spelling."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
