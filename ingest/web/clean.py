"""Step 2: how a table is made from its file: what is asked, what could be cleaned, each step with an undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.findings import CATALOGUE, Finding, sentence
from catalog.models import Resource
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page_for_users, put_into
from catalog.web.report.recipe import told
from ingest.outcome import RecipeStep
from ingest.recipes.opening import is_doubtful
from ingest.recipes.vocabulary import KEPT
from ingest.selectors.beginnings import can_be_opened_otherwise
from ingest.selectors.columns import ReadColumns
from ingest.selectors.uploads import find_reading
from ingest.services import recipes as service
from ingest.services.columns import change_columns
from ingest.web.changes import signed_value, total_words
from ingest.web.column_forms import ColumnsForm
from ingest.web.draft import moved_on, open_draft_of, table_of
from ingest.web.jobs import Job
from ingest.web.shown_steps import examples_of, shown_step
from ingest.web.steps import CLEAN, steps

COLUMNS = 100
"""So many columns stand on a page: some files have tens of thousands."""
STEPS = 100
ASKED_AT_ONCE = 50
"""So many questions, and so many suggestions, stand on the page; the next come when these are settled."""
MOST_SOUGHT = 200
LEFT_OUT_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """``answers`` are pairs of an option's code and its sentence; the first says what was done meanwhile."""

    column: str
    sentence: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownColumns:
    """The columns that are looked at: those whose names hold what is ``wanted``, a page of them."""

    columns: ReadColumns
    wanted: str
    shown: Page[int]


@page_for_users
def clean(request: HttpRequest, actor: Actor, owner: str, dataset: str, table: str) -> HttpResponse:
    """Questions, columns, suggestions and steps of one table of the draft; each button has the table read again."""
    draft = open_draft_of(actor, owner, dataset)
    if gone := moved_on(request, draft):
        return gone
    resource = table_of(draft, table)
    page = _page_of_columns(request, resource)
    sent = request.POST if "columns" in request.POST else None
    form = ColumnsForm(sent, columns=page.columns, page=page.shown, is_fixed=resource.sources.count() != 1)
    refusal = ""
    if request.method == "POST":
        try:
            done = _change(request, actor, resource, form) if sent is not None else _act(actor, resource, request.POST)
        except Invalid as error:
            done, refusal = False, error.words
        if done:
            query = request.META.get("QUERY_STRING", "") if sent is not None else ""
            address = reverse("ingest:clean", args=[owner, dataset, table])
            return redirect(f"{address}?{query}" if query else address)
    reading = find_reading(actor=actor, resource=resource)
    told_steps = [place for place, item in enumerate(resource.recipe) if item["step"] != KEPT]
    recipe = Paginator(told_steps, STEPS).get_page(request.GET.get("steps"))
    context: dict[str, Any] = {
        "nav": "share",
        "steps": steps(draft, CLEAN),
        "draft": draft,
        "total": total_words(resource.recipe),
        "has_more_tables": len(draft.tables) > 1,
        "can_open": can_be_opened_otherwise(resource),
        "doubts": [item["step"] for item in resource.recipe if is_doubtful(item)],
        "table": resource,
        "job": Job(reading) if reading is not None else None,
        "questions": [_question(item) for item in resource.questions[:ASKED_AT_ONCE]],
        "more_questions": max(0, len(resource.questions) - ASKED_AT_ONCE),
        "suggestions": [
            (place, told(item, with_values=True), examples_of(item))
            for place, item in enumerate(resource.suggestions[:ASKED_AT_ONCE])
        ],
        "more_suggestions": max(0, len(resource.suggestions) - ASKED_AT_ONCE),
        "done": [shown_step(place, resource.recipe) for place in recipe.object_list],
        "recipe": recipe,
        "refusal": refusal,
        "columns": form,
        "wanted": page.wanted,
        "page": page.shown,
        "pages": page_numbers(page.shown),
        "left_out": page.columns.left_out()[:LEFT_OUT_SHOWN],
    }
    return render(request, "ingest/clean.html", context, status=400 if request.method == "POST" else 200)


def _page_of_columns(request: HttpRequest, resource: Resource) -> ShownColumns:
    columns = ReadColumns(resource)
    wanted = request.GET.get("find", "")[:MOST_SOUGHT]
    return ShownColumns(columns, wanted, Paginator(columns.places(wanted), COLUMNS).get_page(request.GET.get("page")))


def _change(request: HttpRequest, actor: Actor, resource: Resource, form: ColumnsForm) -> bool:
    """Do what differs in the rows of the table of columns; False where the form says why not."""
    if not form.is_valid():
        return False
    changes = form.changes
    try:
        upload = change_columns(actor=actor, resource=resource, changes=changes)
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    if not changes:
        messages.info(request, _("Nothing was changed: every column is as it was."))
    elif upload is None:
        messages.success(request, _("The units are saved."))
    return True


def _act(actor: Actor, resource: Resource, sent: QueryDict) -> bool:
    """One of the other buttons of the page. Raises what the services raise."""
    if "undo" in sent:
        service.undo_step(actor=actor, resource=resource, place=_number(sent.get("undo")))
    elif "take" in sent:
        place = _number(sent.get("take"))
        if not 0 <= place < len(resource.suggestions):
            raise Invalid(_("The table was read again meanwhile; look at the page anew."))
        service.add_steps(actor=actor, resource=resource, steps=[_as_step(resource.suggestions[place])])
    elif "keep" in sent:
        place, value = signed_value(resource.recipe, sent.get("keep"), is_kept=False)
        service.keep_value(actor=actor, resource=resource, place=place, value=value)
    elif "give_up" in sent:
        place, value = signed_value(resource.recipe, sent.get("give_up"), is_kept=True)
        service.give_up_value(actor=actor, resource=resource, place=place, value=value)
    elif "option" in sent:
        service.answer_question(
            actor=actor, resource=resource, column=sent.get("column", ""), option=sent.get("option", "")
        )
    else:
        raise Invalid
    return True


def _number(text: object) -> int:
    """A place in a list; -1 for what is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 7 else -1


def _as_step(suggestion: Mapping[str, Any]) -> RecipeStep:
    """A suggestion less what only tells of it; in one of spelling, ``values`` are the step itself."""
    told_only = {"count", "whole", "examples"} | (set() if suggestion["step"] == "spell" else {"values"})
    return {key: value for key, value in suggestion.items() if key not in told_only}


def _question(item: Mapping[str, Any]) -> ShownQuestion:
    code, column = str(item["code"]), str(item["column"])
    known = code in CATALOGUE
    asked = sentence(Finding(code, column=column, value=item["value"])) if known else column
    answers = tuple((str(option["code"]), service.option_sentence(option)) for option in item["options"])
    return ShownQuestion(column, asked, answers)
