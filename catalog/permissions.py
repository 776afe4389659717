"""Who may do what with a dataset. Each answer derives from a queryset, so that lists and objects can't differ (R11).

Not visible is NotFound; visible but not allowed is Forbidden, with a sentence that says who can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.errors import Forbidden, NotFound
from catalog.models import Dataset, Organization, Role, User, Version, VersionState


class NotSignedIn(Forbidden):
    code = "not-signed-in"
    title = gettext_lazy("Sign in, or send a token")


class ScopeMissing(Forbidden):
    code = "scope-missing"
    title = gettext_lazy("The token may not do this")


class Embargoed(Forbidden):
    """Published, and held back for all but members; ``until`` says to when."""

    code = "embargoed"
    title = gettext_lazy("The data are not given yet")


class Action(StrEnum):
    """What can be asked for. The role or standing that it needs stands in ``_ALLOWED``."""

    VIEW = "view"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    EDIT = "edit"
    SUBMIT = "submit"
    REVIEW = "review"
    WITHDRAW = "withdraw"
    GRANT = "grant"
    EMBARGO = "embargo"
    DEPRECATE = "deprecate"
    RENAME = "rename"
    READ_AUDIT = "read_audit"


_SIGN_IN = gettext_lazy("Sign in, or send a token of yours: Authorization: Bearer cfd_…")

_SCOPES: dict[Action, str] = {
    Action.VIEW: "read",
    Action.DOWNLOAD: "read",
    Action.UPLOAD: "upload",
    Action.EDIT: "upload",
    Action.SUBMIT: "upload",
    Action.REVIEW: "review",
    Action.WITHDRAW: "manage",
    Action.GRANT: "manage",
    Action.EMBARGO: "manage",
    Action.DEPRECATE: "manage",
    Action.RENAME: "manage",
    Action.READ_AUDIT: "read",
}

_ROLES: dict[Action, Role] = {
    Action.UPLOAD: Role.CONTRIBUTOR,
    Action.EDIT: Role.CONTRIBUTOR,
    Action.SUBMIT: Role.CONTRIBUTOR,
    Action.WITHDRAW: Role.MAINTAINER,
    Action.GRANT: Role.MAINTAINER,
    Action.EMBARGO: Role.MAINTAINER,
    Action.DEPRECATE: Role.MAINTAINER,
    Action.RENAME: Role.MAINTAINER,
    Action.READ_AUDIT: Role.MAINTAINER,
}

_MAY_NOT: dict[Action, str | Promise] = {
    Action.UPLOAD: gettext_lazy("You may not upload to this dataset."),
    Action.EDIT: gettext_lazy("You may not edit this dataset."),
    Action.SUBMIT: gettext_lazy("You may not submit versions of this dataset."),
    Action.REVIEW: gettext_lazy("You may not review this dataset."),
    Action.WITHDRAW: gettext_lazy("You may not withdraw versions of this dataset."),
    Action.GRANT: gettext_lazy("You may not grant access to this dataset."),
    Action.EMBARGO: gettext_lazy("You may not set an embargo on this dataset."),
    Action.DEPRECATE: gettext_lazy("You may not deprecate this dataset."),
    Action.RENAME: gettext_lazy("You may not rename this dataset."),
    Action.READ_AUDIT: gettext_lazy("You may not read this dataset's audit trail."),
}
_CONTRIBUTOR = gettext_lazy("Ask an owner of the organization to make you a contributor.")
_MAINTAINER = gettext_lazy("Ask a maintainer or owner of the organization.")
_WHO: dict[Action, str | Promise] = {
    Action.DOWNLOAD: gettext_lazy("Ask for access on the dataset’s tab “Access”, or by POST …/access-requests."),
    Action.UPLOAD: _CONTRIBUTOR,
    Action.EDIT: _CONTRIBUTOR,
    Action.SUBMIT: _CONTRIBUTOR,
    Action.REVIEW: gettext_lazy("Only stewards of the organization decide on versions."),
    Action.WITHDRAW: _MAINTAINER,
    Action.GRANT: _MAINTAINER,
    Action.EMBARGO: _MAINTAINER,
    Action.DEPRECATE: _MAINTAINER,
    Action.RENAME: _MAINTAINER,
    Action.READ_AUDIT: _MAINTAINER,
}


def can(actor: Actor, action: Action, dataset: Dataset) -> bool:
    """Whether the actor may do this; false where the scope of the token does not cover it."""
    if action not in {Action.VIEW, Action.DOWNLOAD} and not actor.may(_SCOPES[action]):
        return False
    datasets = Dataset.objects.filter(pk=dataset.pk)
    if action is Action.VIEW:
        return datasets.visible_to(actor).exists()
    if action is Action.DOWNLOAD:
        return datasets.downloadable_by(actor).exists()
    if action is Action.REVIEW:
        return datasets.stewarded_by(actor).exists()
    return datasets.of_role(actor, _ROLES[action]).exists()


def allowed(actor: Actor, actions: Iterable[Action], dataset: Dataset) -> dict[Action, bool]:
    """``can`` for several actions; what one's membership allows is asked once."""
    standing: _Standing | None = None
    answers: dict[Action, bool] = {}
    for action in actions:
        if action in {Action.VIEW, Action.DOWNLOAD}:
            answers[action] = can(actor, action, dataset)
        elif not actor.may(_SCOPES[action]):
            answers[action] = False
        else:
            standing = standing or _standing(actor, dataset)
            answers[action] = standing.is_steward if action is Action.REVIEW else _ROLES[action] in standing.roles
    return answers


@dataclass(frozen=True, slots=True)
class _Standing:
    """What somebody is in a dataset's organization: every role up to their own, and a steward or not."""

    roles: frozenset[Role] = frozenset()
    is_steward: bool = False


def _standing(actor: Actor, dataset: Dataset) -> _Standing:
    """As ``DatasetQuerySet.of_role`` and ``stewarded_by`` say it, in one query."""
    if actor.user is None:
        return _Standing()
    if actor.limit is not None and not Dataset.objects.within(actor).filter(pk=dataset.pk).exists():
        return _Standing()
    if actor.is_staff:
        return _Standing(frozenset(Role), is_steward=True)
    found = actor.user.memberships.filter(organization=dataset.organization_id).values_list("role", "is_steward")
    for role, is_steward in found:
        return _Standing(frozenset(item for item in Role if role in Role.at_least(item)), is_steward)
    return _Standing()


def require(actor: Actor, action: Action, dataset: Dataset) -> None:
    """Raises NotFound, NotSignedIn, ScopeMissing or Forbidden; returns when the actor may."""
    if not can(actor, Action.VIEW, dataset):
        raise NotFound
    if can(actor, action, dataset):
        return
    if action is Action.DOWNLOAD:
        _refuse_bytes(actor)
    if actor.is_anonymous:
        raise NotSignedIn(remedy=str(_SIGN_IN))
    _require_scope(actor, _SCOPES[action])
    raise Forbidden(str(_MAY_NOT[action]), remedy=str(_WHO[action]))


def may_download(actor: Actor, version: Version) -> bool:
    """Whether the actor may have the bytes of this version, and whatever is derived from its cells."""
    return Version.objects.filter(pk=version.pk).downloadable_by(actor).exists()


def sees_values(actor: Actor, version: Version) -> bool:
    """Whether a description may show the actor values of cells: the bytes are theirs, and not withdrawn."""
    return version.state != VersionState.WITHDRAWN and may_download(actor, version)


def require_download(actor: Actor, version: Version) -> None:
    """Raises NotFound, NotSignedIn, ScopeMissing or Forbidden; returns when the actor may have the version's bytes."""
    if may_download(actor, version):
        return
    if not Version.objects.filter(pk=version.pk).visible_to(actor).exists():
        raise NotFound
    until = version.embargoed_until
    if until is not None:
        day = f"{until:%Y-%m-%d %H:%M} UTC"
        raise Embargoed(
            _("They are under embargo until %(day)s; its description is not.") % {"day": day},
            remedy=_("Come back after %(day)s. Members of the organization have them already: they sign in.")
            % {"day": day},
            until=until.isoformat(),
        )
    _refuse_bytes(actor)


def _refuse_bytes(actor: Actor) -> NoReturn:
    if actor.is_anonymous:
        raise NotSignedIn(_("This dataset is not open to everybody."), remedy=str(_SIGN_IN))
    _require_scope(actor, _SCOPES[Action.DOWNLOAD])
    raise Forbidden(_("You may not download this dataset."), remedy=str(_WHO[Action.DOWNLOAD]))


def has_role(actor: Actor, organization: Organization, role: Role) -> bool:
    """Whether the actor is that in the organization; never through a token that is limited to other things."""
    if actor.limit is not None and organization.pk not in actor.limit.organizations:
        return False
    if actor.is_staff:
        return True
    if actor.user is None:
        return False
    return actor.user.memberships.filter(organization=organization, role__in=Role.at_least(role)).exists()


def require_role(actor: Actor, organization: Organization, role: Role, *, scope: str) -> User:
    """The person who acts. Raises NotSignedIn, ScopeMissing or Forbidden."""
    person = require_user(actor, scope=scope)
    if actor.limit is not None and organization.pk not in actor.limit.organizations:
        raise ScopeMissing(
            _("The token is limited, and not to %(title)s.") % {"title": organization.title},
            remedy=_("Sign in, or make a token that names the organization."),
        )
    if not has_role(actor, organization, role):
        raise Forbidden(
            _("This needs the role “%(label)s” in %(title)s.") % {"label": role.label, "title": organization.title},
            remedy=_("Ask an owner of the organization."),
        )
    return person


def require_unlimited(actor: Actor) -> None:
    """Raises ScopeMissing for a token that is limited to datasets or organizations."""
    if actor.limit is not None:
        raise ScopeMissing(
            _("The token is limited to some datasets."), remedy=_("Sign in, or use a token that is not limited.")
        )


def require_user(actor: Actor, *, scope: str = "") -> User:
    """The person who acts. Raises NotSignedIn, and ScopeMissing where a scope is named that their token lacks."""
    if actor.user is None:
        raise NotSignedIn(remedy=str(_SIGN_IN))
    if scope:
        _require_scope(actor, scope)
    return actor.user


def _require_scope(actor: Actor, scope: str) -> None:
    if not actor.may(scope):
        raise ScopeMissing(
            _("The token lacks the scope “%(scope)s”.") % {"scope": scope},
            remedy=_("Make a token with the scope “%(scope)s” on your tokens page.") % {"scope": scope},
        )
