"""Questions that the registry answers, so that only answers travel: SQL; rows by filter, search, sort or group."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx

from commonfield import frames
from commonfield.errors import BadArgument
from commonfield.models import DatasetId
from commonfield.quality import Quality

Frame = Literal["pandas", "polars", "arrow"]
Where = Mapping[str, str | int | float | bool]
PARQUET = "application/vnd.apache.parquet"
_ASKED = {name: name for name in ("columns", "sort", "offset", "group", "measures")} | {"search": "q"}


class Querying(Quality):
    """The part of the client that asks questions."""

    def query(
        self,
        sql: str,
        *,
        dataset: str | None = None,
        version: str = "latest",
        limit: int = 10_000,
        as_: Frame = "pandas",
    ) -> Any:
        """The answer of one SELECT as a table.

        Tables are named `"owner/dataset@1.0.0/table"`, in double quotes; those of `dataset` in `version` need only
        their names. Of more than `limit` rows the first are given, and `attrs["partial"]` (pandas) or the Arrow
        schema's metadata says so; there is also the permanent address of the query, `query_url`.
        Raises BadArgument, InvalidInput, NotAllowed, NotFound, MissingExtra, ConnectionFailed.
        """
        path = "/sql"
        if dataset is not None:
            chosen = DatasetId.parse(dataset)
            path = f"/datasets/{chosen.owner}/{chosen.slug}/versions/{version}/sql"
        body = {"sql": sql, "limit": limit, "format": "parquet"}
        return _frame(self._transport.post_for_bytes(path, body, accept=PARQUET), as_)

    def rows(
        self,
        id: str,
        *,
        version: str = "latest",
        resource: str | None = None,
        where: Where | None = None,
        limit: int = 10_000,
        as_: Frame = "pandas",
        **asked: str | int | Sequence[str],
    ) -> Any:
        """Rows of a resource that the registry chose, as a table.

        `where` has filters such as `{"is:region": "North", "min:amount": 10, "missing:code": "none"}`. What else may
        be `asked`: `columns`; `search`, a text that some column of text contains; `sort`, a column, with `-` in front
        for the largest first; `offset`; `group` (columns) and `measures` (`count`, `sum:amount`, `mean:`, `min:`,
        `max:`, `distinct:`, `missing:`), which gather rows. Raises as `query`.
        """
        if unknown := sorted(asked.keys() - _ASKED.keys()):
            raise BadArgument(f"rows() has no {unknown[0]!r}.", f"There are {', '.join(_ASKED)}.")
        path, _ = self._resource_path(id, version, resource)
        params: dict[str, Any] = {"limit": limit, "format": "parquet"}
        for name, value in asked.items():
            params[_ASKED[name]] = value if isinstance(value, str | int) else ",".join(value)
        for name, bound in (where or {}).items():
            params[name] = str(bound).lower() if isinstance(bound, bool) else str(bound)
        return _frame(self._transport.get_for_bytes(f"{path}/rows", params, accept=PARQUET), as_)

    def cancel(self, query_id: str) -> None:
        """Stop a running query that was sent with this `id`. Raises NotFound where none is running."""
        self._transport.delete(f"/queries/{query_id}")


def _frame(response: httpx.Response, as_: Frame) -> Any:
    said = {
        "partial": response.headers.get("partial", ""),
        "query_url": response.headers.get("query-url", ""),
        "row_count": response.headers.get("row-count", ""),
    }
    with tempfile.TemporaryDirectory(prefix="commonfield-") as folder:
        path = Path(folder) / "answer.parquet"
        path.write_bytes(response.content)
        if as_ == "pandas":
            return frames.read_pandas([path], columns=None, dtypes="lossless", provenance=said)
        if as_ == "polars":
            return frames.read_polars([path], columns=None)
        if as_ == "arrow":
            return frames.read_arrow([path], columns=None, provenance=said)
    raise BadArgument(f"as_={as_!r} is unknown.", "Use 'pandas', 'polars' or 'arrow'.")
