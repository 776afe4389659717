"""At the root: what crawlers ask for; below /api/v1/: the linkset."""

from django.urls import path

from catalog.api.manners import converters
from catalog.protocols.signposting import views

app_name = "signposting"
_ = converters  # Registered by being imported.

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap-index"),
    path("sitemap-<int:number>.xml", views.sitemap, name="sitemap"),
    path(
        "api/v1/datasets/<cfslug:owner>/<cfslug:dataset>/versions/<cfversion:version>/linkset.json",
        views.LinksetView.as_view(),
        name="linkset",
    ),
]
