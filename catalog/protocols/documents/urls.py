"""The documents of a version, beside it in the API."""

from django.urls import path

from catalog.api.urls import VERSION
from catalog.protocols.documents import views

app_name = "documents"

urlpatterns = [
    path(f"{VERSION}/croissant.json", views.CroissantView.as_view(), name="croissant"),
    path(f"{VERSION}/datapackage.json", views.DataPackageView.as_view(), name="datapackage"),
    path(f"{VERSION}/registry.txt", views.RegistryView.as_view(), name="registry"),
    path(f"{VERSION}/urls", views.UrlsView.as_view(), name="urls"),
]
