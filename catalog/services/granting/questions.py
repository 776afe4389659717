"""The owner's questions to those who ask for access: a few of four kinds, and the answers held to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from catalog.errors import Invalid
from catalog.models import QuestionKind
from catalog.slugs import slug_of

MAX_QUESTIONS = 20
MAX_CHOICES = 30
LABEL_LIMIT = 300
ANSWER_LIMITS = {QuestionKind.TEXT: 500, QuestionKind.LONG_TEXT: 10_000}
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Question:
    """``key`` names the answer, ``choices`` are those of QuestionKind.CHOICE; ``needed`` may not be left out."""

    key: str
    label: str
    kind: QuestionKind
    needed: bool = True
    choices: tuple[str, ...] = ()

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Question:
        """A stored question, which was checked when it was stored."""
        return Question(
            key=value["key"],
            label=value["label"],
            kind=QuestionKind(value["kind"]),
            needed=value["needed"],
            choices=tuple(value["choices"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value, "choices": list(self.choices)}


def read_questions(values: Sequence[Mapping[str, Any]]) -> list[Question]:
    """What was sent as questions, checked; keys that are missing are made of the labels. Raises Invalid."""
    problems: list[str] = []
    if len(values) > MAX_QUESTIONS:
        problems.append(f"Ask at most {MAX_QUESTIONS} questions.")
    found: list[Question] = []
    taken: set[str] = set()
    for place, value in enumerate(values[:MAX_QUESTIONS], start=1):
        label = str(value.get("label", "")).strip()
        kind = str(value.get("kind", QuestionKind.TEXT))
        choices = tuple(dict.fromkeys(str(item).strip() for item in value.get("choices", ()) if str(item).strip()))
        if not label or len(label) > LABEL_LIMIT:
            problems.append(f"Question {place} needs words, at most {LABEL_LIMIT} characters.")
            continue
        if kind not in QuestionKind.values:
            problems.append(f"Question {place}: “{kind}” is none of {', '.join(QuestionKind.values)}.")
            continue
        if kind == QuestionKind.CHOICE and not 2 <= len(choices) <= MAX_CHOICES:
            problems.append(f"Question {place} needs 2 to {MAX_CHOICES} choices.")
            continue
        key = _key(str(value.get("key", "")) or label, taken)
        taken.add(key)
        chosen = choices if kind == QuestionKind.CHOICE else ()
        found.append(Question(key, label, QuestionKind(kind), bool(value.get("needed", True)), chosen))
    if problems:
        raise Invalid(fields={"questions": problems})
    return found


def check_answers(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """The answers as they are kept, in the order of the questions. Raises Invalid with ``answers.<key>``."""
    problems: dict[str, list[str]] = {}
    kept = []
    known = {question.key for question in questions}
    for key in answers.keys() - known:
        problems[f"answers.{key}"] = ["Nothing of this name is asked."]
    for question in questions:
        value = str(answers.get(question.key) or "").strip()
        if problem := _problem(question, value):
            problems[f"answers.{question.key}"] = [problem]
        kept.append({"key": question.key, "label": question.label, "kind": question.kind.value, "value": value})
    if problems:
        raise Invalid(fields=problems)
    return kept


def _problem(question: Question, value: str) -> str:
    if not value:
        return "This question needs an answer." if question.needed else ""
    if question.kind == QuestionKind.CHOICE and value not in question.choices:
        return "Choose one of the answers given."
    if question.kind == QuestionKind.YES_NO and value not in YES_NO:
        return "Answer yes or no."
    limit = ANSWER_LIMITS.get(question.kind)
    if limit is not None and len(value) > limit:
        return f"Use {limit:,} characters at most."
    return ""


def _key(text: str, taken: set[str]) -> str:
    base = slug_of(text, fallback="question")[:60].strip("-")
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key
