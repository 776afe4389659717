"""Stored outcomes in words, in the form that the core asks for (catalog/outcomes.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.outcomes import Wording
from quality.checking.outcome import RuleOutcome
from quality.rules.sentences import expected, observed, sentence


def wording_of(outcome: Mapping[str, Any]) -> Wording:
    """The words for an entry of ``QualityReport.outcomes``, in the active language."""
    read = RuleOutcome.from_json(outcome)
    return Wording(sentence(read.rule), expected(read.rule), observed(read))
