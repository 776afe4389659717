"""The addresses of "Share data". They stand before the catalog's, whose ``/{owner}/`` would swallow them."""

from django.urls import URLPattern, path

from catalog.web.frame import converters
from ingest.web import (
    changes,
    clean,
    corrections,
    documents,
    files,
    imports,
    mapping,
    opening,
    start,
    storage,
    submit,
    suggested,
    uploads,
)

app_name = "ingest"
_ = converters  # Registered by being imported.

DATASET = "share/<name:owner>/<name:dataset>/"

urlpatterns: list[URLPattern] = [
    path("share/", start.start, name="share"),
    path(DATASET, files.files, name="share_dataset"),
    path(f"{DATASET}description/", files.describe, name="describe"),
    path(f"{DATASET}suggested/", suggested.suggested, name="suggested"),
    path(f"{DATASET}import/", imports.import_from, name="import"),
    path(f"{DATASET}tables/", files.tables, name="tables"),
    path(f"{DATASET}tables/remove/", files.remove_table, name="remove_table"),
    path(f"{DATASET}documents/", documents.documents, name="documents"),
    path(f"{DATASET}documents/describe/", documents.describe, name="describe_document"),
    path(f"{DATASET}documents/remove/", documents.remove, name="remove_document"),
    path(f"{DATASET}start/", files.start_again, name="start_again"),
    path(f"{DATASET}clean/", mapping.entrance, name="map"),
    path(f"{DATASET}tables/<name:table>/clean/", clean.clean, name="clean"),
    path(f"{DATASET}tables/<name:table>/clean/<int:place>/", changes.changed_cells, name="changed_cells"),
    path(f"{DATASET}tables/<name:table>/opening/", opening.opening, name="opening"),
    path(f"{DATASET}tables/<name:table>/changes.json", changes.log, {"form": "json"}, name="changes_json"),
    path(f"{DATASET}tables/<name:table>/changes.csv", changes.log, {"form": "csv"}, name="changes_csv"),
    path(f"{DATASET}annotations/apply/", corrections.apply, name="apply_annotations"),
    path(f"{DATASET}check/", submit.check, name="check"),
    path(f"{DATASET}submit/", submit.submit, name="submit"),
    path(f"{DATASET}submitted/", submit.submitted, name="submitted"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<uuid:upload_id>/", files.job, name="job"),
    path("uploads/<uuid:upload_id>/document/", documents.keep, name="keep_document"),
    path("uploads/<uuid:upload_id>/cancel/", uploads.cancel, name="cancel_upload"),
    path("administration/storage/", storage.storage, name="storage"),
    path("administration/storage/clean/", storage.clean_up, name="storage_clean"),
    path("administration/storage/of/<name:owner>/", storage.of_organization, name="storage_of"),
]
