"""From an HTTP answer that is a refusal to the error of the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from commonfield.errors import (
    ApiError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    ServerFailed,
    TooManyRequests,
)

_KINDS: Mapping[int, type[ApiError]] = {
    400: InvalidInput,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    422: InvalidInput,
    429: TooManyRequests,
}

_REMEDIES: Mapping[int, tuple[str, str]] = {
    # status: (what to do when signed in, what to do when not)
    401: (
        "The token was refused, or has expired. Make a new one on your account page: `commonfield login`.",
        "Sign in with `commonfield login URL`, or set COMMONFIELD_URL and COMMONFIELD_TOKEN.",
    ),
    403: (
        "Ask the dataset's owner for access.",
        "Sign in with `commonfield login URL`, or ask the dataset's owner for access.",
    ),
    404: (
        "Check the name and the version.",
        "Check the name and the version. If it is not public, sign in first with `commonfield login URL`.",
    ),
}


def error_from(response: httpx.Response, *, signed_in: bool) -> ApiError:
    """The error for an answer of status 400 or more, whose body has been read.

    The registry's own words are used where it sent any; a proxy's HTML page is never shown.
    """
    problem = _problem(response)
    status = response.status_code
    kind = _KINDS.get(status, ServerFailed if status >= 500 else ApiError)
    sentence = _as_sentence(str(problem.get("detail") or problem.get("title") or _sentence(response)))
    fields = _field_sentences(problem.get("errors"))
    # The registry may have said the same in its sentence already.
    sentence = " ".join([sentence, *(told for told in fields if told not in sentence)])
    remedy = _as_sentence(str(problem.get("remedy") or "")) or _remedy(response, signed_in=signed_in)
    if status == 401:
        # The registry speaks to every client; here it is known how this one signs in.
        remedy = _remedy(response, signed_in=signed_in)
    return kind(sentence, remedy, status, str(problem.get("code") or ""), problem)


def storage_code(text: str) -> str:
    """The code and message of S3's XML error document, or the beginning of whatever was sent."""
    code = re.search(r"<Code>([^<]+)</Code>", text)
    message = re.search(r"<Message>([^<]+)</Message>", text)
    if code:
        return f"{code[1]}: {message[1]}" if message else code[1]
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:200]


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _sentence(response: httpx.Response) -> str:
    try:
        phrase = HTTPStatus(response.status_code).phrase
    except ValueError:
        phrase = "no standard status"
    return f"{response.url.host} answered {response.status_code} ({phrase}) without an explanation"


def _field_sentences(errors: object) -> list[str]:
    if not isinstance(errors, dict):
        return []
    lines = []
    for field, messages in errors.items():
        words = messages if isinstance(messages, list) else [messages]
        lines.append(f"{field}: {' '.join(str(word) for word in words)}")
    return [_as_sentence(line) for line in lines]


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?:" else f"{text}."


def _remedy(response: httpx.Response, *, signed_in: bool) -> str:
    status = response.status_code
    if status >= 500:
        return "This is the registry's fault, not yours. Try again later; tell its operators if it stays."
    if status == 429:
        after = response.headers.get("retry-after")
        return f"Wait {after} seconds and try again." if after else "Wait a minute and try again."
    known, unknown = _REMEDIES.get(status, ("Check what was sent and try again.",) * 2)
    return known if signed_in else unknown
