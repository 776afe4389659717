"""A translated document says what the English one says: part by part, with the same code, links and examples.

The examples of the English page are run; those of a translation are the same, letter by letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from django.utils import translation
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog.web.frame.docs import PAGES, TRANSLATED, read_document
from tests.docs.examples import ROOT

Block = tuple[str, str, str]


def tokens_of(path: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8"))


def blocks_of(path: Path) -> Iterator[Block]:
    """Each block's type, what it must have of code, and of links: their targets as seen from docs/."""
    for token in tokens_of(path):
        children = token.children or []
        codes = sorted(child.content for child in children if child.type == "code_inline")
        links = Counter(str(child.attrGet("href")).removeprefix("../") for child in children if child.attrGet("href"))
        code = token.content if token.type == "fence" else " ".join(codes)
        yield f"{token.type} {token.tag}", code, " ".join(sorted(links.elements()))


def test_every_language_has_its_pages() -> None:
    for language, names in TRANSLATED.items():
        assert {path.stem for path in (ROOT / "docs" / language).glob("*.md")} == set(names)
        assert set(names) <= set(PAGES)


@pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language, names in TRANSLATED.items() for name in names]
)
def test_a_translation_has_the_same_parts(language: str, name: str) -> None:
    english, translated = ROOT / f"docs/{name}.md", ROOT / f"docs/{language}/{name}.md"
    for mine, theirs in zip_longest(blocks_of(english), blocks_of(translated)):
        assert mine == theirs


def texts_of(path: Path) -> Iterator[str]:
    for token in tokens_of(path):
        if token.type == "inline":
            yield "".join(child.content for child in token.children or [] if child.type in {"text", "softbreak"})


@pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language, names in TRANSLATED.items() for name in names]
)
def test_no_sentence_is_left_in_english(language: str, name: str) -> None:
    english = {text for text in texts_of(ROOT / f"docs/{name}.md") if len(text.split()) > 3}
    assert [text for text in texts_of(ROOT / f"docs/{language}/{name}.md") if text in english] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", TRANSLATED)
def test_the_reader_gets_the_page_of_their_language(client, language: str) -> None:
    wanted = {"Accept-Language": language}
    untranslated = next(name for name in PAGES if name not in TRANSLATED[language])
    with translation.override("en"):  # A request leaves its language behind, for the next test too.
        page = client.get("/docs/owners", headers=wanted).content.decode()
        other = client.get(f"/docs/{untranslated}", headers=wanted).content.decode()
    assert f'<article class="prose" lang="{language}">' in page
    assert read_document("owners", language).title in page
    assert 'id="before-the-first-upload"' in page
    assert '<article class="prose" lang="en">' in other
