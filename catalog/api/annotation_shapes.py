"""Annotations as the API tells them."""

from __future__ import annotations

from typing import Any, TypedDict

from django.conf import settings

from catalog.agreement import Agreement
from catalog.models import Annotation, AnnotationKind, Dataset
from catalog.services.annotating.annotated_rows import Fit


class AnnotationShape(TypedDict):
    """``row_key`` and ``row`` tell the row, ``before`` and ``value`` are cells as …/rows gives them.

    ``fit`` says of a correction how it stands to the version that was asked for: fits, done, differs, gone or unclear.
    """

    id: int
    kind: str
    state: str
    table: str
    version: str
    column: str
    aspect: str
    label: str
    row_key: dict[str, Any] | None
    row: int | None
    before: Any
    value: Any
    reason: str
    author: str
    created: str
    decided_by: str | None
    decided_at: str | None
    decision_note: str
    applied_in: str | None
    fit: str | None
    links: dict[str, str]


class LabelCountShape(TypedDict):
    value: str
    count: int


class AgreementShape(TypedDict):
    """``percent`` of the pairs of labels of one row agree; ``alpha`` is Krippendorff's, ``kappa`` Cohen's for two."""

    label: str
    people: list[str]
    rows: int
    shared: int
    ratings: int
    percent: float | None
    alpha: float | None
    kappa: float | None
    values: list[LabelCountShape]


def annotation_shape(annotation: Annotation, dataset: Dataset, fit: Fit | None = None) -> AnnotationShape:
    """``fit`` is None where nobody looked, or where it is no correction."""
    base = f"{settings.BASE_URL}/api/v1/datasets/{dataset.organization.slug}/{dataset.slug}"
    is_correction = annotation.kind == AnnotationKind.CORRECTION
    return {
        "id": annotation.pk,
        "kind": annotation.kind,
        "state": annotation.state,
        "table": annotation.table,
        "version": annotation.version.address,
        "column": annotation.column,
        "aspect": annotation.aspect,
        "label": annotation.label,
        "row_key": annotation.row_key,
        "row": annotation.row_number,
        "before": annotation.before if is_correction else None,
        "value": annotation.value,
        "reason": annotation.reason,
        "author": annotation.author.username,
        "created": annotation.created.isoformat(),
        "decided_by": annotation.decided_by.username if annotation.decided_by else None,
        "decided_at": annotation.decided_at.isoformat() if annotation.decided_at else None,
        "decision_note": annotation.decision_note,
        "applied_in": annotation.applied_in.address if annotation.applied_in else None,
        "fit": None if fit is None else fit.value,
        "links": {
            "self": f"{base}/annotations/{annotation.pk}",
            "version": f"{base}/versions/{annotation.version.address}",
        },
    }


def agreement_shape(label: str, found: Agreement) -> AgreementShape:
    return {
        "label": label,
        "people": list(found.people),
        "rows": found.things,
        "shared": found.shared,
        "ratings": found.ratings,
        "percent": found.percent,
        "alpha": found.alpha,
        "kappa": found.kappa,
        "values": [{"value": value, "count": count} for value, count in found.values],
    }
