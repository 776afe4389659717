from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.grant import AccessGrant
from catalog.models.organization import Organization, Role
from catalog.models.user import User
from catalog.slugs import SLUG_LENGTH, validate_slug


class Access(models.TextChoices):
    """Who may have the bytes. Metadata of all but private datasets is for everybody."""

    PUBLIC = "public", _("Open")
    REGISTERED = "registered", _("Signed-in people")
    RESTRICTED = "restricted", _("On request")
    PRIVATE = "private", _("Members only")


class UpdateFrequency(models.TextChoices):
    """How often the owner promises new data (dct:accrualPeriodicity); the values are ISO 8601 durations."""

    HOURLY = "PT1H", _("Hourly")
    DAILY = "P1D", _("Daily")
    WEEKLY = "P1W", _("Weekly")
    MONTHLY = "P1M", _("Monthly")
    QUARTERLY = "P3M", _("Quarterly")
    BIANNUAL = "P6M", _("Twice a year")
    ANNUAL = "P1Y", _("Yearly")


_OPEN = models.Q(latest__isnull=False) & ~models.Q(access=Access.PRIVATE)
"""Described to everybody."""


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def within(self, actor: Actor) -> DatasetQuerySet:
        """Those that the actor's token is not kept from; all without a limit."""
        if actor.limit is None:
            return self
        return self.filter(models.Q(pk__in=actor.limit.datasets) | models.Q(organization__in=actor.limit.organizations))

    def visible_to(self, actor: Actor) -> DatasetQuerySet:
        """Published and not private, or of an organisation that the actor belongs to, or granted (R11)."""
        if not actor.may("read") and not actor.is_anonymous:
            return self.none()
        if actor.is_staff:
            return self.within(actor)
        seen = _OPEN
        if actor.user is not None:
            grants = AccessGrant.objects.in_force().held_by(actor.user)
            seen |= models.Q(latest__isnull=False, pk__in=grants.values("dataset"))
            seen |= models.Q(organization__in=actor.user.memberships.values("organization"))
        return self.within(actor).filter(seen)

    def not_open(self) -> DatasetQuerySet:
        """Those that ``visible_to`` does not show to everybody."""
        return self.filter(~_OPEN)

    def downloadable_by(self, actor: Actor) -> DatasetQuerySet:
        """Visible, and of a published version the bytes too (VersionQuerySet.downloadable_by), or a member's."""
        visible = self.visible_to(actor)
        if actor.is_staff:
            return visible
        versions: Any = self.model._meta.get_field("versions").related_model
        published = versions.objects.filter(dataset=models.OuterRef("pk"), sequence__isnull=False)
        allowed = models.Q(models.Exists(published.downloadable_by(actor)))
        if actor.user is not None:
            allowed |= models.Q(organization__in=actor.user.memberships.values("organization"))
        return visible.filter(allowed)

    def of_role(self, actor: Actor, role: Role) -> DatasetQuerySet:
        """Datasets of organisations in which the actor has at least this role."""
        if actor.is_staff:
            return self.within(actor)
        if actor.user is None:
            return self.none()
        memberships = actor.user.memberships.filter(role__in=Role.at_least(role))
        return self.within(actor).filter(organization__in=memberships.values("organization"))

    def working(self, actor: Actor) -> DatasetQuerySet:
        """Datasets that the actor may change."""
        return self.of_role(actor, Role.CONTRIBUTOR)

    def stewarded_by(self, actor: Actor) -> DatasetQuerySet:
        if actor.is_staff:
            return self.within(actor)
        if actor.user is None:
            return self.none()
        stewards = actor.user.memberships.filter(is_steward=True)
        return self.within(actor).filter(organization__in=stewards.values("organization"))


class Dataset(models.Model):
    """The lasting identity (dcat:Dataset): owner, name, purpose, licence, access. It holds no bytes.

    Until ``embargo_until`` only members have the bytes of its versions; ``embargo_noted_at`` is when the sweep put the
    end of it on record. A deprecated dataset is still served; ``successor`` is what to use in its place.

    ``description``, ``methods`` (how the data came to be) and ``known_limits`` (what they must not be used for) are
    Markdown.

    The table has a column more, ``changed_in``, which a trigger writes (catalog/selectors/facet_columns.py).
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="datasets")
    slug = models.CharField(max_length=SLUG_LENGTH, validators=[validate_slug])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    methods = models.TextField(blank=True, default="", db_default="")
    known_limits = models.TextField(blank=True, default="", db_default="")
    license = models.CharField(max_length=100, blank=True)
    keywords = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    contact_name = models.CharField(max_length=150, blank=True)
    contact_email = models.EmailField(blank=True)
    attribution = models.CharField(max_length=500, blank=True)
    access = models.CharField(max_length=16, choices=Access, default=Access.PUBLIC)
    conforms_to = models.ForeignKey(
        "catalog.StandardSchema", null=True, blank=True, on_delete=models.PROTECT, related_name="datasets"
    )
    rules = models.JSONField(default=list, blank=True)
    # The rules of the attached rule sets' pinned versions; ``quality`` keeps the sets and writes them here.
    attached_rules = models.JSONField(default=list, blank=True)
    update_frequency = models.CharField(max_length=8, choices=UpdateFrequency, blank=True)
    # Above so many refused cells in a column an upload is rejected; 100 never is: it is said, and a person decides.
    max_refused_percent = models.PositiveSmallIntegerField(default=100)
    embargo_until = models.DateTimeField(null=True, blank=True)
    embargo_noted_at = models.DateTimeField(null=True, blank=True)
    deprecated_at = models.DateTimeField(null=True, blank=True)
    deprecated_reason = models.TextField(blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    latest = models.ForeignKey("catalog.Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    search_text = models.TextField(default="", editable=False)
    search_vector = SearchVectorField(null=True, editable=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="dataset_slug_once_per_organization"),
            models.CheckConstraint(condition=models.Q(access__in=Access.values), name="dataset_access_is_known"),
            models.CheckConstraint(
                condition=models.Q(max_refused_percent__lte=100), name="dataset_refused_percent_is_possible"
            ),
            models.CheckConstraint(
                condition=models.Q(deprecated_at__isnull=True, successor__isnull=True)
                | (models.Q(deprecated_at__isnull=False) & ~models.Q(deprecated_reason="")),
                name="dataset_deprecated_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(successor__isnull=True) | ~models.Q(successor=models.F("pk")),
                name="dataset_succeeded_by_another",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_vector"], name="dataset_search"),
            GinIndex(fields=["search_text"], name="dataset_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["access", "license"], name="dataset_facets"),
            models.Index(fields=["-modified"], name="dataset_newest"),
            models.Index(fields=["title", "id"], name="dataset_by_title"),
            GinIndex(fields=["title"], name="dataset_title_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(
                fields=["organization"],
                condition=models.Q(latest__isnull=True) | models.Q(access="private"),
                name="dataset_not_open",
            ),
            models.Index(
                fields=["embargo_until"],
                condition=models.Q(embargo_until__isnull=False, embargo_noted_at__isnull=True),
                name="dataset_embargo_to_end",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def all_rules(self) -> list[dict[str, Any]]:
        """The owner's rules and those of the attached sets: what every table has to meet beyond its schema."""
        return [*self.rules, *self.attached_rules]


def dataset_is_visible_to(actor: Actor) -> models.Exists:
    """Whether the actor sees the dataset of a row that belongs to one: a condition that may stand beside others.

    It is looked up a row. Behind an OR, PostgreSQL would make a list of all visible datasets of ``dataset__in`` first.
    """
    return models.Exists(Dataset.objects.visible_to(actor).filter(pk=models.OuterRef("dataset")))
