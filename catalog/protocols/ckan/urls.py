"""At the root: CKAN's clients know where its API is."""

from django.urls import path

from catalog.protocols.ckan.views import ActionView

app_name = "ckan"

urlpatterns = [
    path("api/3/action/<slug:name>", ActionView.as_view(), name="action"),
    path("api/action/<slug:name>", ActionView.as_view(), name="action-unversioned"),
]
