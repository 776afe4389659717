"""Whether there are personal data within texts, and among values whose form is unlike that of their column's others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.personal.kinds import PersonalKind
from quality.personal.detector import Detector
from quality.personal.judging import DETECTORS, DOUBT, WEAK, mask
from quality.personal.names import TITLED, is_titled
from quality.personal.result import EXAMPLES, Evidence, Example, Hit


@dataclass(frozen=True, slots=True)
class Found:
    """One match of a detector within a value."""

    detector: Detector
    text: str
    row: int


_TITLED = Detector(PersonalKind.PERSON_NAME, TITLED, is_titled, 0.05, inside=TITLED, has_checksum=False)
INSIDE: tuple[Detector, ...] = (*(detector for detector in DETECTORS if detector.inside), _TITLED)
WHOLE: tuple[Detector, ...] = tuple(item for item in DETECTORS if item.chance <= WEAK and not item.inside)


def judge_unlike(
    values: Sequence[tuple[int, str]], *, column: str, unlike: int, known: Iterable[PersonalKind]
) -> list[Hit]:
    """The hits among values whose form is unlike the column's others, or that are running text; one of a kind.

    ``values`` are (row, value) of the ``unlike`` rows there are, or an even choice of them. ``known`` kinds are the
    column's already.
    """
    found: dict[PersonalKind, dict[Detector, list[Found]]] = {}
    failed: dict[Detector, int] = {}
    left_out = set(known)
    for row, value in values:
        for detector, text in _within(value, failed):
            if detector.kind not in left_out:
                found.setdefault(detector.kind, {}).setdefault(detector, []).append(Found(detector, text, row))
    factor = unlike / len(values) if values else 1.0
    hits = []
    for kind, by_detector in found.items():
        good = {detector: items for detector, items in by_detector.items() if _is_convincing(detector, items, failed)}
        if good:
            hits.append(_hit_inside(kind, good, failed, column=column, factor=factor))
    return hits


def _within(value: str, failed: dict[Detector, int]) -> Iterable[tuple[Detector, str]]:
    for detector in INSIDE:
        within = detector.within
        for match in within.finditer(value) if within is not None else ():
            if detector.valid(match.group().strip()):
                yield detector, match.group()
            else:
                failed[detector] = failed.get(detector, 0) + 1
    for detector in WHOLE:
        if detector.has_form(value):
            if detector.valid(value):
                yield detector, value
            else:
                failed[detector] = failed.get(detector, 0) + 1


def _is_convincing(detector: Detector, items: Sequence[Found], failed: Mapping[Detector, int]) -> bool:
    """Whether the matches are no chance: by count where look-alikes are rare, else by the share that passes."""
    distinct = len({item.text for item in items})
    tried = distinct + failed.get(detector, 0)
    expected = tried * detector.chance
    if detector.chance <= WEAK:
        return distinct > expected + 4 * math.sqrt(expected)
    needed = math.ceil(math.log(DOUBT) / math.log(detector.chance))
    return distinct >= min(needed, 3) and distinct >= 0.8 * tried


def _hit_inside(
    kind: PersonalKind,
    found: Mapping[Detector, Sequence[Found]],
    failed: Mapping[Detector, int],
    *,
    column: str,
    factor: float,
) -> Hit:
    items = [item for of_detector in found.values() for item in of_detector]
    rows = {item.row for item in items}
    texts = {item.text for item in items}
    tried = len(texts) + sum(failed.get(detector, 0) for detector in found)
    surest = min(found, key=lambda detector: detector.chance)
    against = [Evidence("not-named")]
    if len(rows) < 5:
        against.append(Evidence("few", {"count": len(rows)}))
    if not surest.has_checksum and surest.chance > WEAK:
        against.append(Evidence("no-checksum"))
    firsts: dict[str, Found] = {}
    for item in items:
        firsts.setdefault(item.text, item)
    return Hit(
        kind=kind,
        column=column,
        confidence=0.9 if surest.chance <= WEAK else 0.65,
        matched=round(len(rows) * factor),
        checked=tried,
        valid=len(texts),
        evidence_for=(Evidence("inside-text"), Evidence("valid", {"valid": len(texts), "checked": tried})),
        evidence_against=tuple(against),
        examples=tuple(Example(item.row, mask(kind, item.text)) for item in list(firsts.values())[:EXAMPLES]),
        schemes=tuple(sorted({detector.scheme for detector in found if detector.scheme})),
        is_estimate=factor > 1,
        inside_text=True,
    )
