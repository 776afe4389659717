"""What a step changed, cell by cell, and the log of all changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Resource
from catalog.storage import attachment
from catalog.templatetags.kit import num
from catalog.transport.csv_lines import csv_line, harmless
from catalog.web.frame.refusals import page_for_users
from catalog.web.report.recipe import Step, told
from ingest.outcome import RecipeStep
from ingest.recipes.changed import LONGEST
from ingest.recipes.sparing import becomes_text, can_spare, spared
from ingest.recipes.vocabulary import CELL_STEPS
from ingest.web.draft import Draft, open_draft_of, table_of
from ingest.web.steps import CLEAN, steps

_LOG = ("step", "name", "words", "column", "in your file", "becomes", "cells")
_ROW_STEPS = frozenset({"drop-empty-rows", "drop-duplicates"})


@dataclass(frozen=True, slots=True)
class Cell:
    """``row`` in the table and ``line`` of the original, None where there is none. ``spare`` is what the button says
    that leaves the value as it is; empty where there can be none.
    """

    row: int | None
    line: int | None
    before: str
    after: str | None
    spare: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """The first cells of one step, in words. ``count`` is how many there are in all, None where nobody has counted.

    ``has_lines`` and ``has_rows`` tell which numbers there are; ``makes_text`` that the column becomes text when one of
    these values is left as it is.
    """

    place: int
    words: Step
    shown: tuple[Cell, ...]
    count: int | None
    has_rows: bool
    has_lines: bool
    makes_text: bool
    takes_rows: bool

    @property
    def can_spare(self) -> bool:
        return any(cell.spare for cell in self.shown)


@page_for_users
def changed_cells(request: HttpRequest, actor: Actor, owner: str, dataset: str, table: str, place: int) -> HttpResponse:
    """Up to fifty cells of a step, before and after: a page, or a piece of the table's page."""
    draft, resource = _find(actor, owner, dataset, table)
    if not 0 <= place < len(resource.recipe) or not resource.recipe[place].get("cells"):
        raise NotFound
    context = {"nav": "share", "draft": draft, "table": resource, "cells": cells_of(resource.recipe, place)}
    if "HX-Request" in request.headers:
        return render(request, "ingest/parts/cells.html", {**context, "is_piece": True})
    return render(request, "ingest/cells.html", {**context, "steps": steps(draft, CLEAN)})


@page_for_users
def log(request: HttpRequest, actor: Actor, owner: str, dataset: str, table: str, form: str) -> HttpResponse:
    """The change log to keep: the recipe as it is (``json``), or its changes with their counts (``csv``)."""
    del request
    _draft, resource = _find(actor, owner, dataset, table)
    name = {"Content-Disposition": attachment(f"{resource.name}.changes.{form}")}
    if form == "json":
        original = {"filename": resource.original_filename, "sha256": resource.original_sha256}
        answer = {"table": resource.name, "rows": resource.rows, "original": original, "steps": resource.recipe}
        return JsonResponse(answer, headers=name, json_dumps_params={"ensure_ascii": False, "indent": 2})
    # The mark tells Excel that it is UTF-8.
    text = "\ufeff" + "".join(csv_line([harmless(cell) for cell in line]) for line in _lines(resource.recipe))
    return HttpResponse(text, headers=name, content_type="text/csv; charset=utf-8")


def _find(actor: Actor, owner: str, dataset: str, table: str) -> tuple[Draft, Resource]:
    """Raises NotFound, and what ``open_draft_of`` raises: whoever may upload may see the draft's values."""
    draft = open_draft_of(actor, owner, dataset)
    if draft.is_submitted:
        raise NotFound
    return draft, table_of(draft, table)


def cells_of(recipe: Sequence[RecipeStep], place: int) -> Cells:
    """The kept cells of the step at the place."""
    step = recipe[place]
    cells = step.get("cells") or ()
    spares = can_spare(step)
    # A value is left as it is wherever it stands in the column: one button is enough.
    first = {cell[2]: number for number, cell in reversed(list(enumerate(cells)))}
    offered = {number for value, number in first.items() if spares and len(value) < LONGEST}
    shown = tuple(
        Cell(row, line, before, after, sign(place, number, before) if number in offered else "")
        for number, (row, line, before, after) in enumerate(cells)
    )
    count = step.get("count")
    return Cells(
        place=place,
        words=told(step, with_values=False),
        shown=shown,
        count=count if isinstance(count, int) else None,
        has_rows=any(cell.row is not None for cell in shown),
        has_lines=any(cell.line is not None for cell in shown),
        makes_text=spares and any(becomes_text(recipe, step, cell.before.strip()) for cell in shown),
        takes_rows=step["step"] in _ROW_STEPS,
    )


def exceptions_of(recipe: Sequence[RecipeStep], place: int) -> tuple[tuple[str, str, str], ...]:
    """The values that a step leaves as they are: value, how many cells in words, and what the button sends."""
    found = []
    for number, (value, count) in enumerate(spared(recipe[place]).items()):
        words = "" if count is None else ngettext("%(n)s cell", "%(n)s cells", count) % {"n": num(count)}
        found.append((value, words, sign(place, number, value)))
    return tuple(found)


def sign(place: int, number: int, value: str) -> str:
    """What a button sends for a value: where it stands, and a hash, since the table may be read again meanwhile."""
    return f"{place}-{number}-{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def signed_value(recipe: Sequence[RecipeStep], sent: object, *, is_kept: bool) -> tuple[int, str]:
    """The step's place and the value that a button means; ``is_kept`` for one that is left as it is.

    Raises Invalid when the recipe is another one by now.
    """
    for place, step in enumerate(recipe):
        values = list(spared(step)) if is_kept else [cell[2] for cell in step.get("cells") or ()]
        for number, value in enumerate(values):
            if sent == sign(place, number, value):
                is_placeholder = step["step"] not in CELL_STEPS
                return place, value.strip() if is_placeholder and not is_kept else value
    raise Invalid(_("The table was read again meanwhile; look at the page anew."))


def total_words(recipe: Sequence[RecipeStep]) -> str:
    """How many cells were changed, in how many columns; empty when none was."""
    met = [step for step in recipe if can_spare(step) and step.get("count")]
    cells, columns = sum(step["count"] for step in met), len({step["column"] for step in met})
    if not cells:
        return ""
    within = ngettext("in %(n)s column", "in %(n)s columns", columns) % {"n": num(columns)}
    changed = ngettext("%(n)s cell was changed", "%(n)s cells were changed", cells) % {"n": num(cells)}
    return _("%(changed)s %(within)s") % {"changed": changed, "within": within}


def _lines(recipe: Sequence[RecipeStep]) -> Iterator[Sequence[Any]]:
    """A line for each step, and one for each value whose cells were counted."""
    yield _LOG
    for number, step in enumerate(recipe, start=1):
        words = told(step, with_values=False).sentence
        columns = [step["column"]] if "column" in step else []
        yield number, step["step"], words, ", ".join(columns), "", "", step.get("count", step.get("rows", ""))
        for before, after, count in _counted(step):
            yield number, step["step"], words, ", ".join(columns), before, after, count


def _counted(step: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    if step["step"] == "read-as-missing" and isinstance(step["tokens"], Mapping):
        yield from ((token, "", count) for token, count in step["tokens"].items())
    if step["step"] == "spell":
        yield from ((before, after, "") for before, after in step["values"].items())
    if step["step"] in {"rename", "rename-columns"}:
        yield from ((before, after, "") for before, after in step["columns"])
    for value, count in spared(step).items():
        yield value, value, "" if count is None else count
