"""Our own icons: 16 pixels, one stroke, drawn as paths."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS: Mapping[str, str] = {
    "ok": '<path d="m3 8.5 3.2 3.2L13 4.5"/>',
    "warn": '<path d="M8 2.2 14.5 13.5h-13zM8 6.6v3M8 11.6v.1"/>',
    "bad": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.4M8 5.1v.1"/>',
    "wait": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.4 1.6"/>',
    "down": '<path d="M8 2.5v8m0 0 3.2-3.2M8 10.5 4.8 7.3M2.5 13.5h11"/>',
    "up": '<path d="M8 10.5v-8m0 0L4.8 5.7M8 2.5l3.2 3.2M2.5 13.5h11"/>',
    "chevron": '<path d="m4 6 4 4 4-4"/>',
    "filter": '<path d="M2 3.5h12M4.5 8h7M7 12.5h2"/>',
    "sort": '<path d="M5 3v10m0 0L2.7 10.7M5 13l2.3-2.3M11 13V3m0 0L8.7 5.3M11 3l2.3 2.3"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1"/><path d="M10.5 5.5v-3h-8v8h3"/>',
    "sun": (
        '<circle cx="8" cy="8" r="3"/><path d="M8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1'
        'M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1"/>'
    ),
    "pause": '<path d="M5.5 3v10M10.5 3v10"/>',
    "play": '<path d="m5 3 8 5-8 5z"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
    "arrow": '<path d="M3 8h10m0 0L9 4m4 4-4 4"/>',
    "back": '<path d="M13 8H3m0 0 4-4M3 8l4 4"/>',
    "undo": '<path d="M3 6h7a3.5 3.5 0 0 1 0 7H6M3 6l3-3M3 6l3 3"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "user": '<circle cx="8" cy="5.5" r="2.7"/><path d="M2.8 13.6c.8-2.7 2.8-4 5.2-4s4.4 1.3 5.2 4"/>',
    "edit": '<path d="m3 13 .7-2.9L10.8 3l2.2 2.2-7.1 7.1zM9.3 4.5l2.2 2.2"/>',
    "key": '<circle cx="5" cy="11" r="2.5"/><path d="m6.8 9.2 6-6M10.5 5.5l2 2"/>',
    "search": '<circle cx="7" cy="7" r="4.3"/><path d="m10.2 10.2 3.3 3.3"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "bell": '<path d="M3 11.5h10L11.8 10V7a3.8 3.8 0 0 0-7.6 0v3zM6.6 13.8a1.6 1.6 0 0 0 2.8 0M8 1.8v1.4"/>',
    "mail": '<rect x="2" y="3.5" width="12" height="9" rx="1"/><path d="m2.5 4.5 5.5 4.5 5.5-4.5"/>',
    "trash": '<path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9"/>',
}


def svg(name: str) -> SafeString:
    """The icon called so. Raises KeyError for a name that is none of PATHS (a mistake in a template)."""
    path = mark_safe(PATHS[name])  # noqa: S308 -- a constant of this module.
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', path)
