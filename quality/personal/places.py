"""Coordinates: whether they are fine enough to find a home, and whether they lie scattered as homes do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.personal.kinds import PersonalKind
from quality.personal.detector import named, words_of
from quality.personal.judging import mask, percent
from quality.personal.result import EXAMPLES, Dismissed, Evidence, Example, Hit
from quality.personal.sample import ColumnSample

LATITUDE = named("lat|latitude|latitud|latitudine|breite|breitengrad|широта|纬度|緯度|위도|y coord")
LONGITUDE = named("lon|lng|long|longitude|longitud|longitudine|länge|längengrad|долгота|经度|經度|경도|x coord")
_PAIR = re.compile(r"[(\[]?(-?[0-9]{1,2}\.[0-9]+)[,; ]\s*(-?[0-9]{1,3}\.[0-9]+)[)\]]?")
_POINT = re.compile(r"(?i:POINT) ?\((-?[0-9]{1,3}\.[0-9]+) (-?[0-9]{1,2}\.[0-9]+)\)")

# Four decimals of a degree are eleven metres at most (40,008 km / 360 / 10,000).
FINE_DECIMALS = 4
FINE_SHARE = 0.5
# Of so many different places in a hundred rows, each stands for a person or a thing of its own.
SCATTERED_SHARE = 0.5
PLACES = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """The places of a table's sample: (row, latitude, longitude as written), and the column that is told of."""

    column: str
    is_named: bool
    places: tuple[tuple[int, str, str], ...]


def judge_places(samples: Mapping[str, ColumnSample]) -> tuple[list[Hit], list[Dismissed]]:
    """Hits of fine, scattered coordinates, and what was dismissed as too coarse or repeated."""
    hits: list[Hit] = []
    dismissed: list[Dismissed] = []
    for pair in _pairs(samples):
        found = _judged(pair)
        if isinstance(found, Hit):
            hits.append(found)
        elif found is not None:
            dismissed.append(found)
    return hits, dismissed


def _pairs(samples: Mapping[str, ColumnSample]) -> list[Pair]:
    found = [pair for sample in samples.values() if (pair := _written_together(sample)) is not None]
    latitudes = [item for item in samples.values() if _is(item, "latitude", LATITUDE)]
    longitudes = [item for item in samples.values() if _is(item, "longitude", LONGITUDE)]
    for latitude, longitude in zip(latitudes, longitudes, strict=False):
        east = dict(longitude.rows)
        places = tuple((row, north, east[row]) for row, north in latitude.rows if row in east)
        found.append(Pair(latitude.name, True, places))
    return found


def may_be_place(sample: ColumnSample) -> bool:
    """Whether a column may be of coordinates: cheap, so that only these samples are kept."""
    return (
        _is(sample, "latitude", LATITUDE)
        or _is(sample, "longitude", LONGITUDE)
        or _written_together(sample) is not None
    )


def _is(sample: ColumnSample, semantic: str, header: re.Pattern[str]) -> bool:
    if sample.family not in ("float", "decimal", "text") or not sample.rows:
        return False
    if sample.semantic != semantic and header.search(words_of(sample.name)) is None:
        return False
    limit = 90 if semantic == "latitude" else 180
    return _share([_is_within(value, limit) for value in sample.counts]) > 0.95


def _written_together(sample: ColumnSample) -> Pair | None:
    """Latitude and longitude in one text: "52.5200, 13.4050", or WKT's POINT."""
    if sample.family != "text":
        return None
    places = []
    for row, value in sample.rows:
        if (plain := _PAIR.fullmatch(value)) is not None:
            places.append((row, plain[1], plain[2]))
        elif (point := _POINT.fullmatch(value)) is not None:
            places.append((row, point[2], point[1]))
    is_most = len(places) >= 0.5 * max(1, sample.present)
    return Pair(sample.name, False, tuple(places)) if places and is_most else None


def _judged(pair: Pair) -> Hit | Dismissed | None:
    places = pair.places
    if len(places) < 2:
        return None
    distinct = {(north, east) for _row, north, east in places}
    fine = _share(
        [_decimals(north) >= FINE_DECIMALS and _decimals(east) >= FINE_DECIMALS - 1 for _, north, east in places]
    )
    counts = {"places": len(distinct), "rows": len(places)}
    if fine < FINE_SHARE:
        return Dismissed(PersonalKind.LOCATION, pair.column, (Evidence("coarse"),))
    if len(distinct) < PLACES or len(distinct) < SCATTERED_SHARE * len(places):
        return Dismissed(PersonalKind.LOCATION, pair.column, (Evidence("repeated", counts),))
    return Hit(
        PersonalKind.LOCATION,
        pair.column,
        0.55,
        matched=0,
        checked=len(places),
        valid=round(fine * len(places)),
        evidence_for=(Evidence("fine", {"share": percent(fine)}), Evidence("scattered", counts)),
        examples=tuple(
            Example(row, f"{mask(PersonalKind.LOCATION, north)}, {mask(PersonalKind.LOCATION, east)}")
            for row, north, east in places[:EXAMPLES]
        ),
        is_estimate=True,
    )


def beside_persons(hits: Sequence[Hit]) -> list[Hit]:
    """Coordinates weigh more beside names or numbers of persons, and are doubtful where nothing else is about them."""
    others = sorted({hit.column for hit in hits if hit.kind is not PersonalKind.LOCATION and hit.column is not None})
    if others:
        why = Evidence("beside", {"columns": ", ".join(others[:5])})
        return [hit.surer(0.3, why) if hit.kind is PersonalKind.LOCATION else hit for hit in hits]
    return [hit.against(Evidence("alone")) if hit.kind is PersonalKind.LOCATION else hit for hit in hits]


def _decimals(number: str) -> int:
    return len(number.partition(".")[2].rstrip("0"))


def _is_within(value: str, limit: float) -> bool:
    try:
        return abs(float(value)) <= limit
    except ValueError:
        return False


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers) if answers else 0.0
