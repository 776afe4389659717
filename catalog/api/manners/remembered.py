"""A dataset as it is told to nobody in particular, kept in this process while the rows that it is made of are the same.

Each time, one question goes to PostgreSQL: whether ``visible_to`` shows the dataset to everybody, which versions of its
rows there are (``xmin`` and ``ctid``, which change with each write of a row), and whether everybody may have its bytes.
Only what follows from these is kept; what depends on the time or on other rows (an embargo, a successor, a standard
schema) is made anew for each request.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, TextField
from django.db.models.expressions import RawSQL
from psycopg.sql import Literal

from catalog.actor import ANONYMOUS
from catalog.api.manners.conditional import etag_of
from catalog.api.manners.represent import dataset_for
from catalog.api.manners.shapes import DatasetShape
from catalog.connections import PreparedQuestion
from catalog.models import Dataset
from catalog.selectors.datasets import visible_datasets

KEPT = 2_000
"""Answers that a process keeps: at some 10 kB each 20 MB."""
_OWNER, _SLUG = "\1owner", "\1slug"
_PLACES: dict[Any, str] = {_OWNER: "$1", _SLUG: "$2"}
# The parts of the versions of rows are told apart by the sign between them.
_VERSIONS = """concat_ws(' ', catalog_dataset.xmin, catalog_dataset.ctid, catalog_organization.xmin,
    catalog_organization.ctid, (SELECT v.xmin || ' ' || v.ctid FROM catalog_version v WHERE v.id = latest_id))"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """``data`` is not to be changed: it is given to others too."""

    data: DatasetShape
    etag: str


def remembered_dataset(owner: str, slug: str) -> Remembered | None:
    """The answer to somebody who is not signed in; None where it has to be made as for anybody else."""
    found = _question().ask(owner, slug)
    if not found:
        return None
    [(pk, versions, may_download)] = found
    return _answer(int(pk or 0), versions or "", may_download == "t")


@functools.cache
def _question() -> PreparedQuestion:
    """The SQL, made once: Django takes longer to write it than PostgreSQL to answer it."""
    downloadable = Dataset.objects.downloadable_by(ANONYMOUS).filter(pk=OuterRef("pk"))
    datasets = Dataset.objects.visible_to(ANONYMOUS).filter(organization__slug=_OWNER, slug=_SLUG).order_by()
    versions = RawSQL(_VERSIONS, [], output_field=TextField())  # noqa: S611 -- a constant.
    asked = datasets.values_list("pk", versions, Exists(downloadable))
    text, parameters = asked.query.sql_with_params()
    return PreparedQuestion("remembered dataset", text % tuple(map(_written, parameters)))


def _written(value: str | int) -> str:
    """Values are constants of the question but for its two places. Members of an enum are written as texts."""
    return _PLACES.get(value) or Literal(str(value) if isinstance(value, str) else int(value)).as_string()


@functools.lru_cache(maxsize=KEPT)
def _answer(pk: int, _versions: str, _may_download: bool) -> Remembered | None:
    dataset = visible_datasets(ANONYMOUS).filter(pk=pk).first()
    if dataset is None or not _is_of_its_rows(dataset):
        return None
    data = dataset_for(ANONYMOUS, dataset)
    return Remembered(data, etag_of(data))


def _is_of_its_rows(dataset: Dataset) -> bool:
    latest = dataset.latest
    others = (dataset.conforms_to_id, dataset.successor_id, dataset.embargo_until)
    of_version = (None, None) if latest is None else (latest.successor_id, latest.embargo_until)
    return all(value is None for value in (*others, *of_version))
