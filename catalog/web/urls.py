"""The addresses of the catalog's pages. ``{owner}/`` comes last: it would swallow the others."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.web import (
    about,
    compare,
    converters,
    data,
    docs,
    edit,
    grants,
    organizations,
    overlay,
    overview,
    people,
    quality,
    reviews,
    schema,
    search,
    tokens,
    use,
    version_report,
    versions,
    work,
)

app_name = "catalog"
_ = converters  # Registered by being imported.

DATASET = "<name:owner>/<name:dataset>/"
VERSION = f"{DATASET}v/<version:version>/"

urlpatterns: list[URLPattern] = [
    path("", search.home, name="home"),
    path("docs/", docs.docs, name="docs"),
    path("docs/<slug:name>", docs.docs, name="docs_page"),
    path("about/", about.about, name="about"),
    path("organizations/", organizations.list_all, name="organizations"),
    path("organizations/new/", organizations.create, name="organization_new"),
    path("organizations/<name:owner>/edit/", organizations.edit, name="organization_edit"),
    path("organizations/<name:owner>/people/", people.people, name="people"),
    path("organizations/<name:owner>/people/remove/", people.remove, name="people_remove"),
    path("review/", reviews.queue, name="review_queue"),
    path("review/<int:review_id>/", reviews.review, name="review"),
    path("review/<int:review_id>/remark/", reviews.remark, name="review_remark"),
    path("review/<int:review_id>/claim/", reviews.claim, name="review_claim"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("work/", work.work, name="work"),
    # ---------------------------------------------------------------- a dataset; without v/… its latest version
    path(DATASET, overview.overview, name="dataset"),
    path(f"{DATASET}data/", data.data, name="dataset_data"),
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
    path(f"{DATASET}edit/", edit.edit, name="dataset_edit"),
    path(f"{DATASET}access/", grants.grants, name="dataset_access"),
    path(f"{DATASET}access/revoke/", grants.revoke, name="grant_revoke"),
    path(VERSION, overview.overview, name="version"),
    path(f"{VERSION}data/", data.data, name="version_data"),
    path(f"{VERSION}schema/", schema.schema, name="version_schema"),
    path(f"{VERSION}schema/edit/", schema.edit, name="schema_edit"),
    path(f"{VERSION}quality/", quality.quality, name="version_quality"),
    path(f"{VERSION}report/", version_report.report, name="version_report"),
    path(f"{VERSION}use/", use.use, name="version_use"),
    path(f"{VERSION}annotations/", overlay.overlay, name="version_annotations"),
    path(f"{VERSION}withdraw/", versions.withdraw, name="version_withdraw"),
    path(f"{VERSION}take-back/", versions.take_back_version, name="version_take_back"),
    path("<name:owner>/", organizations.organization, name="organization"),
]
