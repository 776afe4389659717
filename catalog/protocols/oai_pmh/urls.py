"""At the root."""

from django.urls import path

from catalog.protocols.oai_pmh.views import OaiView

app_name = "oai_pmh"

urlpatterns = [path("oai", OaiView.as_view(), name="oai")]
