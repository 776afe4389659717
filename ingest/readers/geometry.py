"""GeoJSON geometries as well-known binary, and what GeoParquet says of a column of them.

WKB is that of OGC 06-103r4, 8.2, with the ISO codes for a third coordinate (+1000), little-endian, as GeoParquet 1.1.0
asks for. GeoJSON's coordinates are longitude and latitude in WGS 84 (RFC 7946, 4), which is GeoParquet's default.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_CODES = {
    "Point": 1,
    "LineString": 2,
    "Polygon": 3,
    "MultiPoint": 4,
    "MultiLineString": 5,
    "MultiPolygon": 6,
    "GeometryCollection": 7,
}
_PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_Z = 1000
MAX_DEPTH = 16


class GeometryError(Exception):
    """The value is no GeoJSON geometry; the message says why, for people."""


@dataclass(slots=True)
class GeoSummary:
    """What has been seen in a column: types ("Point", "Polygon Z") and the bounds of each of three coordinates."""

    types: set[str] = field(default_factory=set)
    low: list[float] = field(default_factory=lambda: [math.inf] * 3)
    high: list[float] = field(default_factory=lambda: [-math.inf] * 3)

    def metadata(self, column: str, *, crs_known: bool) -> str:
        """The JSON that GeoParquet 1.1.0 wants under the key ``geo`` of the file's metadata.

        A coordinate system that the file names and that is not WGS 84 is not known to us: ``crs`` is then null.
        """
        described: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self.types)}
        if not crs_known:
            described["crs"] = None
        dimensions = 3 if self.types and all(name.endswith(" Z") for name in self.types) else 2
        if self.low[0] <= self.high[0]:
            described["bbox"] = [*self.low[:dimensions], *self.high[:dimensions]]
        found = {"version": "1.1.0", "primary_column": column, "columns": {column: described}}
        return json.dumps(found, separators=(",", ":"))

    def note(self, coordinates: Sequence[Sequence[float]]) -> None:
        for place, values in enumerate(zip(*coordinates, strict=True)):
            self.low[place] = min(self.low[place], *values)
            self.high[place] = max(self.high[place], *values)


def encode(geometry: Any, summary: GeoSummary | None = None) -> bytes:
    """The geometry as WKB. Raises GeometryError when it is none."""
    out = bytearray()
    name, has_z = _write(out, geometry, summary, 0)
    if summary is not None:
        summary.types.add(f"{name} Z" if has_z else name)
    return bytes(out)


def _write(out: bytearray, geometry: Any, summary: GeoSummary | None, depth: int) -> tuple[str, bool]:
    if not isinstance(geometry, Mapping) or geometry.get("type") not in _CODES:
        raise GeometryError("a value that is no GeoJSON geometry")
    name = str(geometry["type"])
    if name == "GeometryCollection":
        return name, _write_collection(out, geometry.get("geometries"), summary, depth)
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list):
        raise GeometryError("a geometry without coordinates")
    if name in _PARTS:
        mark = len(out)
        out += bytes(9)
        flags = {_write_simple(out, _PARTS[name], part, summary) for part in coordinates}
        struct.pack_into("<BII", out, mark, 1, _CODES[name] + _Z * _common(flags), len(coordinates))
        return name, _common(flags)
    return name, _write_simple(out, name, coordinates, summary)


def _write_collection(out: bytearray, members: Any, summary: GeoSummary | None, depth: int) -> bool:
    if not isinstance(members, list) or depth >= MAX_DEPTH:
        raise GeometryError("a collection of no geometries, or one within too many others")
    mark = len(out)
    out += bytes(9)
    flags = {_write(out, member, summary, depth + 1)[1] for member in members}
    struct.pack_into("<BII", out, mark, 1, _CODES["GeometryCollection"] + _Z * _common(flags), len(members))
    return _common(flags)


def _common(flags: set[bool]) -> bool:
    if len(flags) > 1:
        raise GeometryError("a geometry with two coordinates here and three there")
    return flags.pop() if flags else False


def _write_simple(out: bytearray, name: str, coordinates: Any, summary: GeoSummary | None) -> bool:
    """A point, line or polygon with its head; whether it has a third coordinate."""
    if name == "Point" and not coordinates:
        out += struct.pack("<BIdd", 1, _CODES[name], math.nan, math.nan)
        return False
    if name == "Polygon":
        lines = [_positions(ring, summary) for ring in _listed(coordinates)]
    else:
        lines = [_positions([coordinates] if name == "Point" else coordinates, summary)]
    has_z = _common({len(line[0]) == 3 for line in lines if line})
    out += struct.pack("<BI", 1, _CODES[name] + _Z * has_z)
    if name == "Polygon":
        out += struct.pack("<I", len(lines))
    for line in lines:
        if name != "Point":
            out += struct.pack("<I", len(line))
        flat = [value for position in line for value in position]
        out += struct.pack(f"<{len(flat)}d", *flat)
    return has_z


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise GeometryError("coordinates that are no list")
    return value


def _positions(values: Any, summary: GeoSummary | None) -> list[tuple[float, ...]]:
    """Positions of two or three coordinates; what stands behind the third has no meaning (RFC 7946, 3.1.1)."""
    try:
        found = [tuple(float(number) for number in position[:3]) for position in _listed(values)]
    except (TypeError, ValueError) as error:
        raise GeometryError("coordinates that are no numbers") from error
    if any(len(position) < 2 or not all(map(math.isfinite, position)) for position in found):
        raise GeometryError("a position without two numbers")
    if len({len(position) for position in found}) > 1:
        raise GeometryError("a geometry with two coordinates here and three there")
    if summary is not None and found:
        summary.note(found)
    return found
