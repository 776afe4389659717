"""What a page says when something fails that is no fault of the request."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory

from catalog.web.frame.errors import server_error


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("connection refused"), 503, "Back in a moment"),
        (InterfaceError("connection already closed"), 503, "Back in a moment"),
        (ValueError("ours"), 500, "Something failed on our side"),
    ],
)
def test_a_database_that_is_away_is_told_from_a_mistake_of_ours(error: Exception, status: int, words: str) -> None:
    try:
        raise error
    except type(error):
        answer = server_error(RequestFactory().get("/"))
    text = answer.content.decode()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, "30" if status == 503 else None)
    assert words in text
    assert str(error) not in text
