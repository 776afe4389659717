"""The main job, done as people do it: over HTTP, with the client package, on a running site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from commonfield import Client, Rejected
from deploy.demo.datasets import DATA, DATASETS, DemoDataset

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """How a dataset of the demo ended. ``rows_in`` counts the original's records, refused ones included."""

    dataset: DemoDataset
    state: str
    rows: int = 0
    findings: int = 0
    verdict: str = ""
    version: str = ""
    sha256: str = ""

    def line(self) -> str:
        if self.state == "rejected":
            return f"  {self.dataset.id:<38} rejected, as it should be: {self.verdict}"
        return (
            f"  {self.dataset.id:<38} {self.rows:>7,} rows  {self.findings:>3} findings  {self.verdict:<9} "
            f"{self.state} {self.version:<6} sha256 {self.sha256[:12]}…"
        )


def run(url: str, tokens: Mapping[str, str], say: Say) -> list[Result]:
    """Register, upload, check, submit, decide: every dataset of the demo to its end."""
    results = []
    with (
        Client(url, tokens["mei"]) as owner,
        _api(url, tokens["mei"]) as api,
        _api(url, tokens["tomas"]) as steward,
    ):
        for dataset in DATASETS:
            result = _one(owner, api, steward, dataset)
            say(result.line())
            results.append(result)
    return results


def _api(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def _one(owner: Client, api: httpx.Client, steward: httpx.Client, dataset: DemoDataset) -> Result:
    there = api.get(f"/datasets/{dataset.id}")
    if there.status_code == 200 and there.json()["latest"]:
        return _result(owner, dataset, "published", "latest")
    if there.status_code == 200 and (there.json()["draft"] or {}).get("state") == "in_review":
        return _result(owner, dataset, "in review", "draft")
    if there.status_code == 404:
        _register(api, dataset)
    if dataset.rules:
        _ask(api.put(f"/datasets/{dataset.id}/rules", json={"rules": list(dataset.rules)}))
    try:
        documents = [DATA / name for name in dataset.documents]
        pushed = owner.push(dataset.path, dataset.id, note=dataset.note, documents=documents, create=False)
    except Rejected as refusal:
        reason = refusal.findings[0] if refusal.findings else refusal
        return Result(dataset, "rejected", verdict=str(reason))
    if dataset.ending == "in review" or pushed.version is None:
        return _result(owner, dataset, "in review", "draft")
    review = _ask(api.get(f"/datasets/{dataset.id}/versions/draft")).json()["review"]["id"]
    decision = {"decision": "approve", "reason": "Schema, findings and report read; good to publish."}
    _ask(steward.post(f"/reviews/{review}/decision", json=decision))
    return _result(owner, dataset, "published", "latest")


def _register(api: httpx.Client, dataset: DemoDataset) -> None:
    organization, _, slug = dataset.id.partition("/")
    body: dict[str, Any] = {
        "organization": organization,
        "slug": slug,
        "title": dataset.title,
        "description": dataset.description,
        "license": dataset.license,
        "keywords": list(dataset.keywords),
        "access": dataset.access,
    }
    _ask(api.post("/datasets", json=body))


def _result(owner: Client, dataset: DemoDataset, state: str, version: str) -> Result:
    found = owner.info(dataset.id, version=version)
    resource = found.resources[0]
    counted = owner.findings(dataset.id, version=version)
    return Result(
        dataset,
        state,
        rows=sum(item.rows or 0 for item in found.resources),
        findings=sum(group.count for group in counted),
        verdict=found.verdict,
        version=found.number or "",
        sha256=str(resource.raw["parquet"][0]["sha256"]),
    )


def _ask(response: httpx.Response) -> httpx.Response:
    """The response, if it is a good one. Raises RuntimeError with the problem's own words."""
    if response.is_error:
        raise RuntimeError(
            f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:500]}"
        )
    return response
