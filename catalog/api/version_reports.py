"""The report of a whole version: one record of bytes, schema, recipe, checks, decision and score; and as DQV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import resource_url, version_summary, version_url
from catalog.api.manners.shapes import VersionQualityShape, VersionReportShape, VersionTableShape
from catalog.api.versions import find_version
from catalog.hashes import canonical_json
from catalog.models import Resource, Version
from catalog.outcomes import shown_outcomes
from catalog.permissions import sees_values
from catalog.recipes import without_values
from catalog.reporting.dqv import as_dqv
from catalog.reporting.scorecard import Scorecard, scorecard
from catalog.selectors.decisions import decision_of
from catalog.selectors.quality import VersionQuality, quality_history


class VersionReportView(APIView):
    """What binds the version together: each table's bytes, schema, recipe and checks; who decided; what is left to do.

    Cell values only for those who may have the bytes.
    """

    @documented("Read the report of a version", answers=shape(VersionReportShape), tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        tables = _tables(found)
        with_values = sees_values(actor, found)
        body: VersionReportShape = {
            "dataset": f"{owner}/{dataset}",
            "version": version_summary(found),
            "manifest_sha256": found.manifest_sha256,
            "tables": [_table(table, with_values=with_values) for table in tables],
            "decision": decision_of(found),
            "scorecard": _card(found, tables).to_json(),
            "history": [_quality(item) for item in quality_history(found.dataset, found)],
            "values_hidden": not with_values,
            "links": {"self": f"{version_url(found)}/report", "dqv": f"{version_url(found)}/report.dqv.jsonld"},
        }
        return answer(request, body)


class VersionDqvView(APIView):
    """Names and counts, no values: for everybody who can see the version."""

    @documented("Read the report as W3C Data Quality Vocabulary (JSON-LD)", answers={"type": "object"}, tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        _actor, found = find_version(request, owner, dataset, version)
        tables = _tables(found)
        graph = as_dqv(
            version=found,
            tables=tables,
            card=_card(found, tables),
            url=version_url(found),
            decision=decision_of(found),
        )
        return HttpResponse(canonical_json(graph), content_type="application/ld+json")


def _tables(version: Version) -> Sequence[Resource]:
    return list(version.resources.select_related("report", "version").prefetch_related("parts", "sources"))


def _card(version: Version, tables: Sequence[Resource]) -> Scorecard:
    return scorecard(dataset=version.dataset, version=version, tables=tables, now=timezone.now())


def _table(table: Resource, *, with_values: bool) -> VersionTableShape:
    report = table.report
    url = f"{resource_url(table)}/report"
    return {
        "name": table.name,
        "rows": table.rows,
        "parts": [{"sha256": part.sha256, "rows": part.rows, "bytes": part.bytes} for part in table.parts.all()],
        "schema": table.schema,
        "recipe": _recipe(table, with_values=with_values),
        "verdict": table.verdict,
        "score": report.score if report else None,
        "counts": report.counts if report else {},
        "outcomes": shown_outcomes(report.outcomes, with_values=with_values, report_url=url) if report else [],
        "expectations_sha256": report.expectations_sha256 if report else "",
        "findings": table.findings_count,
        "report": url,
    }


def _quality(quality: VersionQuality) -> VersionQualityShape:
    version = quality.version
    return {
        "version": version.address,
        "verdict": version.verdict,
        "counts": quality.counts,
        "score": quality.score,
    }


def _recipe(table: Resource, *, with_values: bool) -> list[dict[str, Any]]:
    return table.recipe if with_values else without_values(table.recipe)
