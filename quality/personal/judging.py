"""Whether a column's values are personal data of the kinds that have a form, as a sample of them says.

One rule for all detectors. A column that is called so needs half of its look-alikes to pass. One that is not needs
clearly more than chance would give, and where chance gives much, nearly all and many different ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from catalog.personal.kinds import PersonalKind
from quality.personal.accounts import ACCOUNTS
from quality.personal.addresses import ADDRESSES, is_office
from quality.personal.detector import Detector, words_of
from quality.personal.masking import masked, masked_number
from quality.personal.national_ids import ANY_HEADER, NATIONAL_IDS
from quality.personal.phones import PHONES
from quality.personal.result import EXAMPLES, Dismissed, Evidence, Example, Hit
from quality.personal.sample import ColumnSample

DETECTORS: tuple[Detector, ...] = (*ADDRESSES, *ACCOUNTS, *NATIONAL_IDS, *PHONES)
BY_LETTER = frozenset({PersonalKind.EMAIL, PersonalKind.PERSON_NAME})
"""Kinds whose masked examples keep first letters."""

# So many values are tried by all detectors; a detector that none of them fits is not asked again.
TRIED = 200
CHECKED = 400
"""Different values of a column that are held against check digits and numbering plans, at most."""
WEAK = 0.01
"""A detector that more look-alikes pass by chance needs more than a few of them."""
DOUBT = 0.04
"""So unlikely must it be that all of a few matches are look-alikes."""
RARE = 0.001
"""One that so few pass by chance may be told among many look-alikes: others' digits are not as even as chance is."""

# Meanings that ingest has told and that look like identity numbers, phones or cards.
OTHER_MEANINGS = frozenset({"isbn", "issn", "gtin", "doi", "orcid", "uuid", "md5", "sha1", "sha256", "lei", "isin"})
OFFICE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Tried:
    """What a detector made of some different values: those of its form, and those that passed."""

    detector: Detector
    formed: int
    valid: tuple[str, ...]
    rows_formed: int
    rows_valid: int
    is_named: bool

    @property
    def share(self) -> float:
        return len(self.valid) / self.formed if self.formed else 0.0

    @property
    def is_beyond_chance(self) -> bool:
        """Whether more passed than look-alikes would by chance (four standard deviations)."""
        expected = self.formed * self.detector.chance
        return len(self.valid) > expected + 4 * math.sqrt(expected * (1 - self.detector.chance))


def judge(sample: ColumnSample, name: str) -> tuple[list[Hit], list[Dismissed]]:
    """The hits of whole values in a column's sample, one of a kind, and what was dismissed."""
    if sample.semantic in OTHER_MEANINGS or not sample.counts:
        return [], []
    tried = [item for detector in DETECTORS if (item := _tried(detector, sample, name)) is not None]
    hits, dismissed = [], []
    for kind in dict.fromkeys(item.detector.kind for item in tried):
        of_kind = [item for item in tried if item.detector.kind is kind]
        good = [item for item in of_kind if _is_hit(item, sample)]
        if good:
            hits.append(_hit(good, sample))
        elif any(item.valid or item.is_named for item in of_kind):
            dismissed.append(_dismissed(of_kind, name))
    return hits, dismissed


def _tried(detector: Detector, sample: ColumnSample, name: str) -> Tried | None:
    is_any_id = detector.kind is PersonalKind.NATIONAL_ID and not detector.only_named
    is_named = detector.is_named(name) or (is_any_id and ANY_HEADER.search(words_of(name)) is not None)
    if detector.only_named and not is_named:
        return None
    if sample.family != "text" and not detector.for_integers:
        return None
    if not any(detector.has_form(value) for value in islice(sample.counts, TRIED)):
        return None
    formed = [value for value in sample.counts if detector.has_form(value)]
    checked = formed[:: len(formed) // CHECKED + 1]
    valid = tuple(value for value in checked if detector.valid(value))
    return Tried(
        detector,
        len(checked),
        valid,
        sum(sample.counts[value] for value in formed),
        sum(sample.counts[value] for value in valid),
        is_named,
    )


def _is_hit(item: Tried, sample: ColumnSample) -> bool:
    if not item.valid:
        return False
    detector = item.detector
    if item.is_named:
        return item.share >= 0.5 and item.rows_formed >= 0.3 * sample.present
    if detector.chance <= WEAK:
        is_enough = detector.chance <= RARE or item.share >= 0.5
        return item.is_beyond_chance and is_enough and len(item.valid) >= min(detector.minimum, len(sample.counts))
    is_most = item.rows_formed >= 0.5 * sample.present
    return is_most and item.share >= 0.95 and len(item.valid) >= detector.minimum and item.is_beyond_chance


def _hit(good: Sequence[Tried], sample: ColumnSample) -> Hit:
    best = max(good, key=lambda item: (item.is_named, item.rows_valid, -item.detector.chance))
    detector = best.detector
    evidence = [Evidence("named")] if best.is_named else []
    if sample.semantic and sample.semantic == detector.kind.value:
        evidence.append(Evidence("meaning", {"code": sample.semantic}))
    evidence += [Evidence("form", {"share": percent(best.rows_formed / sample.present)}), *_passing(best)]
    return Hit(
        kind=detector.kind,
        column=sample.name,
        confidence=_confidence(best),
        matched=best.rows_formed,
        checked=best.formed,
        valid=len(best.valid),
        evidence_for=tuple(evidence),
        evidence_against=tuple(_against(best)),
        examples=tuple(Example(sample.row_of(value), mask(detector.kind, value)) for value in best.valid[:EXAMPLES]),
        schemes=tuple(dict.fromkeys(item.detector.scheme for item in (best,) if item.detector.scheme)),
        is_estimate=True,
        pattern=detector.pattern,
    )


def _passing(item: Tried) -> Iterable[Evidence]:
    counts = {"valid": len(item.valid), "checked": item.formed}
    if item.detector.has_checksum:
        expected = max(item.formed * item.detector.chance, 0.0)
        yield Evidence("checksum", {**counts, "chance": f"{expected:.2g}"})
    else:
        yield Evidence("valid", counts)


def _against(item: Tried) -> Iterable[Evidence]:
    if not item.is_named:
        yield Evidence("not-named")
    if not item.detector.has_checksum and item.detector.chance > WEAK:
        yield Evidence("no-checksum")
    if item.detector.kind is PersonalKind.EMAIL:
        share = sum(map(is_office, item.valid)) / len(item.valid)
        if share >= OFFICE_SHARE:
            yield Evidence("role-addresses", {"share": percent(share)})


def _confidence(item: Tried) -> float:
    base = 0.95 if item.detector.chance <= WEAK else 0.7
    if item.is_named:
        base = 0.98 if item.detector.has_checksum or item.detector.chance <= WEAK else 0.85
    return max(0.5, base * (0.5 + 0.5 * item.share) if item.is_named else base)


def _dismissed(of_kind: Sequence[Tried], name: str) -> Dismissed:
    best = max(of_kind, key=lambda item: (item.is_named, len(item.valid)))
    expected = f"{best.formed * best.detector.chance:.2g}"
    why = Evidence("chance", {"valid": len(best.valid), "checked": best.formed, "chance": expected})
    if best.is_named:
        why = Evidence("other-form")
    return Dismissed(best.detector.kind, name, (why,))


def mask(kind: PersonalKind, value: str) -> str:
    """A value of the kind so that nobody can read it back."""
    return masked(value) if kind in BY_LETTER else masked_number(value)


def percent(share: float) -> str:
    """A share in whole percent; what is not all is never told as 100 %."""
    value = 100 * share
    if 0 < value < 1:
        return "< 1 %"
    return f"{min(value, 99.0 if share < 1 else 100.0):.0f} %"
