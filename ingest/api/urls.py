from django.urls import path

from catalog.api.manners import converters
from ingest.api import corrections, recipes, uploads

app_name = "ingest-api"
_ = converters  # Registered by being imported.

DATASET = "datasets/<cfslug:owner>/<cfslug:dataset>"
RESOURCE = f"{DATASET}/versions/<cfversion:version>/resources/<cfslug:resource>"

urlpatterns = [
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view(), name="upload"),
    path("uploads/<uuid:upload_id>/parts", uploads.PartsView.as_view(), name="parts"),
    path("uploads/<uuid:upload_id>/complete", uploads.CompletionView.as_view(), name="complete"),
    path("uploads/<uuid:upload_id>/document", uploads.KeepingView.as_view(), name="keep-as-document"),
    path(f"{DATASET}/annotations/apply", corrections.ApplyView.as_view(), name="apply-annotations"),
    path(f"{RESOURCE}/recipe", recipes.RecipeView.as_view(), name="recipe"),
    path(f"{RESOURCE}/answers", recipes.AnswersView.as_view(), name="answers"),
]
