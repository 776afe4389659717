"""The row that somebody means: found by the table's primary key, or where there is none by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid, NotFound
from catalog.hashes import sha256_of_json
from catalog.models import Annotation, AnnotationKind, AnnotationState, Resource
from catalog.rows.cell_values import is_storable
from catalog.rows.preview import Page, read_page
from catalog.rows.query import Among, Family, RowQuery
from catalog.services.delivering.entitlements import require_bytes
from catalog.services.delivering.rows import table_of
from catalog.table_schema import TableSchema

KEYS_AT_ONCE = 500
NO_NUMBER = "Give the row's key, or its number from 1 as the table's pages show it."

Key = tuple[Any, ...]


class RowUnclear(Invalid):
    """No row, or several, have the key; the field is ``row_key`` or ``row``."""

    code = "row-unclear"
    title = gettext_lazy("It is not clear which row is meant")


class Fit(StrEnum):
    """How a correction stands to a version's data."""

    FITS = "fits"
    DONE = "done"
    DIFFERS = "differs"
    GONE = "gone"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as it stands in one version. ``number`` counts from 1; ``key`` is None where the table has none.

    ``cells`` are JSON values by column, ``families`` the types of the stored columns, ``clipped`` columns are cut.
    """

    number: int
    key: dict[str, Any] | None
    cells: Mapping[str, Any]
    families: Mapping[str, Family]
    clipped: frozenset[str]
    version_id: int

    @property
    def hash(self) -> str:
        """The same for the same row of the same table, whoever found it how."""
        return sha256_of_json(self.key if self.key is not None else {"version": self.version_id, "row": self.number})


def find_row(
    *, actor: Actor, resource: Resource, row_key: Mapping[str, Any] | None = None, row: int | None = None
) -> SeenRow:
    """The row that has the key, or stands at ``row`` (from 1).

    Raises as require_bytes does, RowUnclear, QueryInvalid, PreviewTooLarge, ObjectDamaged, StorageUnavailable.
    """
    require_bytes(actor=actor, resource=resource)
    key = TableSchema.from_descriptor(resource.schema).primary_key
    if row_key is not None:
        if not key:
            raise RowUnclear(
                fields={
                    "row_key": [gettext("%(name)s has no primary key: say the row's number.") % {"name": resource.name}]
                }
            )
        if set(row_key) != set(key) or not all(_can_be_key(value) for value in row_key.values()):
            raise RowUnclear(
                fields={
                    "row_key": [
                        gettext("The key of %(name)s is %(key)s, each with a value.")
                        % {"name": resource.name, "key": ", ".join(key)}
                    ]
                }
            )
        return _by_key(resource, key, tuple(row_key[name] for name in key))
    if row is None or not 1 <= row <= resource.rows:
        sentence = NO_NUMBER if row is None else f"The table's rows go from 1 to {resource.rows:,}."
        raise RowUnclear(fields={"row": [sentence]})
    seen = _seen(read_page(table_of(resource), offset=row - 1, limit=1), 0, (), resource.version_id)
    if not key:
        return seen
    # The number is only where the reader saw it: the key is what other versions have too.
    return _by_key(resource, key, tuple(seen.cells[name] for name in key))


def fits_of(resource: Resource, annotations: Sequence[Annotation]) -> dict[int, tuple[Fit, int | None]]:
    """How each correction stands to the table, by its id, with the row's number from 0 where there is one.

    To be asked for people who may have the bytes. Raises QueryInvalid, PreviewTooLarge, ObjectDamaged,
    StorageUnavailable.
    """
    schema = TableSchema.from_descriptor(resource.schema)
    found: dict[int, tuple[Fit, int | None]] = {}
    for item in annotations:
        if item.column not in schema.names:
            found[item.pk] = (Fit.GONE, None)
    known = [item for item in annotations if item.pk not in found]
    keyed = [item for item in known if item.row_key is not None and set(item.row_key) == set(schema.primary_key)]
    for start in range(0, len(keyed), KEYS_AT_ONCE):
        found |= _keyed_fits(resource, schema.primary_key, keyed[start : start + KEYS_AT_ONCE])
    for item in known:
        if item.pk not in found:
            found[item.pk] = _numbered_fit(resource, item)
    return found


def shown_fits(*, actor: Actor, resource: Resource, annotations: Sequence[Annotation]) -> dict[int, Fit]:
    """How the corrections of a page stand to the table; empty where this can't be told (no right, no answer)."""
    waiting = [
        item
        for item in annotations
        if item.kind == AnnotationKind.CORRECTION and item.state in {AnnotationState.PROPOSED, AnnotationState.ACCEPTED}
    ]
    if not waiting:
        return {}
    try:
        require_bytes(actor=actor, resource=resource)
        return {pk: fit for pk, (fit, _) in fits_of(resource, waiting).items()}
    except CatalogError:
        return {}


def _keyed_fits(
    resource: Resource, key: tuple[str, ...], annotations: Sequence[Annotation]
) -> dict[int, tuple[Fit, int | None]]:
    keys = {_key_of(item, key): None for item in annotations}
    columns = list(dict.fromkeys([*key, *(item.column for item in annotations)]))
    page = _page_of_keys(resource, key, list(keys), columns)
    if page.total > len(page.rows) and len(annotations) > 1:
        # One key stands so often that the others may be beyond the page.
        half = len(annotations) // 2
        return _keyed_fits(resource, key, annotations[:half]) | _keyed_fits(resource, key, annotations[half:])
    places: dict[Key, list[int]] = {}
    for place, row in enumerate(page.rows):
        places.setdefault(tuple(row[: len(key)]), []).append(place)
    found: dict[int, tuple[Fit, int | None]] = {}
    for item in annotations:
        rows = places.get(_key_of(item, key), [])
        if len(rows) != 1:
            found[item.pk] = (Fit.UNCLEAR if rows else Fit.GONE, None)
            continue
        at = columns.index(item.column)
        is_clipped = (rows[0], at) in page.clipped
        found[item.pk] = (_compared(item, page.rows[rows[0]][at], is_clipped=is_clipped), page.numbers[rows[0]])
    return found


def _numbered_fit(resource: Resource, annotation: Annotation) -> tuple[Fit, int | None]:
    """A row without a key is the one that was looked at, in that version; elsewhere nobody knows which it is."""
    number = annotation.row_number
    if number is None or annotation.version_id != resource.version_id or not 1 <= number <= resource.rows:
        return Fit.GONE, None
    page = read_page(table_of(resource), offset=number - 1, limit=1, names=[annotation.column])
    return _compared(annotation, page.rows[0][0], is_clipped=bool(page.clipped)), number - 1


def _can_be_key(value: Any) -> bool:
    return is_storable(value) if isinstance(value, str) else isinstance(value, bool | int | float)


def _compared(annotation: Annotation, cell: Any, *, is_clipped: bool) -> Fit:
    if is_clipped:
        return Fit.DIFFERS
    if _is_same(cell, annotation.before):
        return Fit.FITS
    return Fit.DONE if _is_same(cell, annotation.value) else Fit.DIFFERS


def _is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are one cell. Python takes 1 for True, which they are not.

    The database keeps 1e23 as a whole number, and gives it back as one that is no double.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, int | float):
        return one == float(other)
    return bool(one == other)


def _key_of(annotation: Annotation, key: tuple[str, ...]) -> Key:
    row_key = annotation.row_key or {}
    return tuple(row_key[name] for name in key)


def _by_key(resource: Resource, key: tuple[str, ...], values: Key) -> SeenRow:
    if any(value is None for value in values):
        raise RowUnclear(fields={"row_key": [gettext("The row has no value in the table's primary key.")]})
    page = _page_of_keys(resource, key, [values], None)
    if len(page.rows) != 1:
        told = {
            "n": f"{page.total:,}",
            "key": ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True)),
        }
        said = gettext("%(n)s rows have %(key)s.") if page.rows else gettext("No row has %(key)s.")
        raise RowUnclear(fields={"row_key": [said % told]}, remedy=gettext("Look the row up on the data tab."))
    return _seen(page, 0, key, resource.version_id)


def _page_of_keys(resource: Resource, key: tuple[str, ...], keys: Sequence[Key], columns: Sequence[str] | None) -> Page:
    among = Among(key, tuple(tuple(_as_text(value) for value in values) for values in keys))
    # A key that stands twice must be seen to: one row more a key is enough for that.
    return read_page(table_of(resource), offset=0, limit=2 * len(keys) + 1, names=columns, query=RowQuery(among=among))


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _seen(page: Page, place: int, key: tuple[str, ...], version_id: int) -> SeenRow:
    if not page.rows:
        raise NotFound
    names = [column.name for column in page.columns]
    cells = dict(zip(names, page.rows[place], strict=True))
    return SeenRow(
        number=page.numbers[place] + 1,
        key={name: cells[name] for name in key} if key else None,
        cells=cells,
        families={column.name: column.family for column in page.columns},
        clipped=frozenset(names[at] for row, at in page.clipped if row == place),
        version_id=version_id,
    )
