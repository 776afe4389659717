"""Which column of a file could be which column of a schema, where no name says so: by content, then by likeness.

It is proposed as a renaming and never done unasked; once taken, the organization's next file is read so by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.table_schema import Field
from ingest.columns.conform import KINDS
from ingest.columns.infer import Sample
from ingest.columns.plan import ColumnPlan
from ingest.text.names import slug
from ingest.writings.missing import is_placeholder

ALIKE = 0.6
"""How like two names must be (difflib's ratio, 0 to 1)."""
FITTING = 0.95
"""The share of values that must be as the schema's constraint wants them."""
VALUES = 2_000


def suggest_mapping(plans: Sequence[ColumnPlan], samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Renamings of columns that the schema does not know to those that the file lacks; each column once."""
    absent = [plan.declared for plan in plans if plan.position is None and plan.declared is not None]
    extra = {plan.name: plan for plan in plans if plan.position is not None and plan.declared is None}
    found = []
    for field in absent:
        scores = {name: _score(field, plan, samples) for name, plan in extra.items()}
        best = sorted(scores, key=lambda name: (-scores[name], name))
        if not best or scores[best[0]] < ALIKE or (len(best) > 1 and scores[best[1]] == scores[best[0]]):
            continue
        extra.pop(best[0])
        found.append({"step": "rename-columns", "columns": [[best[0], field.name]], "count": 1})
    return found


def _score(field: Field, plan: ColumnPlan, samples: Sequence[Sample]) -> float:
    """0 to 1 by the likeness of names, 1 to 2 where the values are what the field's constraints want."""
    if KINDS.get(field.type) != plan.kind or plan.position is None:
        return 0.0
    names = [slug(text) for text in (field.name, field.title, *field.aliases) if text]
    likeness = max(difflib.SequenceMatcher(None, slug(plan.source_name), name).ratio() for name in names)
    values = {value: count for value, count in samples[plan.position].counts.items() if not is_placeholder(value)}
    return likeness + _fits(field, dict(list(values.items())[:VALUES]))


def _fits(field: Field, values: Mapping[str, int]) -> float:
    """1.0 when the field asks something of its values and nearly all of these have it."""
    constraints, total = field.constraints, sum(values.values())
    if not total:
        return 0.0
    if constraints.enum:
        allowed = {str(item) for item in constraints.enum}
        fitting = sum(count for value, count in values.items() if value in allowed)
    elif constraints.pattern:
        # RE2: a schema's pattern may be anybody's, and must not take for ever.
        try:
            mask = pc.match_substring_regex(pa.array(list(values)), f"^(?:{constraints.pattern})$")
        except pa.ArrowInvalid:
            return 0.0
        fitting = sum(count for count, fits in zip(values.values(), mask.to_pylist(), strict=True) if fits)
    else:
        return 0.0
    return float(fitting >= FITTING * total)
