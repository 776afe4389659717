"""Columns that only changed their name: said by the schemas, or guessed from what is in them.

A guess needs the same type, values that differ among themselves, and a partner that no other column suits as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalog.table_schema import Field, TableSchema
from quality.difference.keys import Keys
from quality.difference.session import Session
from quality.table import Column

# "source": both stood under the same header in the file; "alias": the newer one names the older as its alias;
# "rows": they hold the same values in the same rows (of a sample); "profile": their profiles are the same.
Evidence = Literal["source", "alias", "rows", "profile"]

SAMPLE_ROWS = 50_000
PAIRS_LIMIT = 400
# Values that changed beside the name: so many of the sampled cells must still be the same.
AGREEMENT = 0.9

_COMPARED = ("count", "nulls", "distinct", "min", "max", "mean", "sd", "true_count", "lengths", "top")


@dataclass(frozen=True, slots=True)
class Rename:
    """``share`` of the compared cells are the same (None where the schemas say it, or the profiles)."""

    before: str
    after: str
    evidence: Evidence
    share: float | None = None

    @property
    def is_guess(self) -> bool:
        return self.evidence in ("rows", "profile")


@dataclass(frozen=True, slots=True)
class _Candidate:
    before: Column
    after: Column


def declared_renames(before: TableSchema, after: TableSchema) -> list[Rename]:
    """What the schemas themselves say. Of several that would fit, none is taken."""
    gone, new = _unmatched(before, after)
    found: list[Rename] = []
    for item in new:
        by_alias = [old for old in gone if old.name in item.aliases]
        by_source = [old for old in gone if item.source_name and item.source_name in (old.source_name, old.name)]
        for evidence, fits in (("alias", by_alias), ("source", by_source)):
            if len(fits) == 1:
                found.append(Rename(fits[0].name, item.name, "alias" if evidence == "alias" else "source"))
                break
    return [item for item in found if sum(other.before == item.before for other in found) == 1]


def _unmatched(before: TableSchema, after: TableSchema) -> tuple[list[Field], list[Field]]:
    old, new = set(before.names), set(after.names)
    gone = [item for item in before.fields if item.name not in new]
    return gone, [item for item in after.fields if item.name not in old]


def guessed_renames(
    session: Session, keys: Keys | None, known: Sequence[Rename], profiles: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> list[Rename]:
    """What the values say: cells of the same key (or else at the same place) first, equal profiles after that."""
    candidates = _candidates(session, known)
    shares = _agreements(session, keys, candidates) if candidates else {}
    found = [Rename(old, new, "rows", share) for old, new, share in _best(shares)]
    left = [
        candidate
        for candidate in candidates
        if not any(item.before == candidate.before.name or item.after == candidate.after.name for item in found)
    ]
    return found + [Rename(old, new, "profile") for old, new, _ in _best(_same_profiles(left, profiles))]


def _candidates(session: Session, known: Sequence[Rename]) -> list[_Candidate]:
    old_names = {column.name for column in session.before.columns} | {item.after for item in known}
    new_names = {column.name for column in session.after.columns} | {item.before for item in known}
    found = [
        _Candidate(before, after)
        for before in session.before.columns
        if before.name not in new_names
        for after in session.after.columns
        if after.name not in old_names and after.sql_type == before.sql_type
    ]
    return found if len(found) <= PAIRS_LIMIT else []


def _agreements(session: Session, keys: Keys | None, candidates: Sequence[_Candidate]) -> dict[tuple[str, str], float]:
    """Which share of the sampled rows has the same value in both columns, for pairs that agree mostly."""
    asked = []
    for candidate in candidates:
        old, new = f"x.{candidate.before.alias}", f"y.{candidate.after.alias}"
        asked += [
            f"count(*) FILTER (WHERE {old} IS NOT DISTINCT FROM {new})",
            f"count(DISTINCT {old})",
        ]
    source = _sampled(session, keys)
    total, *counts = session.one(f"SELECT count(*), {', '.join(asked)} FROM {source}")
    shares = {}
    for place, candidate in enumerate(candidates):
        same, distinct = counts[2 * place : 2 * place + 2]
        if distinct > 1 and same >= AGREEMENT * total:
            shares[candidate.before.name, candidate.after.name] = same / total
    return shares


def _sampled(session: Session, keys: Keys | None) -> str:
    """Rows of both versions side by side, about SAMPLE_ROWS of them: of the same key, or with the same number."""
    every = max(1, max(session.before.rows, session.after.rows) // SAMPLE_ROWS)
    if keys is None:
        rows = [f"(SELECT * FROM {relation.sql()} WHERE r % {every} = 0)" for relation in session.sides]
        return f"{rows[0]} x JOIN {rows[1]} y ON x.r = y.r"
    rows = [
        f"(SELECT * FROM {keys.of(relation, extra=_listed(relation.columns))} WHERE hash({keys.listed}) % {every} = 0)"
        for relation in session.sides
    ]
    return f"{rows[0]} x JOIN {rows[1]} y ON {keys.joined('x', 'y')}"


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(column.alias for column in columns)


def _same_profiles(
    candidates: Sequence[_Candidate], profiles: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> dict[tuple[str, str], float]:
    """Pairs whose columns have the same counts, limits, middle and most frequent values."""
    old, new = ({item["name"]: item for item in profile.get("columns", ())} for profile in profiles)
    found = {}
    for candidate in candidates:
        pair = (candidate.before.name, candidate.after.name)
        before, after = old.get(pair[0]), new.get(pair[1])
        if before and after and _fingerprint(before) == _fingerprint(after) and before.get("distinct", 0) > 1:
            found[pair] = 1.0
    return found


def _fingerprint(column: Mapping[str, Any]) -> list[Any]:
    return [column.get(name) for name in _COMPARED]


def _best(shares: Mapping[tuple[str, str], float]) -> list[tuple[str, str, float]]:
    """Pairs of which each is the other's one best."""
    found = []
    for (old, new), share in shares.items():
        rivals = [other for pair, other in shares.items() if (pair[0] == old) != (pair[1] == new)]
        if all(rival < share for rival in rivals):
            found.append((old, new, share))
    return found
