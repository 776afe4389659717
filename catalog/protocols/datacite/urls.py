"""Below /api/v1/."""

from django.urls import path

from catalog.api.manners import converters
from catalog.protocols.datacite import views

app_name = "datacite"
_ = converters  # Registered by being imported.

VERSION = "datasets/<cfslug:owner>/<cfslug:dataset>/versions/<cfversion:version>"

urlpatterns = [
    path(f"{VERSION}/datacite.json", views.DataciteJsonView.as_view(), name="json"),
    path(f"{VERSION}/datacite.xml", views.DataciteXmlView.as_view(), name="xml"),
]
