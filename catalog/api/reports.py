from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import keys, storage
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import resource_url
from catalog.api.manners.shapes import ReportShape
from catalog.api.personal import personal_shape
from catalog.api.resources import find_resource
from catalog.errors import NotFound
from catalog.outcomes import shown_outcomes, without_values
from catalog.permissions import sees_values
from catalog.services.delivering.entitlements import require_bytes


class ReportView(APIView):
    """Verdict, every rule's outcome and the profile. Cell values only for those who may have the bytes."""

    @documented("Read a table's quality report", answers=shape(ReportShape), tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        report = found.report
        if report is None:
            raise NotFound(
                _("This table has not been checked yet."), remedy=_("Ask again when its verdict is not “pending”.")
            )
        with_values = sees_values(actor, found.version)
        profile: dict[str, Any] = report.profile if with_values else without_values(report.profile)
        body: ReportShape = {
            "verdict": report.verdict,
            "score": report.score,
            "counts": report.counts,
            "outcomes": shown_outcomes(
                report.outcomes, with_values=with_values, report_url=f"{resource_url(found)}/report"
            ),
            "profile": profile,
            "personal": personal_shape(found, with_values=with_values),
            "seconds": report.seconds,
            "engine": report.engine,
            "created": report.created.isoformat(),
            "values_hidden": not with_values,
        }
        return answer(request, body)


class ExpectationsView(APIView):
    """Great Expectations' own result, whole. It holds values, so it needs the right to the bytes."""

    @documented("Read the expectation run whole", answers={"type": "object"}, tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponse:
        actor, found = find_resource(request, owner, dataset, version, resource)
        require_bytes(actor=actor, resource=found)
        if found.report is None or not found.report.expectations_sha256:
            raise NotFound(_("There is no expectation run of this table."))
        data = storage.read_bytes(keys.expectations(found.version.dataset_id, found.report.expectations_sha256))
        return HttpResponse(data, content_type="application/json")
