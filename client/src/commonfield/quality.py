"""Quality over HTTP: reports, rules, what changed between versions, and what people say about columns and rows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx

from commonfield import frames
from commonfield._connection import Connection
from commonfield._http import API_ROOT
from commonfield._parse import many, need
from commonfield._problems import error_from
from commonfield.annotating import Annotation, Aspect, Kind
from commonfield.differences import Difference
from commonfield.errors import BadArgument, TransferFailed
from commonfield.models import DatasetId, Version
from commonfield.reports import Finding, Report

Rule = Mapping[str, Any]
PATIENCE = 600.0
"""Seconds that a difference is waited for: two versions of ten million rows take half a minute."""
_PAUSES = (0.2, 0.5, 1.0, 2.0)


class Quality(Connection):
    """The part of the client that is about quality."""

    def report(self, id: str, *, version: str = "latest", resource: str | None = None) -> Report:
        """The quality report of a resource: each expectation, how it did, and the profile."""
        path, name = self._resource_path(id, version, resource)
        return Report.from_json(self._transport.get(f"{path}/report"), resource=name)

    def findings(self, id: str, *, version: str = "latest", resource: str | None = None) -> tuple[Finding, ...]:
        """What was found wrong, or changed, while the uploaded file became data."""
        path, _ = self._resource_path(id, version, resource)
        return many(Finding.from_json, need(self._transport.get(f"{path}/findings"), "groups"))

    # ------------------------------------------------------------ between versions
    def difference(self, id: str, base: str, to: str = "latest", *, timeout: float = PATIENCE) -> Difference:
        """What is different in the version `to`; computed by the registry if nobody asked before, and waited for.

        Raises NotAllowed or NotFound unless one may have the bytes of both, TransferFailed when the registry could not
        compare them or took longer than `timeout` seconds.
        """
        path = f"{DatasetId.parse(id).version_path(base)}/difference"
        _check_version(id, to)
        until = time.monotonic() + timeout
        for pause in _pauses():
            answer = self._transport.get(path, {"to": to})
            state = str(need(answer, "state"))
            if state == "done":
                return Difference.from_json(answer)
            if state == "errored":
                raise TransferFailed(f"The registry could not compare {base} and {to} of {id}.", "Tell its operators.")
            if time.monotonic() + pause > until:
                raise TransferFailed(
                    f"{base} and {to} of {id} are still being compared after {timeout:.0f} seconds.",
                    "Ask again later: the registry goes on by itself.",
                )
            time.sleep(pause)
        raise AssertionError  # The pauses never end.

    def changes(
        self,
        id: str,
        base: str,
        to: str = "latest",
        *,
        resource: str | None = None,
        as_: Literal["pandas", "polars", "arrow"] = "pandas",
        timeout: float = PATIENCE,
    ) -> Any:
        """Every change of a table as a frame: kind, the key, row_before, row_after, column, before, after.

        Raises BadArgument where nothing of that name is in both versions, and as `difference` does.
        """
        found = self.difference(id, base, to, timeout=timeout)
        name = resource if resource is not None or len(found.tables) != 1 else next(iter(found.tables))
        if name is None or name not in found.tables:
            raise BadArgument(
                f"{len(found.tables)} resources are in both versions." if name is None else f"{name!r} is not in both.",
                f"Say which one with resource= (--resource): {', '.join(found.tables)}." if found.tables else "",
            )
        address = found.tables[name].raw.get("changes")
        if address is None:
            raise BadArgument(
                f"The rows of {name} could not be compared, so there is no list of changes.",
                "See the difference: its tables say why.",
            )
        with tempfile.TemporaryDirectory(prefix="commonfield-") as scratch:
            file = self._fetch(str(address), Path(scratch) / f"{name}.parquet")
            if as_ == "polars":
                return frames.read_polars([file], columns=None)
            if as_ == "arrow":
                return frames.read_arrow([file], columns=None, provenance={})
            return frames.read_pandas([file], columns=None, dtypes="lossless", provenance={})

    # ------------------------------------------------------------ rules
    def rules(self, id: str) -> list[Rule]:
        """The owner's rules of a dataset, as JSON: what every version's tables must satisfy beyond their schema."""
        return list(need(self._transport.get(f"{DatasetId.parse(id).path}/rules"), "rules"))

    def set_rules(self, id: str, rules: Sequence[Rule]) -> list[Rule]:
        """Replace a dataset's rules; its draft is checked again. Raises InvalidInput that names every wrong rule."""
        path = f"{DatasetId.parse(id).path}/rules"
        return list(need(self._transport.put(path, {"rules": [dict(rule) for rule in rules]}), "rules"))

    # ------------------------------------------------------------ annotations
    def annotations(
        self,
        id: str,
        *,
        version: str = "latest",
        resource: str | None = None,
        kind: Kind | None = None,
        column: str | None = None,
        state: str | None = None,
        label: str | None = None,
    ) -> list[Annotation]:
        """What people say about a table's columns and rows, as far as one may see it."""
        path, _ = self._resource_path(id, version, resource)
        given = {"kind": kind, "column": column, "state": state, "label": label}
        params: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        found: list[Annotation] = []
        page = 1
        while True:
            answer = self._transport.get(f"{path}/annotations", {**params, "page": page, "page_size": 100})
            found.extend(many(Annotation.from_json, need(answer, "results")))
            if not answer.get("next"):
                return found
            page += 1

    def annotate(
        self,
        id: str,
        *,
        value: Any,
        column: str | None = None,
        aspect: Aspect | None = None,
        label: str | None = None,
        row: int | None = None,
        key: Mapping[str, Any] | None = None,
        reason: str = "",
        version: str = "latest",
        resource: str | None = None,
    ) -> Annotation:
        """Say what a machine can't know; those who own the dataset decide about it.

        `column` with `aspect` describes a column (meaning, unit, codes, limits); `column` with a row (`key`, or `row`
        from 1) corrects a cell; `label` with a row labels it. Raises BadArgument, InvalidInput, NotAllowed.
        """
        has_row = row is not None or key is not None
        kinds = {"column": bool(column and aspect), "correction": bool(column and has_row), "label": bool(label)}
        meant = [kind for kind, is_meant in kinds.items() if is_meant]
        if len(meant) != 1 or (meant == ["label"] and not has_row):
            raise BadArgument(
                "It is not clear what is annotated.",
                "Give column and aspect, or column and a row (key= or row=), or label and a row.",
            )
        path, _ = self._resource_path(id, version, resource)
        body: dict[str, Any] = {"kind": meant[0], "value": value, "reason": reason}
        given = {"column": column, "aspect": aspect, "label": label, "row": row, "row_key": dict(key) if key else None}
        body |= {name: content for name, content in given.items() if content is not None}
        return Annotation.from_json(self._transport.post(f"{path}/annotations", body))

    # ------------------------------------------------------------ how
    def _resource_path(self, id: str, version: str, resource: str | None) -> tuple[str, str]:
        dataset = DatasetId.parse(id)
        known = Version.from_json(self._transport.get(dataset.version_path(version)))
        names = [item.name for item in known.resources]
        name = resource if resource is not None or len(names) != 1 else names[0]
        if name is None or name not in names:
            what = f"{len(names)} resources" if name is None else f"no resource {name!r}"
            raise BadArgument(
                f"{dataset} {version} has {what}.",
                f"Say which one with resource= (--resource): {', '.join(names)}." if names else "",
            )
        return f"{dataset.version_path(version)}/resources/{name}", name

    def _fetch(self, address: str, target: Path) -> Path:
        """A small file that is not kept in the cache: a draft's changes move on. Raises TransferFailed, ApiError."""
        transport = self._transport
        url = f"{transport.site}{API_ROOT}{address.removeprefix(API_ROOT)}"
        try:
            with transport.stream(url, {}) as response, target.open("wb") as file:
                if response.status_code >= 400:
                    response.read()
                    raise error_from(response, signed_in=transport.signed_in)
                for chunk in response.iter_bytes():
                    file.write(chunk)
                expected = response.headers.get("content-length")
        except httpx.TransportError as error:
            raise transport.connection_error(error) from error
        if expected is not None and target.stat().st_size != int(expected):
            raise TransferFailed("The file of changes came in part.", "Ask again.")
        return target


def _check_version(id: str, version: str) -> None:
    """Raises BadArgument for what is no version, before anything is asked."""
    DatasetId.parse(id).version_path(version)


def _pauses() -> Iterator[float]:
    yield from _PAUSES
    while True:
        yield _PAUSES[-1]
