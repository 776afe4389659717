"""What the API answers about access: agreements, signatures, requests."""

from __future__ import annotations

from typing import TypedDict


class DeprecatedShape(TypedDict):
    """``successor`` is what to use instead: a dataset as owner/name, or a version by its number."""

    at: str
    reason: str
    successor: str | None


class QuestionShape(TypedDict):
    """``kind`` is text, long_text, choice or yes_no; ``choices`` are those of a choice."""

    key: str
    label: str
    kind: str
    needed: bool
    choices: list[str]


class AgreementShape(TypedDict):
    """``sha256`` is of the text's UTF-8 bytes, and is what a signature names."""

    dataset: str
    number: int
    text: str
    sha256: str
    questions: list[QuestionShape]
    created_by: str
    created: str
    links: dict[str, str]


class SignatureShape(TypedDict):
    """``versions`` is None where it was for all."""

    username: str
    name: str
    signed_at: str
    address: str
    agreement: int
    text_sha256: str
    versions: list[str] | None


class AnswerShape(TypedDict):
    key: str
    label: str
    kind: str
    value: str


class AccessRequestShape(TypedDict):
    """``versions`` is None where it is for all; ``agreement`` and ``signed`` say what was signed, if anything was."""

    id: int
    state: str
    dataset: str
    username: str
    name: str
    purpose: str
    answers: list[AnswerShape]
    versions: list[str] | None
    agreement: int | None
    signed: str | None
    created: str
    expires_at: str | None
    decided_by: str | None
    decided_at: str | None
    reason: str
    granted_until: str | None
    links: dict[str, str]
