"""The addresses of the Delta Sharing protocol, below /delta-sharing/."""

from django.urls import path

from catalog.protocols.delta_sharing import views

app_name = "delta_sharing"

SHARE = "shares/<str:share>"
SCHEMA = f"{SHARE}/schemas/<str:schema>"
TABLE = f"{SCHEMA}/tables/<str:table>"

urlpatterns = [
    path("config.share", views.ProfileView.as_view(), name="profile"),
    path("files/<str:filename>", views.FileView.as_view(), name="file"),
    path("shares", views.SharesView.as_view(), name="shares"),
    path(SHARE, views.ShareView.as_view(), name="share"),
    path(f"{SHARE}/schemas", views.SchemasView.as_view(), name="schemas"),
    path(f"{SHARE}/all-tables", views.AllTablesView.as_view(), name="all-tables"),
    path(f"{SCHEMA}/tables", views.TablesView.as_view(), name="tables"),
    path(f"{TABLE}/version", views.VersionView.as_view(), name="version"),
    path(f"{TABLE}/metadata", views.MetadataView.as_view(), name="metadata"),
    path(f"{TABLE}/query", views.QueryView.as_view(), name="query"),
    path(f"{TABLE}/changes", views.ChangesView.as_view(), name="changes"),
]
