from django.urls import path

from ingest.api import uploads

app_name = "ingest-api"
urlpatterns = [
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view(), name="upload"),
    path("uploads/<uuid:upload_id>/parts", uploads.PartsView.as_view(), name="parts"),
    path("uploads/<uuid:upload_id>/complete", uploads.CompletionView.as_view(), name="complete"),
]
