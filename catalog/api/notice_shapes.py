"""What the API answers about notices and following."""

from __future__ import annotations

from typing import TypedDict


class NoticeShape(TypedDict):
    """``text`` is its sentence, ``quote`` what a person wrote; ``read_at`` is None until it is read."""

    id: int
    kind: str
    text: str
    quote: str
    dataset: str
    created: str
    read_at: str | None
    links: dict[str, str]


class ReadShape(TypedDict):
    """How many were unread before."""

    read: int


class FollowShape(TypedDict):
    dataset: str
    title: str
    since: str
    latest: str | None
    links: dict[str, str]
