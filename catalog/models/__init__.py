"""One noun a file. Models hold fields, constraints and queryset words; rules live in services."""

from catalog.models.access_request import AccessRemark, AccessRequest, AccessRequestState
from catalog.models.agreement import Agreement, QuestionKind, Signature
from catalog.models.alias import ColumnAlias
from catalog.models.annotation import Annotation, AnnotationAspect, AnnotationKind, AnnotationState
from catalog.models.audit_event import AuditEvent
from catalog.models.audit_link import AuditCheck, AuditLink, AuditPending
from catalog.models.dataset import Access, Dataset, UpdateFrequency
from catalog.models.dataset_name import DatasetName
from catalog.models.document import Document
from catalog.models.follow import Follow
from catalog.models.grant import AccessGrant
from catalog.models.invitation import Invitation
from catalog.models.notice import FOLLOWED, Notice, NoticeKind, mail_group
from catalog.models.organization import Membership, Organization, ReviewPolicy, Role
from catalog.models.part import Part
from catalog.models.pending_decision import PendingDecision
from catalog.models.query import StoredQuery
from catalog.models.quota import Quota, QuotaKind
from catalog.models.remark import Remark
from catalog.models.report import QualityReport, VerdictStatus
from catalog.models.resource import Resource
from catalog.models.review import SENT_BACK, Review, ReviewState
from catalog.models.schema import StandardSchema
from catalog.models.source import ResourceSource, SourceMode
from catalog.models.token import Scope, Token
from catalog.models.user import MailGroup, Theme, User
from catalog.models.version import Version, VersionState

__all__ = [
    "FOLLOWED",
    "SENT_BACK",
    "Access",
    "AccessGrant",
    "AccessRemark",
    "AccessRequest",
    "AccessRequestState",
    "Agreement",
    "Annotation",
    "AnnotationAspect",
    "AnnotationKind",
    "AnnotationState",
    "AuditCheck",
    "AuditEvent",
    "AuditLink",
    "AuditPending",
    "ColumnAlias",
    "Dataset",
    "DatasetName",
    "Document",
    "Follow",
    "Invitation",
    "MailGroup",
    "Membership",
    "Notice",
    "NoticeKind",
    "Organization",
    "Part",
    "PendingDecision",
    "QualityReport",
    "QuestionKind",
    "Quota",
    "QuotaKind",
    "Remark",
    "Resource",
    "ResourceSource",
    "Review",
    "ReviewPolicy",
    "ReviewState",
    "Role",
    "Scope",
    "Signature",
    "SourceMode",
    "StandardSchema",
    "StoredQuery",
    "Theme",
    "Token",
    "UpdateFrequency",
    "User",
    "VerdictStatus",
    "Version",
    "VersionState",
    "mail_group",
]
