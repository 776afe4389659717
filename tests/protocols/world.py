"""Datasets of each access for the facades, made through the services, and a client of one person."""

from __future__ import annotations

import json
from collections.abc import Callable

from rest_framework.test import APIClient

from catalog.models import Dataset, Version
from catalog.services.granting.grants import grant_access
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast, make_cast

FIELDS = {
    "fields": [
        {"name": "id", "type": "integer", "arrow": "int64", "title": "Number", "unit": "1"},
        {"name": "name", "type": "string", "arrow": "string", "description": "What it is | called"},
        {"name": "seen", "type": "datetime", "arrow": "timestamp[us]"},
    ]
}
PEOPLE = ("anonymous", "stranger", "grantee", "reader")


def rows(start: int, stop: int) -> str:
    return f"SELECT range AS id, 'n' || range AS name, TIMESTAMP '2024-01-01' AS seen FROM range({start}, {stop})"


def publish(cast: Cast, dataset: Dataset, *, sql: str = "", **table: object) -> Version:
    return make_published(cast, dataset, sql=sql or rows(0, 10), schema=FIELDS, **table)


def make_world() -> Cast:
    """``open`` has three versions, the second withdrawn; ``closed`` has a grantee; ``secret`` is private."""
    cast = make_cast()
    dataset = make_dataset(cast, slug="open", keywords=["birds"])
    for number in range(3):
        version = publish(cast, dataset, sql=rows(0, 10 * (number + 1)))
        if number == 1:
            withdraw_version(actor=cast.owner, version=version, reason="Wrong.")
    closed = make_dataset(cast, slug="closed", access="restricted")
    publish(cast, closed)
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    publish(cast, make_dataset(cast, slug="known", access="registered"))
    publish(cast, make_dataset(cast, slug="secret", access="private"))
    return cast


def client_of(cast: Cast, person: str) -> APIClient:
    client = APIClient()
    if person != "anonymous":
        client.force_authenticate(cast.named(person).user)
    return client


def statuses(cast: Cast, ask: Callable[[APIClient], int]) -> str:
    """What everybody is answered, as a row of the permission matrix has it."""
    return " ".join(str(ask(client_of(cast, person))) for person in PEOPLE)


def lines_of(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.decode().splitlines()]
