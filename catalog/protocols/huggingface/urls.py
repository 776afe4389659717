"""The addresses of the Hugging Face Hub's API that are answered, below /hf/. None ends in a slash."""

from django.urls import path

from catalog.protocols.huggingface import views

app_name = "huggingface"

DATASET = "api/datasets/<str:owner>/<str:name>"

urlpatterns = [
    path("api/datasets", views.DatasetsView.as_view(), name="datasets"),
    path("api/whoami-v2", views.WhoView.as_view(), name="whoami"),
    path(DATASET, views.InfoView.as_view(), name="info"),
    path(f"{DATASET}/revision/<path:revision>", views.InfoView.as_view(), name="revision"),
    path(f"{DATASET}/tree/<path:rest>", views.TreeView.as_view(), name="tree"),
    path(f"{DATASET}/paths-info/<path:revision>", views.PathsView.as_view(), name="paths"),
    path(f"{DATASET}/refs", views.RefsView.as_view(), name="refs"),
    path(f"{DATASET}/commits/<path:revision>", views.CommitsView.as_view(), name="commits"),
    path(f"{DATASET}/croissant", views.CroissantView.as_view(), name="croissant"),
    path(f"{DATASET}/parquet", views.ParquetView.as_view(), name="parquet"),
    path(f"{DATASET}/auth-check", views.AuthView.as_view(), name="auth"),
    path("datasets/<str:owner>/<str:name>/resolve/<path:rest>", views.ResolveView.as_view(), name="resolve"),
    path("<path:rest>", views.NowhereView.as_view(), name="nowhere"),
]
