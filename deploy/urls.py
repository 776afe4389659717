"""Every address of the site. Pages of datasets come last: ``/{owner}/{dataset}/`` would swallow the others."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from catalog.api.manners.nowhere import nowhere
from catalog.web.account.taste import choose_language

# Django's own form would let staff in by the password alone, past the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("catalog.api.health_urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("ingest.api.urls")),
    path("api/v1/", include("quality.api.urls")),
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
    path("i18n/setlang", choose_language, name="set_language"),
    path("", include("ingest.web.urls")),
    path("", include("quality.web.urls")),
    path("", include("catalog.web.urls")),
]

handler403 = "catalog.web.frame.errors.forbidden"
handler404 = "catalog.web.frame.errors.not_found"
handler429 = "catalog.web.frame.errors.too_many"
handler500 = "catalog.web.frame.errors.server_error"
