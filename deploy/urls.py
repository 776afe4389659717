"""Every address of the site. Pages of datasets come last: ``/{owner}/{dataset}/`` would swallow the others."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from catalog.api.nowhere import nowhere

urlpatterns = [
    path("", include("catalog.api.health_urls")),
    path("api/v1/", include("ingest.api.urls")),
    path("api/v1/", include("quality.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("catalog.protocols.documents.urls")),
    path("api/v1/", include("catalog.protocols.citation.urls")),
    path("api/v1/", include("catalog.protocols.datacite.urls")),
    path("", include("catalog.protocols.dcat.urls")),
    path("", include("catalog.protocols.signposting.urls")),
    path("", include("catalog.protocols.oai_pmh.urls")),
    path("", include("catalog.protocols.ckan.urls")),
    re_path(r"^api/", nowhere),
    path("delta-sharing/", include("catalog.protocols.delta_sharing.urls")),
    path("hf/", include("catalog.protocols.huggingface.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang", set_language, name="set_language"),
    path("", include("ingest.web.urls")),
    path("", include("quality.web.urls")),
    path("", include("catalog.web.urls")),
]

handler403 = "catalog.web.errors.forbidden"
handler404 = "catalog.web.errors.not_found"
handler500 = "catalog.web.errors.server_error"
