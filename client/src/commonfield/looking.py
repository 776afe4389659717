"""What a registry has: found, described, listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from commonfield._parse import many, need
from commonfield.models import Account, Dataset, DatasetId, SearchResults, Version
from commonfield.querying import Querying

Words = str | Sequence[str] | None
Sort = Literal["relevance", "newest", "title"]


class Looking(Querying):
    """The part of the client that looks at what there is."""

    def dataset(self, id: str) -> Dataset:
        """What a dataset is: title, licence, access, its latest version. Raises NotFound, NotAllowed."""
        return Dataset.from_json(self._transport.get(DatasetId.parse(id).path))

    def info(self, id: str, *, version: str = "latest") -> Version:
        """One version with its resources and their fields. Raises NotFound, NotAllowed."""
        return Version.from_json(self._transport.get(DatasetId.parse(id).version_path(version)))

    def versions(self, id: str) -> list[Version]:
        """All versions that one may see, newest first."""
        path = f"{DatasetId.parse(id).path}/versions"
        found: list[Version] = []
        page = 1
        while True:
            answer = self._transport.get(path, {"page": page, "page_size": 100})
            results = answer if isinstance(answer, list) else need(answer, "results")
            found.extend(many(Version.from_json, results))
            if isinstance(answer, list) or not answer.get("next"):
                return found
            page += 1

    def search(
        self,
        q: str = "",
        *,
        access: Words = None,
        license: Words = None,
        keyword: Words = None,
        organization: Words = None,
        quality: Words = None,
        format: Words = None,
        sort: Sort = "relevance",
        page: int = 1,
        page_size: int = 20,
    ) -> SearchResults:
        """Find datasets. Several values of one facet mean any of them; several facets mean all of them."""
        facets = {
            "access": access,
            "license": license,
            "keyword": keyword,
            "organization": organization,
            "quality": quality,
            "format": format,
        }
        params: dict[str, Any] = {"q": q, "sort": sort, "page": page, "page_size": page_size}
        for name, value in facets.items():
            if value is not None:
                params[name] = [value] if isinstance(value, str) else list(value)
        return SearchResults.from_json(self._transport.get("/search", params), page=page)

    def whoami(self) -> Account:
        """Whose token this is. Raises NotSignedIn."""
        return Account.from_json(self._transport.get("/me"))
