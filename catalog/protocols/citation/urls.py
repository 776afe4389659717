"""Below /api/v1/."""

from django.urls import path

from catalog.api.manners import converters
from catalog.protocols.citation import views

app_name = "citation"
_ = converters  # Registered by being imported.

urlpatterns = [
    path(
        "datasets/<cfslug:owner>/<cfslug:dataset>/versions/<cfversion:version>/citation",
        views.CitationView.as_view(),
        name="citation",
    ),
]
