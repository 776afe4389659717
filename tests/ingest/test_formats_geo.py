"""GeoJSON as GeoParquet: DuckDB, which reads the metadata and the binary by itself, sees the same geometries."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.ingest.result import Result

Ingest = Callable[..., Result]

SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"type": "Point", "coordinates": [1.5, 2]}, "POINT (1.5 2)"),
    ({"type": "Point", "coordinates": [1.5, 2, 3]}, "POINT Z (1.5 2 3)"),
    ({"type": "Point", "coordinates": []}, "POINT EMPTY"),
    ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "LINESTRING (0 0, 1 1)"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]]]}, "POLYGON ((0 0, 4 0, 4 4, 0 0))"),
    ({"type": "MultiPoint", "coordinates": [[0, 0], [1, 2]]}, "MULTIPOINT (0 0, 1 2)"),
    ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], []]}, "MULTILINESTRING ((0 0, 1 1), EMPTY)"),
    (
        {"type": "MultiPolygon", "coordinates": [[[[0, 0], [4, 0], [4, 4], [0, 0]]]]},
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))",
    ),
    (
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [7, 8]}]},
        "GEOMETRYCOLLECTION (POINT (7 8))",
    ),
]


def collection(*geometries: Any, **members: Any) -> str:
    features = [
        {"type": "Feature", "properties": {"n": place}, "geometry": geometry}
        for place, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def geo_of(result: Result) -> dict[str, Any]:
    metadata = pq.read_schema(result.resource.parts[0].path).metadata
    found: dict[str, Any] = json.loads(metadata[b"geo"])
    return found


@pytest.mark.parametrize(("shape", "text"), SHAPES, ids=[text for _shape, text in SHAPES])
def test_every_kind_of_geometry(ingest: Ingest, shape: dict[str, Any], text: str) -> None:
    result = ingest(collection(shape, None), "t.geojson")
    query = f"SELECT geometry::VARCHAR FROM read_parquet('{result.resource.parts[0].path}')"
    assert duckdb.sql(query).fetchall() == [(text,), (None,)]
    assert result.resource.schema["geometry"].type == "geojson"
    assert result.types["geometry"] == "binary"


def test_what_geoparquet_says_of_the_column(ingest: Ingest) -> None:
    point, line = SHAPES[0][0], SHAPES[3][0]
    assert geo_of(ingest(collection(point, line), "t.geojson")) == {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {"encoding": "WKB", "geometry_types": ["LineString", "Point"], "bbox": [0.0, 0.0, 1.5, 2.0]}
        },
    }
    high = geo_of(ingest(collection(SHAPES[1][0]), "t.geojson"))["columns"]["geometry"]
    assert (high["geometry_types"], high["bbox"]) == (["Point Z"], [1.5, 2.0, 3.0, 1.5, 2.0, 3.0])


@pytest.mark.parametrize(
    ("name", "known"), [("urn:ogc:def:crs:OGC:1.3:CRS84", True), ("urn:ogc:def:crs:EPSG::25832", False)]
)
def test_a_named_coordinate_system(ingest: Ingest, name: str, known: bool) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    column = geo_of(ingest(collection(SHAPES[0][0], crs=crs), "t.geojson"))["columns"]["geometry"]
    assert ("crs" in column) is not known
    assert column.get("crs") is None


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "Point", "coordinates": ["a", 1]},
        {"type": "Circle", "coordinates": [1, 1]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1, 1]]},
        {"type": "Point"},
        {"type": "Polygon", "coordinates": [[1, 2], [3, 4]]},
        {"type": "Point", "coordinates": [1e999, 0]},
    ],
)
def test_a_geometry_that_is_none_keeps_the_column_text(ingest: Ingest, bad: dict[str, Any]) -> None:
    result = ingest(collection(SHAPES[0][0], bad), "t.geojson")
    assert json.loads(result.rows[0]["geometry"]) == SHAPES[0][0]
    assert result.codes == {"geometry-kept-as-json": 1}
    assert b"geo" not in (pq.read_schema(result.resource.parts[0].path).metadata or {})
