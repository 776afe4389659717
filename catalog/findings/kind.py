"""What kinds of findings there are made of: a code with its weight and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

Severity = Literal["reject", "error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class FindingType:
    """``template`` takes %(column)s, %(value)s, %(row)s and the finding's own parameters."""

    code: str
    severity: Severity
    title: Promise | str
    template: Promise | str
    remedy: Promise | str = ""
