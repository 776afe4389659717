from django.contrib import admin

from catalog.admin import ReadOnly
from quality.models import CheckRun


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnly):
    list_display = ("resource", "state", "attempts", "failures", "created", "finished_at")
    list_filter = ("state",)
    list_select_related = ("resource",)
