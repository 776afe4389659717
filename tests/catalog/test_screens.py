"""Every page of the URL configuration is looked at by the tests in a browser, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.e2e.screens import NOT_LOOKED_AT, SCREENS

PROTOCOLS = ("api", "admin", "delta_sharing", "huggingface", "dcat", "signposting", "oai_pmh", "ckan")
SERVED_TO_MACHINES = {"healthz", "readyz", None}
MADE_UP = {**dict.fromkeys(("review", "request", "annotation", "rule", "set_rule"), "1"), "query": "0" * 64}
EXCUSED = {name for names in NOT_LOOKED_AT.values() for name in names.split()}


def names_of_pages(patterns: list[URLPattern | URLResolver], inside: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in PROTOCOLS:
                yield from names_of_pages(pattern.url_patterns, inside + str(pattern.pattern))
        elif pattern.name not in SERVED_TO_MACHINES and not inside.lstrip("^").startswith("api"):
            yield str(pattern.name)


def looked_at() -> set[str]:
    paths = [urlsplit(screen.path.format(**MADE_UP)).path for screen in SCREENS]
    return {str(resolve(path).url_name) for path in paths}


def test_every_page_is_looked_at_or_excused() -> None:
    pages = set(names_of_pages(get_resolver().url_patterns))
    assert pages - looked_at() - EXCUSED == set(), "name it in tests/e2e/screens.py"


def test_nothing_is_excused_that_is_looked_at_or_gone() -> None:
    pages = set(names_of_pages(get_resolver().url_patterns))
    assert EXCUSED & looked_at() == set()
    assert EXCUSED - pages == set()


def test_no_two_pictures_are_called_the_same() -> None:
    names = [screen.name for screen in SCREENS]
    assert sorted(names) == sorted(set(names))
