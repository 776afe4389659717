"""At the root: the catalog; below /api/v1/: datasets and versions."""

from django.urls import path, register_converter

from catalog.api.manners import converters
from catalog.protocols.dcat import views

app_name = "dcat"
_ = converters  # Registered by being imported.


class ExtensionConverter:
    """The end of an address that names a format of RDF."""

    regex = "ttl|jsonld|rdf"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ExtensionConverter, "rdf")

DATASET = "api/v1/datasets/<cfslug:owner>/<cfslug:dataset>"

urlpatterns = [
    path("catalog", views.CatalogView.as_view(), name="catalog-negotiated"),
    path("catalog.<rdf:extension>", views.CatalogView.as_view(), name="catalog"),
    path(f"{DATASET}/dcat.<rdf:extension>", views.DatasetView.as_view(), name="dataset"),
    path(
        f"{DATASET}/versions/<cfversion:version>/dcat.<rdf:extension>",
        views.VersionView.as_view(),
        name="version",
    ),
]
