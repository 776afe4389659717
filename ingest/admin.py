from django.contrib import admin

from catalog.admin import ReadOnly
from ingest.models import Upload


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    list_display = ("filename", "dataset", "state", "size", "attempts", "failures", "created")
    list_filter = ("state",)
    list_select_related = ("dataset",)
