"""A refusal is told in the language of whoever asks, on pages and by the API; its code stays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
CHINESE = {"Accept-Language": "zh-Hans"}


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/datasets/nobody/nothing", "not-found"),
        ("/api/v1/datasets?sort=none", "invalid"),
        ("/api/v1/work", "not-found"),
    ],
)
def test_the_api_refuses_in_chinese(client, path, code):
    told = client.get(path, headers=CHINESE).json()
    plain = client.get(path).json()
    assert (told["code"], plain["code"]) == (code, code)
    assert chinese(told["title"])
    assert not chinese(plain["title"])
    assert chinese(told["remedy"]) or not plain["remedy"]


def test_a_page_that_is_not_there_is_chinese_throughout(client):
    page = client.get("/nobody/", headers=CHINESE)
    assert page.status_code == 404
    words = page.content.decode()
    for english in ("There is nothing", "There is no organization", "Check the address"):
        assert english not in words
    assert "nobody" in words
