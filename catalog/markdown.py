"""Descriptions: CommonMark without raw HTML, sanitised once more on the way out."""

from __future__ import annotations

import functools
import html

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "s"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@functools.lru_cache(maxsize=256)
def render(text: str) -> SafeString:
    """HTML of a description. Headings start at h3, for the page has its own h1 and h2; no images, no styles."""
    tokens = _parser().parse(text)
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            # An author may begin with ### or leave a level out; a reader of screens must not meet a gap.
            level = min(6, level + 1, int(token.tag[1]) + 2)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{level}"
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 -- nh3 has just cleaned it.


@functools.lru_cache(maxsize=256)
def plain(text: str) -> str:
    """The words alone, for lists, search and other systems: a text, which whoever puts it into HTML escapes."""
    return " ".join(html.unescape(nh3.clean(render(text), tags=set())).split())
