"""An outcome of the pipeline with what tests ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.outcome import ConvertedResource, Outcome, Rejected, Stored


@dataclass
class Result:
    """An outcome with what tests ask of it."""

    outcome: Outcome

    @property
    def stored(self) -> Stored:
        assert isinstance(self.outcome, Stored), self.codes
        return self.outcome

    @property
    def resource(self) -> ConvertedResource:
        (resource,) = self.stored.resources
        return resource

    def table(self, name: str | None = None) -> Any:
        resources = {item.name: item for item in self.stored.resources}
        resource = resources[name] if name else self.resource
        return pa.concat_tables([pq.read_table(part.path) for part in resource.parts])

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table().to_pylist()
        return rows

    @property
    def types(self) -> dict[str, str]:
        return {field.name: field.arrow for field in self.resource.schema.fields}

    @property
    def codes(self) -> dict[str, int]:
        """How many findings of each code, those of the file and those of its tables."""
        reports = [self.outcome.findings]
        reports += [item.findings for item in getattr(self.outcome, "resources", ())]
        counts: dict[str, int] = {}
        for report in reports:
            for group in report.groups:
                counts[group.code] = counts.get(group.code, 0) + group.count
        return counts

    def findings(self, code: str) -> list[dict[str, Any]]:
        """The findings of one code from the complete file."""
        assert self.resource.findings.path is not None
        return [row for row in pq.read_table(self.resource.findings.path).to_pylist() if row["code"] == code]

    @property
    def reason(self) -> str:
        assert isinstance(self.outcome, Rejected), "the file was stored"
        return self.outcome.findings.groups[0].code
