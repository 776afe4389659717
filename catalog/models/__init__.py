"""One noun a file. Models hold fields, constraints and queryset words; rules live in services."""

from catalog.models.alias import ColumnAlias
from catalog.models.annotation import Annotation, AnnotationAspect, AnnotationKind, AnnotationState
from catalog.models.audit_event import AuditEvent
from catalog.models.dataset import Access, Dataset, UpdateFrequency
from catalog.models.grant import AccessGrant
from catalog.models.organization import Membership, Organization, ReviewPolicy, Role
from catalog.models.part import Part
from catalog.models.remark import Remark
from catalog.models.report import QualityReport, VerdictStatus
from catalog.models.resource import Resource
from catalog.models.review import Review, ReviewState
from catalog.models.schema import StandardSchema
from catalog.models.source import ResourceSource, SourceMode
from catalog.models.token import Scope, Token
from catalog.models.user import User
from catalog.models.version import Version, VersionState

__all__ = [
    "Access",
    "AccessGrant",
    "Annotation",
    "AnnotationAspect",
    "AnnotationKind",
    "AnnotationState",
    "AuditEvent",
    "ColumnAlias",
    "Dataset",
    "Membership",
    "Organization",
    "Part",
    "QualityReport",
    "Remark",
    "Resource",
    "ResourceSource",
    "Review",
    "ReviewPolicy",
    "ReviewState",
    "Role",
    "Scope",
    "SourceMode",
    "StandardSchema",
    "Token",
    "UpdateFrequency",
    "User",
    "VerdictStatus",
    "Version",
    "VersionState",
]
