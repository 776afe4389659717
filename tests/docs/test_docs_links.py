"""Links lead somewhere, and nothing of a builder's machine is in a document."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt

from catalog.web.frame.docs import PAGES, TRANSLATED, anchor_of, read_document
from tests.docs.examples import ROOT

PICTURE_LIMIT = 200_000
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "client/README.md"])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def parsed(path: Path) -> list:
    return MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8"))


def anchors_of(path: Path) -> set[str]:
    """Those of its headings; a translation has those of the English page."""
    if path.parent.name in TRANSLATED:
        path = path.parents[1] / path.name
    return {
        anchor_of("".join(child.content for child in inline.children))
        for opening, inline in itertools.pairwise(parsed(path))
        if opening.type == "heading_open"
    }


def links_of(path: Path) -> Iterator[str]:
    for token in parsed(path):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target and not re.match(r"[a-z]+:", str(target)):
                yield str(target)


@pytest.mark.parametrize("name", NAMES)
def test_links_within_the_repository_lead_somewhere(name: str) -> None:
    path = ROOT / name
    broken = []
    for link in links_of(path):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_builders_machine_is_in_a_document(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    machine = re.compile(
        r"(?<![\w.])/(?:work|root|home|Users)/\S+|/tmp/(?!schedule)\S+"
        r"|https?://(?:127\.0\.0\.1|localhost):(?!8000\b)\d+|pypi\.org|files\.pythonhosted|registry\.npmjs|docker\.io"
        r"|cfd_[A-Za-z0-9_-]{20,}"
    )
    assert machine.findall(text) == []


def test_every_document_is_listed_and_served() -> None:
    assert {path.stem for path in ROOT.glob("docs/*.md")} == set(PAGES)
    listed = {link.partition("#")[0] for link in links_of(ROOT / "docs/index.md")}
    assert listed == {f"{name}.md" for name in PAGES if name != "index"}


def test_pictures_are_small_and_used() -> None:
    used = {link for name in NAMES for link in links_of(ROOT / name) if link.endswith(".png")}
    pictures = {f"docs/images/{path.name}": path.stat().st_size for path in ROOT.glob("docs/images/*")}
    assert set(pictures) == used
    assert max(pictures.values()) <= PICTURE_LIMIT


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.django_db
def test_problems_lead_to_their_section(client) -> None:
    answer = client.get("/api/v1/datasets/nobody/nothing")
    address, _, anchor = answer.json()["type"].partition("#")
    page = client.get(urlsplit(address).path)
    assert page.status_code == 200
    assert f'id="{anchor}"' in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_each_document_is_a_page(client, name: str) -> None:
    page = client.get("/docs/" if name == "index" else f"/docs/{name}")
    assert page.status_code == 200
    text = page.content.decode()
    assert read_document(name).title in text
    assert 'href="/docs/errors"' in text
    assert not re.search(r'href="[^"/]*\.md', text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "..", "environment"])
def test_no_other_file_is_a_page(client, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404
