"""What pages may load is said with every answer, in the words of django-csp."""

from __future__ import annotations

import pytest
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import Client, RequestFactory

pytestmark = pytest.mark.django_db


def as_the_library_says() -> str:
    library = CSPMiddleware(lambda _request: HttpResponse())
    return str(library(RequestFactory().get("/"))[HEADER])


@pytest.mark.parametrize("path", ["/", "/api/v1/datasets", "/api/v1/datasets/none/none", "/nobody/nothing/", "/about/"])
def test_every_answer_has_the_sites_policy(client: Client, path: str) -> None:
    assert client.get(path)[HEADER] == as_the_library_says()
    assert "default-src 'none'" in as_the_library_says()


def test_a_view_with_a_policy_of_its_own_keeps_it(client: Client) -> None:
    found = client.get("/api/v1/docs")[HEADER]
    assert "'unsafe-inline'" in found
    assert found != as_the_library_says()


def test_another_makers_pages_have_none(client: Client) -> None:
    assert HEADER not in client.get("/admin/login/")
