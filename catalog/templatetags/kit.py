"""The kit of the pages: numbers, times, links, and pictures made on the server.

A builtin of every template. Column names, values and file names are foreign input: everything goes through
``format_html``, in SVG too (a column may be called ``<script>``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalog.templatetags import icons, pictures
from catalog.web.search.strips import Bar
from catalog.web.table.columns import Column

register = template.Library()

UNITS = ("kB", "MB", "GB", "TB", "PB")
RELATIVE_DAYS = 7


# ---------------------------------------------------------------- numbers
@register.filter
def num(value: Any) -> str:
    """A number with thousands separators, six significant digits where it isn't whole; others as they are.

    Django's own localisation groups Chinese by four, and not at all for floats.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    number = float(value)
    if not math.isfinite(number):
        return str(value)
    if number.is_integer() and abs(number) < 1e15:
        return f"{int(number):,}"
    if abs(number) >= 1e15 or abs(number) < 1e-4:
        return f"{number:.4g}"
    digits = max(0, 5 - math.floor(math.log10(abs(number))))
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{number:,.0f}"


@register.filter
def size(value: Any) -> str:
    """Bytes as people say them, in powers of a thousand."""
    if not isinstance(value, int | float):
        return ""
    if value < 1000:
        return ngettext("%(count)s byte", "%(count)s bytes", int(value)) % {"count": num(int(value))}
    step = 0
    while step < len(UNITS) - 1 and value / 1000 ** (step + 1) >= 999.5:
        step += 1
    amount, unit = value / 1000 ** (step + 1), UNITS[step]
    return f"{amount:,.1f} {unit}" if amount < 100 else f"{amount:,.0f} {unit}"


@register.filter
def percent(value: Any) -> str:
    """A share from 0 to 1 as a percentage that never says 0 or 100 of what is neither."""
    if not isinstance(value, int | float):
        return ""
    amount = value * 100
    if 0 < amount < 0.1:
        return "< 0.1 %"
    if 99.9 < amount < 100:
        return "> 99.9 %"
    text = f"{amount:.1f}".removesuffix(".0")
    return f"{text} %"


@register.filter
def seconds(value: Any) -> str:
    """A duration in seconds."""
    if not isinstance(value, int | float):
        return ""
    if value < 10:
        return _("%(n)s s") % {"n": f"{value:.1f}"}
    if value < 120:
        return _("%(n)s s") % {"n": f"{value:.0f}"}
    return _("%(n)s min") % {"n": f"{value / 60:.0f}"}


@register.filter
def short_hash(value: str) -> str:
    """The first and last four digits of a hash; the whole stands in the title."""
    return f"{value[:8]}…{value[-4:]}" if len(value) > 16 else value


@register.filter
def shown(value: Any) -> str:
    """A cell's value as a page shows it: null as a word, true and false in small letters, numbers as written.

    Numbers are not grouped: 2009 may be a year, 10047 a number of a person.
    """
    if value is None:
        return _("null")
    if value is True or value is False:
        return _("true") if value else _("false")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return '""' if value == "" else str(value)


# ---------------------------------------------------------------- times
@register.filter
def day(value: date | datetime | None) -> str:
    """A date in the reader's language: 19 Nov 2026."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, pgettext("date format", "j M Y"))


@register.filter
def moment(value: datetime | None) -> str:
    """A time to the minute, with its zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{day(local)} {local:%H:%M} {local:%Z}"


@register.simple_tag
def since(value: datetime | None) -> SafeString:
    """How long ago (up to a week) or the date, with the exact time in the title."""
    if value is None:
        return SafeString("")
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), moment(value), _relative(value))


@register.filter
def minute(value: datetime | None) -> SafeString:
    """An exact time as a time element."""
    if value is None:
        return SafeString("")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), moment(value))


def _relative(value: datetime) -> str:
    gone = timezone.now() - value
    if gone >= timedelta(days=RELATIVE_DAYS) or gone < -timedelta(minutes=1):
        return day(value)
    minutes = int(gone.total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    return ngettext("%(n)d day ago", "%(n)d days ago", gone.days) % {"n": gone.days}


# ---------------------------------------------------------------- links
@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: Any) -> str:
    """The page's address with some parameters changed; an empty value takes one away. ``page`` goes."""
    query = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in {None, ""}:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


@register.simple_tag(takes_context=True)
def url_without(context: Context, name: str, value: str) -> str:
    """The page's address without one of the values of a repeated parameter."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    query.setlist(name, [item for item in query.getlist(name) if item != value])
    return f"?{query.urlencode()}" if query else context["request"].path


# ---------------------------------------------------------------- pictures
@register.simple_tag
def icon(name: str) -> SafeString:
    """A 16 pixel icon; it always stands beside a word or in something with a label."""
    return icons.svg(name)


@register.simple_tag
def strip(columns: Iterable[Column | Bar], variant: str = "") -> SafeString:
    """The strip: a bar a column, coloured by kind, hollow from the top by the share missing."""
    return pictures.strip(columns, thin=variant == "thin")


@register.simple_tag
def hist(column: Column) -> SafeString:
    """A column's distribution; nothing where it isn't known or may not be shown."""
    return pictures.hist(column)


@register.simple_tag
def trend(points: Sequence[pictures.TrendPoint], label: str = "") -> SafeString:
    """Check results, a column a version, or a column of whatever ``label`` says."""
    return pictures.trend(points, label)


@register.simple_tag
def both_distributions(before: Sequence[float], after: Sequence[float], label: str) -> SafeString:
    """Shares of the same classes before and now, drawn over each other."""
    return pictures.both_distributions(before, after, label)


@register.simple_tag
def meter(share: float, variant: str = "") -> SafeString:
    """A share as a bar; the number must stand beside it."""
    return pictures.meter(share, variant)


@register.simple_tag
def missing_strip(shares: Sequence[float]) -> SafeString:
    """Where along the rows values are missing; the share must stand beside it."""
    return pictures.missing_strip(shares)


@register.simple_tag
def strength(r: float) -> SafeString:
    """A correlation as a bar; the number must stand beside it."""
    return pictures.strength(r)


@register.filter
def kind_label(kind: str) -> str:
    """A column's kind in a word."""
    return pictures.kind_labels().get(kind, kind)


@register.filter
def verdict_class(verdict: str) -> str:
    """The colour class and icon name of a verdict or an outcome's status."""
    return _VERDICT_CLASSES.get(verdict, "info")


_VERDICT_CLASSES: Mapping[str, str] = {
    "passed": "ok",
    "warnings": "warn",
    "warning": "warn",
    "failed": "bad",
    "error": "bad",
    "reject": "bad",
    "errored": "bad",
    "approved": "ok",
    "changes_requested": "warn",
    "declined": "bad",
    "published": "ok",
    "withdrawn": "bad",
}


@register.filter
def problem_count(errors: Mapping[str, Sequence[Any]]) -> int:
    """How many problems a form has, all fields together."""
    return sum(len(problems) for problems in errors.values())
