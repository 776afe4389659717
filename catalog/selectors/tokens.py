"""What tokens are limited to, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import Dataset, Organization, Token


@dataclass(frozen=True, slots=True)
class LimitNames:
    """The names of today of datasets (``owner/name``) and organizations, by their ids."""

    of_datasets: dict[int, str]
    of_organizations: dict[int, str]

    def datasets(self, token: Token) -> list[str]:
        """What is gone is left out."""
        return [self.of_datasets[pk] for pk in token.dataset_ids if pk in self.of_datasets]

    def organizations(self, token: Token) -> list[str]:
        return [self.of_organizations[pk] for pk in token.organization_ids if pk in self.of_organizations]


def limit_names(tokens: Iterable[Token]) -> LimitNames:
    """The names of all that these tokens are limited to, in two queries at most."""
    limited = [token for token in tokens if token.is_limited]
    datasets = {pk for token in limited for pk in token.dataset_ids}
    organizations = {pk for token in limited for pk in token.organization_ids}
    rows = Dataset.objects.filter(pk__in=datasets).values_list("pk", "organization__slug", "slug") if datasets else []
    groups = Organization.objects.filter(pk__in=organizations).values_list("pk", "slug") if organizations else []
    return LimitNames({pk: f"{owner}/{slug}" for pk, owner, slug in rows}, dict(groups))
