"""The words of a recipe: every step that an owner may add or change, as validated data.

Nothing here reads a table, so that the web can check a recipe without loading an engine. ``ingest.recipes.cleaning``
does the cleaning steps, ``ingest.columns.choices`` makes a column's plan of the reading steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from ingest.outcome import RecipeStep

Separator = Annotated[str, Field(min_length=1, max_length=20)]
NAME_LENGTH = 255


class RecipeInvalidError(ValueError):
    """A step is not as it has to be. The message is a sentence for the person who wrote it."""


class Step(BaseModel):
    """One named step. What a run tells of it (``count``, ``examples`` …) is passed over when it is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_json(self) -> RecipeStep:
        """As a recipe has it."""
        return self.model_dump(mode="json")


# ------------------------------------------------------------------------------------------- cleaning: cells


class CellStep(Step):
    """A step on the text of single cells of ``column``, but not of those that hold one of the ``spared`` texts."""

    column: str = Field(max_length=NAME_LENGTH)
    spared: tuple[str, ...] = Field(default=(), max_length=1_000)

    def to_json(self) -> RecipeStep:
        told = super().to_json()
        if not self.spared:
            del told["spared"]
        return told


class Trim(CellStep):
    """White space around the values goes."""

    step: Literal["trim-text"] = "trim-text"


class CollapseSpaces(CellStep):
    """White space within the values becomes one space, and none at the ends."""

    step: Literal["collapse-spaces"] = "collapse-spaces"


class NormaliseUnicode(CellStep):
    """One way of writing the same character: ``NFC`` joins letters and marks, ``NFKC`` also unifies forms."""

    step: Literal["normalise-unicode"] = "normalise-unicode"
    form: Literal["NFC", "NFKC"] = "NFC"


class NarrowDigits(CellStep):
    """Full-width digits and the signs beside them become those of ASCII."""

    step: Literal["narrow-digits"] = "narrow-digits"


class Spell(CellStep):
    """Values written in several ways get one spelling: ``values`` maps what stands there to what shall stand."""

    step: Literal["spell"] = "spell"
    values: Mapping[str, str] = Field(min_length=1, max_length=10_000)


class Clear(CellStep):
    """The named texts mean that there is no value."""

    step: Literal["clear"] = "clear"
    values: tuple[str, ...] = Field(min_length=1, max_length=1_000)


# ----------------------------------------------------------------------------------------- cleaning: columns


class RenameColumns(Step):
    """``columns`` are pairs of the old and the new name."""

    step: Literal["rename-columns"] = "rename-columns"
    columns: tuple[tuple[str, str], ...] = Field(min_length=1)


class DropColumns(Step):
    """The named columns go. The original keeps them."""

    step: Literal["drop-columns"] = "drop-columns"
    columns: tuple[str, ...] = Field(min_length=1)


class DropEmptyColumns(Step):
    """The named columns go as long as they hold no value; one that has a value stays, and that is said."""

    step: Literal["drop-empty-columns"] = "drop-empty-columns"
    columns: tuple[str, ...] = Field(min_length=1)


class Split(Step):
    """A column of text is taken apart at a separator; the last new column has what is left. ``keep`` the old one."""

    step: Literal["split"] = "split"
    column: str = Field(max_length=NAME_LENGTH)
    by: Separator
    into: tuple[str, ...] = Field(min_length=2, max_length=50)
    keep: bool = True


class Merge(Step):
    """Columns are written into one, with a separator, values that are missing left out. ``keep`` the old ones."""

    step: Literal["merge"] = "merge"
    columns: tuple[str, ...] = Field(min_length=2, max_length=50)
    by: str = Field(default=" ", max_length=20)
    into: str = Field(min_length=1, max_length=NAME_LENGTH)
    keep: bool = True

    @model_validator(mode="after")
    def _distinct(self) -> Merge:
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a column is named twice")
        return self


# -------------------------------------------------------------------------------------------- cleaning: rows


class DropEmptyRows(Step):
    """Rows without a single value go."""

    step: Literal["drop-empty-rows"] = "drop-empty-rows"


class DropDuplicates(Step):
    """Of rows that are the same in every column, the first one stays."""

    step: Literal["drop-duplicates"] = "drop-duplicates"


# --------------------------------------------------------------------------------------------------- reading


class _Reading(Step):
    model_config = ConfigDict(frozen=True, extra="allow")
    column: str


class _Plain(_Reading):
    step: Literal["trim", "read-foreign-digits", "read-truth-words"]


class _Missing(_Reading):
    step: Literal["read-as-missing"]
    tokens: Mapping[str, int] | tuple[str, ...]
    kept: Mapping[str, int] | tuple[str, ...] = ()
    was: str = ""


class _Numbers(_Reading):
    step: Literal["read-written-numbers"]


class _Dates(_Reading):
    step: Literal["read-written-dates"]
    formats: tuple[str, ...] = Field(min_length=1)


class _Cast(_Reading):
    step: Literal["cast"]
    type: Literal[
        "string", "integer", "number", "decimal", "boolean", "date", "datetime", "instant", "time", "year",
        "yearmonth", "duration",
    ]  # fmt: skip
    scale: int = Field(default=0, ge=0, le=37)


_CLEANING: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        Trim | CollapseSpaces | NormaliseUnicode | NarrowDigits | Spell | Clear | RenameColumns | DropColumns
        | DropEmptyColumns | Split | Merge | DropEmptyRows | DropDuplicates,
        Field(discriminator="step"),
    ]
)  # fmt: skip
_READING: TypeAdapter[Any] = TypeAdapter(
    Annotated[_Plain | _Missing | _Numbers | _Dates | _Cast, Field(discriminator="step")]
)

CLEANING = frozenset(_CLEANING.json_schema()["discriminator"]["mapping"])
"""The names of the cleaning steps."""
CELL_STEPS = frozenset({"trim-text", "collapse-spaces", "normalise-unicode", "narrow-digits", "spell", "clear"})
"""Those of them that change single cells, and can leave some as they are."""
READING = frozenset(_READING.json_schema()["discriminator"]["mapping"])
"""The names of the steps that say how a column's text is read."""
KEPT = "keep-text"
"""The step that lists the columns that are text."""


def chosen_cast(column: str, kind: str, **params: Any) -> RecipeStep:
    """The step by which an owner chooses the column's type."""
    return {"step": "cast", "column": column, "type": kind, **params, "by": "owner"}


def parse_cleaning(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Read cleaning steps, in order. Raises RecipeInvalidError."""
    return tuple(_parsed(_CLEANING, step, place) for place, step in enumerate(steps, start=1))


def check_reading(steps: Iterable[Mapping[str, Any]]) -> None:
    """Raises RecipeInvalidError for a reading step that has not what it needs."""
    for place, step in enumerate(steps, start=1):
        _parsed(_READING, step, place)


def _parsed(adapter: TypeAdapter[Any], step: Mapping[str, Any], place: int) -> Any:
    try:
        return adapter.validate_python(dict(step))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        words = f"{where}: {first['msg']}" if where else first["msg"]
        raise RecipeInvalidError(f"Step {place} ({step.get('step', 'without a name')}): {words}.") from error
