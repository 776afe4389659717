"""Rule sets as an actor sees them. What is not visible is not found."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset
from quality.models import RuleSet, RuleSetUse, RuleSetVersion


def visible_rule_sets(actor: Actor) -> QuerySet[RuleSet]:
    """All sets that the actor may see, with their versions, newest first."""
    return RuleSet.objects.visible_to(actor).select_related("organization").prefetch_related("versions")


def get_rule_set(*, actor: Actor, owner: str, name: str) -> RuleSet:
    """Raises NotFound, also where it exists and the actor may not see it."""
    found = visible_rule_sets(actor).filter(organization__slug=owner, name=name).first()
    if found is None:
        said = _("There is no rule set %(name)s that you can see.") % {"name": f"{owner}/{name}"}
        raise NotFound(said)
    return found


def get_rule_set_version(rule_set: RuleSet, number: str) -> RuleSetVersion:
    """The version of a number, or the newest one where the number is empty or ``latest``. Raises NotFound."""
    versions = rule_set.versions.all()
    found = versions.first() if number in ("", "latest") else versions.filter(number=number).first()
    if found is None:
        said = _("The rule set %(name)s has no version %(number)s.") % {"name": rule_set, "number": number}
        raise NotFound(said, remedy=_("See its list of versions."))
    return found


def uses_of(dataset: Dataset) -> QuerySet[RuleSetUse]:
    """The sets that a dataset has attached, in the order in which it did; whoever sees the dataset sees them."""
    uses = RuleSetUse.objects.filter(dataset=dataset)
    return uses.select_related("rule_set__organization", "version").prefetch_related("rule_set__versions")
