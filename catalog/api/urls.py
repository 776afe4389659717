"""The API's addresses, listed by hand: nothing becomes an endpoint by being importable."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from catalog.api import (
    annotations,
    converters,
    datasets,
    docs,
    failing_rows,
    files,
    grants,
    licenses,
    me,
    organizations,
    reports,
    resources,
    reviews,
    schemas,
    tokens,
    version_reports,
    versions,
)
from catalog.api import rows as table_rows

app_name = "api"
_ = converters  # Registered by being imported.

DATASET = "datasets/<cfslug:owner>/<cfslug:dataset>"
VERSION = f"{DATASET}/versions/<cfversion:version>"
RESOURCE = f"{VERSION}/resources/<cfslug:resource>"

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", docs.DocsView.as_view(url_name="api:openapi"), name="docs"),
    path("me", me.MeView.as_view(), name="me"),
    path("licenses", licenses.LicensesView.as_view(), name="licenses"),
    path("organizations", organizations.OrganizationsView.as_view(), name="organizations"),
    path("organizations/<cfslug:owner>", organizations.OrganizationView.as_view(), name="organization"),
    path("organizations/<cfslug:owner>/members", organizations.MembersView.as_view(), name="members"),
    path(
        "organizations/<cfslug:owner>/members/<str:username>",
        organizations.MemberView.as_view(),
        name="member",
    ),
    path("schemas", schemas.SchemasView.as_view(), name="schemas"),
    path("schemas/<cfslug:name>", schemas.SchemaView.as_view(), name="schema"),
    path("schemas/<cfslug:name>/<cfversion:number>", schemas.SchemaVersionView.as_view(), name="schema-version"),
    path("search", datasets.SearchView.as_view(), name="search"),
    path("datasets", datasets.DatasetsView.as_view(), name="datasets"),
    path(DATASET, datasets.DatasetView.as_view(), name="dataset"),
    path(f"{DATASET}/grants", grants.GrantsView.as_view(), name="grants"),
    path(f"{DATASET}/grants/<str:username>", grants.GrantView.as_view(), name="grant"),
    path(f"{DATASET}/annotations/<int:annotation_id>", annotations.AnnotationView.as_view(), name="annotation"),
    path(
        f"{DATASET}/annotations/<int:annotation_id>/decision",
        annotations.AnnotationDecisionView.as_view(),
        name="annotation-decision",
    ),
    path(
        f"{DATASET}/annotations/<int:annotation_id>/withdraw",
        annotations.AnnotationWithdrawalView.as_view(),
        name="annotation-withdraw",
    ),
    path(f"{DATASET}/audit", grants.AuditView.as_view(), name="audit"),
    path(f"{DATASET}/versions", versions.VersionsView.as_view(), name="versions"),
    path(VERSION, versions.VersionView.as_view(), name="version"),
    path(f"{VERSION}/submit", versions.SubmissionView.as_view(), name="submit"),
    path(f"{VERSION}/withdraw-submission", versions.TakeBackView.as_view(), name="take-back"),
    path(f"{VERSION}/withdraw", versions.WithdrawalView.as_view(), name="withdraw"),
    path(f"{VERSION}/manifest", versions.ManifestView.as_view(), name="manifest"),
    path(f"{VERSION}/report", version_reports.VersionReportView.as_view(), name="version-report"),
    path(f"{VERSION}/report.dqv.jsonld", version_reports.VersionDqvView.as_view(), name="version-dqv"),
    path(f"{VERSION}/files.json", versions.FilesView.as_view(), name="files"),
    path(f"{RESOURCE}.parquet", files.ParquetView.as_view(), name="parquet"),
    path(RESOURCE, resources.ResourceView.as_view(), name="resource"),
    path(f"{RESOURCE}/parts/<int:part>.parquet", files.PartView.as_view(), name="part"),
    path(f"{RESOURCE}/original", files.OriginalView.as_view(), name="original"),
    path(f"{RESOURCE}/originals/<int:source>", files.SourceView.as_view(), name="source"),
    path(f"{RESOURCE}/findings", resources.FindingsView.as_view(), name="findings"),
    path(f"{RESOURCE}/findings.csv", files.FindingsCsvView.as_view(), name="findings-csv"),
    path(f"{RESOURCE}/findings.parquet", files.FindingsParquetView.as_view(), name="findings-parquet"),
    path(f"{RESOURCE}/report", reports.ReportView.as_view(), name="report"),
    path(f"{RESOURCE}/report/expectations", reports.ExpectationsView.as_view(), name="expectations"),
    path(
        f"{RESOURCE}/report/failing/<slug:rule>.parquet",
        failing_rows.FailingParquetView.as_view(),
        name="failing-parquet",
    ),
    path(f"{RESOURCE}/report/failing/<slug:rule>.csv", failing_rows.FailingCsvView.as_view(), name="failing-csv"),
    path(f"{RESOURCE}/rows", table_rows.RowsView.as_view(), name="rows"),
    path(f"{RESOURCE}/annotations", annotations.AnnotationsView.as_view(), name="annotations"),
    path(f"{RESOURCE}/annotations.csv", annotations.AnnotationsCsvView.as_view(), name="annotations-csv"),
    path(f"{RESOURCE}/annotations/agreement", annotations.AgreementView.as_view(), name="agreement"),
    path(f"{RESOURCE}/check", resources.CheckView.as_view(), name="check"),
    path("reviews", reviews.ReviewsView.as_view(), name="reviews"),
    path("reviews/<int:review_id>", reviews.ReviewView.as_view(), name="review"),
    path("reviews/<int:review_id>/claim", reviews.ClaimView.as_view(), name="claim"),
    path("reviews/<int:review_id>/remarks", reviews.RemarksView.as_view(), name="remarks"),
    path("reviews/<int:review_id>/decision", reviews.DecisionView.as_view(), name="decision"),
    path("tokens", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<int:token_id>", tokens.TokenView.as_view(), name="token"),
]
