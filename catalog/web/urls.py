"""The addresses of the catalog's pages. ``{owner}/`` comes last: it would swallow the others."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.web.access import access_requests, agreements, grants
from catalog.web.account import following, notices, own_settings, tokens
from catalog.web.administration import all_agreements, audit, front, jobs, users, verifying
from catalog.web.dataset import compare, edit, overview, schema, schema_column, standing, use, versions
from catalog.web.frame import about, converters, docs, favicon, send_again
from catalog.web.organization import invitations, organization_quality, organizations, people, standard_schemas
from catalog.web.report import quality, version_report
from catalog.web.search import home
from catalog.web.steward import overlay, queue, reviews, work
from catalog.web.table import data, sql

app_name = "catalog"
_ = converters  # Registered by being imported.

DATASET = "<name:owner>/<name:dataset>/"
VERSION = f"{DATASET}v/<version:version>/"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("docs/", docs.docs, name="docs"),
    path("docs/<slug:name>", docs.docs, name="docs_page"),
    path("about/", about.about, name="about"),
    path("organizations/", organizations.list_all, name="organizations"),
    path("organizations/new/", organizations.create, name="organization_new"),
    path("organizations/<name:owner>/edit/", organizations.edit, name="organization_edit"),
    path("organizations/<name:owner>/verify/", verifying.verify, name="organization_verify"),
    path("organizations/<name:owner>/quality/", organization_quality.quality, name="organization_quality"),
    path("organizations/<name:owner>/new-schema/", standard_schemas.create, name="standard_schema_new"),
    path("organizations/<name:owner>/people/", people.people, name="people"),
    path("organizations/<name:owner>/people/remove/", people.remove, name="people_remove"),
    path("organizations/<name:owner>/people/uninvite/<int:invitation_id>/", people.uninvite, name="people_uninvite"),
    path("invitations/<str:key>/", invitations.invitation, name="invitation"),
    path("review/", queue.queue, name="review_queue"),
    path("review/<int:review_id>/", reviews.review, name="review"),
    path("review/<int:review_id>/remark/", reviews.remark, name="review_remark"),
    path("review/<int:review_id>/claim/", reviews.claim, name="review_claim"),
    path("review/<int:review_id>/undo/", queue.undo, name="review_undo"),
    path("settings/", own_settings.own_settings, name="settings"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:notice_id>/", notices.go, name="notice"),
    path("send-again/", send_again.send_again, name="send_again"),
    path("favicon.ico", favicon.favicon, name="favicon"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("work/", work.work, name="work"),
    path("work/requests/<int:request_id>/", access_requests.request_page, name="access_request"),
    path("work/requests/<int:request_id>/remark/", access_requests.remark, name="access_remark"),
    path("work/requests/<int:request_id>/cancel/", access_requests.cancel, name="access_cancel"),
    path("queries/<sha:sha256>/", sql.query, name="query"),
    path("audit/", audit.of_all, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("administration/", front.administration, name="administration"),
    path("administration/jobs/", jobs.jobs, name="jobs"),
    path("administration/jobs/again/", jobs.again, name="jobs_again"),
    path("administration/users/", users.users, name="users"),
    path("administration/users/<str:username>/", users.user, name="user"),
    path("administration/agreements/", all_agreements.all_agreements, name="all_agreements"),
    path("schemas/", standard_schemas.list_all, name="schemas"),
    path("schemas/<name:name>/", standard_schemas.schema, name="standard_schema"),
    path("schemas/<name:name>/new-version/", standard_schemas.new_version, name="standard_schema_version_new"),
    path("schemas/<name:name>/<version:number>/", standard_schemas.schema, name="standard_schema_version"),
    # ---------------------------------------------------------------- a dataset; without v/… its latest version
    path(DATASET, overview.overview, name="dataset"),
    path(f"{DATASET}data/", data.data, name="dataset_data"),
    path(f"{DATASET}data/sql/", sql.sql, name="dataset_sql"),
    path(f"{DATASET}schema/", schema.schema, name="dataset_schema"),
    path(f"{DATASET}quality/", quality.quality, name="dataset_quality"),
    path(f"{DATASET}report/", version_report.report, name="dataset_report"),
    path(f"{DATASET}badge.svg", version_report.badge, name="badge"),
    path(f"{DATASET}versions/", versions.versions, name="dataset_versions"),
    path(f"{DATASET}compare/", compare.choose, name="compare_choose"),
    path(f"{DATASET}compare/<version:base>...<version:version>/", compare.differences, name="compare"),
    path(f"{DATASET}use/", use.use, name="dataset_use"),
    path(f"{DATASET}annotations/", overlay.overlay, name="annotations"),
    path(f"{DATASET}annotations/<int:annotation_id>/", overlay.annotation, name="annotation"),
    path(f"{DATASET}audit/", audit.of_dataset, name="dataset_audit"),
    path(f"{DATASET}follow/", following.follow, name="dataset_follow"),
    path(f"{DATASET}edit/", edit.edit, name="dataset_edit"),
    path(f"{DATASET}standing/", standing.dataset_standing, name="dataset_standing"),
    path(f"{DATASET}access/", grants.access, name="dataset_access"),
    path(f"{DATASET}access/request/", access_requests.ask, name="access_ask"),
    path(f"{DATASET}access/agreement/", agreements.edit, name="agreement_edit"),
    path(f"{DATASET}access/agreement/<int:number>/", agreements.agreement, name="agreement"),
    path(f"{DATASET}access/revoke/", grants.revoke, name="grant_revoke"),
    path(VERSION, overview.overview, name="version"),
    path(f"{VERSION}data/", data.data, name="version_data"),
    path(f"{VERSION}data/sql/", sql.sql, name="version_sql"),
    path(f"{VERSION}schema/", schema.schema, name="version_schema"),
    path(f"{VERSION}schema/edit/", schema.edit, name="schema_edit"),
    path(f"{VERSION}schema/column/", schema_column.edit_column, name="schema_column"),
    path(f"{VERSION}quality/", quality.quality, name="version_quality"),
    path(f"{VERSION}report/", version_report.report, name="version_report"),
    path(f"{VERSION}use/", use.use, name="version_use"),
    path(f"{VERSION}annotations/", overlay.overlay, name="version_annotations"),
    path(f"{VERSION}standing/", standing.version_standing, name="version_standing"),
    path(f"{VERSION}withdraw/", versions.withdraw, name="version_withdraw"),
    path(f"{VERSION}take-back/", versions.take_back_version, name="version_take_back"),
    path("<name:owner>/", organizations.organization, name="organization"),
]
