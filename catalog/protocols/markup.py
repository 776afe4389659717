"""XML as text: elements with what is in them escaped, and nothing that XML 1.0 can't hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NewType

Markup = NewType("Markup", str)
"""Text that is XML already; every other text is escaped on its way in."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def legible(text: str) -> str:
    """The text without the characters that no XML document can hold (https://www.w3.org/TR/xml/#charsets)."""
    return _FORBIDDEN.sub("", text)


def escaped(text: str) -> Markup:
    """The text as the content of an element or of an attribute in double quotes."""
    clean = legible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # A parser reads a bare carriage return as a new line.
    return Markup(clean.replace("\r", "&#13;"))


def element(name: str, *content: str | Iterable[Markup] | None, **attributes: str | None) -> Markup:
    """An element. ``content`` is text, or markup in an iterable; None stands for nothing.

    An attribute's name has ``__`` for a colon; one that is None is left out.
    """
    said = "".join(
        f' {key.rstrip("_").replace("__", ":")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escaped(item) if isinstance(item, str) else "".join(item) for item in content if item is not None)
    return Markup(f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>")


def document(root: Markup) -> str:
    """A whole document."""
    return f"{DECLARATION}{root}\n"
