"""Django's admin for staff: everything to look at, nothing to change past the services (and people to deactivate)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from catalog import audit, models
from catalog.actor import Actor

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnly(ModelAdmin):
    """State moves through services, which check and audit; the admin shows it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Dataset)
class DatasetAdmin(ReadOnly):
    list_display = ("slug", "organization", "title", "access", "license", "latest", "modified")
    list_filter = ("access", "organization")
    search_fields = ("slug", "title")
    list_select_related = ("organization", "latest")


@admin.register(models.Version)
class VersionAdmin(ReadOnly):
    list_display = ("dataset", "number", "state", "verdict", "rows", "published_at")
    list_filter = ("state", "verdict")
    list_select_related = ("dataset",)


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "label", "address")
    list_filter = ("action",)
    list_select_related = ("actor",)
    show_full_result_count = False


for model in (
    models.AccessGrant,
    models.AccessRequest,
    models.Agreement,
    models.Annotation,
    models.DatasetName,
    models.Document,
    models.Invitation,
    models.Membership,
    models.Notice,
    models.Organization,
    models.QualityReport,
    models.Resource,
    models.ResourceSource,
    models.Review,
    models.Signature,
    models.StandardSchema,
    models.Token,
):
    admin.site.register(model, ReadOnly)
admin.site.register(models.User, UserAdmin)


def _staff(request: HttpRequest) -> Actor:
    user = request.user
    return Actor(user if isinstance(user, models.User) else None, address=str(request.META.get("REMOTE_ADDR", "")))


@admin.register(models.Quota)
class QuotaAdmin(ModelAdmin):
    """The one thing that staff set here: what an organization or a person may have beside the site's own quotas."""

    list_display = ("kind", "organization", "user", "amount")
    list_filter = ("kind",)
    raw_id_fields = ("organization", "user")
    list_select_related = ("organization", "user")

    def save_model(self, request: HttpRequest, obj: models.Quota, form: Any, change: bool) -> None:
        """Save it and put it on the audit trail."""
        super().save_model(request, obj, form, change)
        audit.record(actor=_staff(request), action="quota.set", subject=obj, kind=obj.kind, amount=obj.amount)

    def delete_model(self, request: HttpRequest, obj: models.Quota) -> None:
        """Take it away and put that on the audit trail."""
        audit.record(actor=_staff(request), action="quota.removed", subject=obj, kind=obj.kind)
        super().delete_model(request, obj)
