from django.contrib import admin

from catalog.admin import ReadOnly
from quality.models import CheckRun, Comparison


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnly):
    list_display = ("resource", "state", "attempts", "failures", "created", "finished_at")
    list_filter = ("state",)
    list_select_related = ("resource",)


@admin.register(Comparison)
class ComparisonAdmin(ReadOnly):
    list_display = ("version", "base", "state", "attempts", "failures", "created", "finished_at")
    list_filter = ("state",)
    list_select_related = ("version", "base")
