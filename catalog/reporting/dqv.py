"""A version's quality in the W3C's Data Quality Vocabulary, as JSON-LD.

Measurements, the steward's decision as a certificate of quality, and the rules' verdict; the terms are those of
https://www.w3.org/TR/vocab-dqv/ (2016), the dimensions those of https://www.w3.org/2016/05/ldqd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.models import Resource, Version
from catalog.reporting.scorecard import Scorecard, refused_cells

CONTEXT: Mapping[str, Any] = {
    "dqv": "http://www.w3.org/ns/dqv#",
    "ldqd": "http://www.w3.org/2016/05/ldqd#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_METRICS: Mapping[str, tuple[str, str, str]] = {
    "completeness": ("ldqd:completeness", "Share of cells that have a value", "xsd:double"),
    "checks-passed": ("ldqd:consistency", "Share of checks that passed", "xsd:double"),
    "check-score": ("ldqd:consistency", "Weighted score of the checks, 0 to 100", "xsd:double"),
    "refused-cells": ("ldqd:syntacticValidity", "Cells of the original that were refused", "xsd:integer"),
    "repeated-rows": ("ldqd:conciseness", "Rows that repeat an earlier one", "xsd:integer"),
    "score": ("ldqd:understandability", "Points of the to-do list, 0 to 100", "xsd:integer"),
}


def as_dqv(
    *, version: Version, tables: Sequence[Resource], card: Scorecard, url: str, decision: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The graph. ``url`` is the version's address; ``decision`` as the manifest keeps it, if there was one."""
    of_version = [_measurement(f"{url}#score", url, "score", card.score)]
    nodes: list[dict[str, Any]] = [
        {
            "@id": url,
            "@type": "dcat:Dataset",
            "dcterms:title": version.dataset.title,
            "dcat:version": version.number,
            "dqv:hasQualityMeasurement": [{"@id": item["@id"]} for item in of_version],
            "dcat:distribution": [{"@id": f"{url}/resources/{table.name}"} for table in tables],
        },
        *of_version,
    ]
    for table in tables:
        nodes.extend(_table(table, f"{url}/resources/{table.name}"))
    if decision and decision.get("policy") == "review":
        nodes[0]["dqv:hasQualityAnnotation"] = {"@id": f"{url}#decision"}
        nodes.append(_certificate(url, decision))
    nodes.extend(_metrics())
    return {"@context": dict(CONTEXT), "@graph": nodes}


def _table(table: Resource, address: str) -> Iterator[dict[str, Any]]:
    found = list(_measured(table, address))
    yield {
        "@id": address,
        "@type": "dcat:Distribution",
        "dcterms:identifier": table.name,
        "dqv:hasQualityMeasurement": [{"@id": item["@id"]} for item in found],
    }
    yield from found


def _measured(table: Resource, address: str) -> Iterator[dict[str, Any]]:
    columns = table.profile.get("columns", [])
    there = sum(column.get("count", 0) for column in columns)
    cells = there + sum(column.get("nulls", 0) for column in columns)
    if cells:
        yield _measurement(f"{address}#completeness", address, "completeness", there / cells)
    if table.profile.get("duplicate_rows") is not None:
        yield _measurement(f"{address}#repeated-rows", address, "repeated-rows", table.profile["duplicate_rows"])
    yield _measurement(f"{address}#refused-cells", address, "refused-cells", refused_cells(table))
    if table.report is not None:
        counts = table.report.counts
        asked = sum(counts.values())
        if asked:
            passed = counts.get("passed", 0) / asked
            yield _measurement(f"{address}#checks-passed", address, "checks-passed", passed)
        if table.report.score is not None:
            yield _measurement(f"{address}#check-score", address, "check-score", float(table.report.score))


def _measurement(address: str, of: str, metric: str, value: float) -> dict[str, Any]:
    _dimension, _words, kind = _METRICS[metric]
    number = repr(round(value, 6)) if kind == "xsd:double" else str(int(value))
    return {
        "@id": address,
        "@type": "dqv:QualityMeasurement",
        "dqv:computedOn": {"@id": of},
        "dqv:isMeasurementOf": {"@id": _metric(metric)},
        "dqv:value": {"@value": number, "@type": kind},
    }


def _certificate(url: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": f"{url}#decision",
        "@type": "dqv:QualityCertificate",
        "oa:hasTarget": {"@id": url},
        "oa:motivatedBy": {"@id": "dqv:qualityAssessment"},
        "prov:generatedAtTime": {"@value": decision.get("at"), "@type": "xsd:dateTime"},
        "prov:wasAttributedTo": decision.get("by"),
        "dcterms:description": decision.get("reason") or "",
    }


def _metrics() -> Iterator[dict[str, Any]]:
    for name, (dimension, words, kind) in _METRICS.items():
        yield {
            "@id": _metric(name),
            "@type": "dqv:Metric",
            "skos:definition": words,
            "dqv:expectedDataType": {"@id": kind},
            "dqv:inDimension": {"@id": dimension},
        }


def _metric(name: str) -> str:
    return f"urn:commonfield:metric:{name}"
