"""Rule sets: made and versioned by an organization, attached to datasets in a version that stays until it is moved."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid, NotFound
from catalog.hashes import sha256_of_json
from catalog.models import Dataset, Organization, Role, User
from catalog.numbering import parse
from catalog.permissions import Action, require, require_role, require_user
from catalog.slugs import SLUG
from catalog.transitions import lock
from quality.models import RuleSet, RuleSetUse, RuleSetVersion
from quality.rules.rule import rules_from_json
from quality.services.rules import MAX_RULES, recheck_drafts

MAX_SETS = 20


class RuleSetExists(Conflict):
    code = "rule-set-exists"
    title = gettext_lazy("The organization already has a rule set of this name")


class RuleSetVersionExists(Conflict):
    code = "rule-set-version-exists"
    title = gettext_lazy("This version of the rule set exists and never changes")


def create_rule_set(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    number: str,
    rules: list[dict[str, Any]],
    title: str = "",
    description: str = "",
    is_shared: bool = True,
) -> RuleSet:
    """Make a set with its first version. Raises Forbidden, Invalid, InvalidRule, RuleSetExists."""
    user = _maintainer(actor, organization)
    if not SLUG.fullmatch(name):
        raise Invalid(fields={"name": [_("Use small letters, digits and hyphens.")]})
    try:
        with transaction.atomic():
            found = RuleSet.objects.create(
                organization=organization,
                name=name,
                title=title.strip() or name,
                description=description,
                is_shared=is_shared,
            )
            _make_version(actor, user, found, number, rules, "")
    except IntegrityError:
        raise RuleSetExists(_exists(f"{organization.slug}/{name}"), remedy=_("Add a version to it.")) from None
    return found


@transaction.atomic
def update_rule_set(
    *,
    actor: Actor,
    rule_set: RuleSet,
    title: str | None = None,
    description: str | None = None,
    is_shared: bool | None = None,
) -> RuleSet:
    """Change what is said of a set, and who sees it. Raises Forbidden."""
    _maintainer(actor, rule_set.organization)
    given = {"title": title, "description": description, "is_shared": is_shared}
    changes = {name: value for name, value in given.items() if value is not None}
    for name, value in changes.items():
        setattr(rule_set, name, value)
    rule_set.save(update_fields=list(changes))
    audit.record(actor=actor, action="rule_set.changed", subject=rule_set, fields=list(changes))
    return rule_set


def add_version(
    *, actor: Actor, rule_set: RuleSet, number: str, rules: list[dict[str, Any]], note: str = ""
) -> RuleSetVersion:
    """A new version of a set; datasets stay with theirs until they take it.

    Raises Forbidden, Invalid (the number is not above the last one's), InvalidRule, RuleSetVersionExists.
    """
    user = _maintainer(actor, rule_set.organization)
    _require_number(number)
    last = rule_set.versions.first()
    if rule_set.versions.filter(number=number).exists():
        raise RuleSetVersionExists(_exists(f"{rule_set}@{number}"), remedy=_("Give it a higher number."))
    if last is not None and parse(number) < parse(last.number):
        said = _("The last version is %(number)s: give it a higher number.") % {"number": last.number}
        raise Invalid(fields={"number": [said]})
    try:
        with transaction.atomic():
            return _make_version(actor, user, rule_set, number, rules, note)
    except IntegrityError:
        raise RuleSetVersionExists(_exists(f"{rule_set}@{number}"), remedy=_("Give it a higher number.")) from None


@transaction.atomic
def attach_rule_set(*, actor: Actor, dataset: Dataset, version: RuleSetVersion) -> RuleSetUse:
    """Have a dataset meet the rules of a set's version, in the place of another version of it; its draft is checked.

    The caller has found the version among those that the actor sees. Raises NotFound, Forbidden, Invalid.
    """
    require(actor, Action.EDIT, dataset)
    person = require_user(actor)
    row = lock(dataset)
    uses = RuleSetUse.objects.filter(dataset=row)
    if uses.exclude(rule_set=version.rule_set_id).count() >= MAX_SETS:
        said = _("A dataset attaches at most %(n)s rule sets.") % {"n": MAX_SETS}
        raise Invalid(fields={"rule_set": [said]})
    use, _is_new = uses.update_or_create(
        dataset=row, rule_set=version.rule_set, defaults={"version": version, "attached_by": person}
    )
    audit.record(actor=actor, action="rule_set.attached", subject=row, dataset_id=row.pk, label=str(version))
    _settle(actor, row)
    return use


@transaction.atomic
def detach_rule_set(*, actor: Actor, dataset: Dataset, owner: str, name: str) -> None:
    """Let a dataset go without a set; its draft is checked again. Raises NotFound, Forbidden."""
    require(actor, Action.EDIT, dataset)
    row = lock(dataset)
    use = RuleSetUse.objects.filter(dataset=row, rule_set__organization__slug=owner, rule_set__name=name).first()
    if use is None:
        said = _("The dataset has no rule set %(name)s attached.") % {"name": f"{owner}/{name}"}
        raise NotFound(said)
    audit.record(actor=actor, action="rule_set.detached", subject=row, dataset_id=row.pk, label=str(use.version))
    use.delete()
    _settle(actor, row)


def _settle(actor: Actor, dataset: Dataset) -> None:
    """Write the rules of the attached versions where the core and the checks look for them."""
    uses = RuleSetUse.objects.filter(dataset=dataset).select_related("version__rule_set__organization")
    dataset.attached_rules = [{**rule, "set": str(use.version)} for use in uses for rule in use.version.rules]
    dataset.save(update_fields=["attached_rules", "modified"])
    recheck_drafts(actor=actor, dataset=dataset)


def _make_version(
    actor: Actor, user: User, rule_set: RuleSet, number: str, rules: list[dict[str, Any]], note: str
) -> RuleSetVersion:
    _require_number(number)
    if len(rules) > MAX_RULES:
        raise Invalid(fields={"rules": [_("A rule set has at most %(n)s rules.") % {"n": MAX_RULES}]})
    clean = [rule.to_json() for rule in rules_from_json(rules, origin="set")]
    version = RuleSetVersion.objects.create(
        rule_set=rule_set, number=number, rules=clean, note=note, sha256=sha256_of_json(clean), created_by=user
    )
    audit.record(actor=actor, action="rule_set.version", subject=rule_set, label=str(version), count=len(clean))
    return version


def _require_number(number: str) -> None:
    """Raises Invalid, at the field that it is about."""
    try:
        parse(number)
    except Invalid:
        said = _("“%(number)s” is no version number. Use MAJOR.MINOR.PATCH, such as 1.2.0.") % {"number": number}
        raise Invalid(fields={"number": [said]}) from None


def _exists(name: str) -> str:
    return _("%(name)s exists.") % {"name": name}


def _maintainer(actor: Actor, organization: Organization) -> User:
    return require_role(actor, organization, Role.MAINTAINER, scope="upload")
