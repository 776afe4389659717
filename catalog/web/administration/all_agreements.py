"""All agreements for staff: which datasets ask for one, in which version, and how many have signed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.selectors.agreements import datasets_with_agreements
from catalog.web.administration.staff import page_for_staff
from catalog.web.frame.pages import page_numbers

PAGE_SIZE = 50


@page_for_staff
def all_agreements(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list, the last written first."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    shown = Paginator(datasets_with_agreements(actor=actor, text=text), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"nav": "administration", "text": text, "page": shown, "pages": page_numbers(shown)}
    return render(request, "catalog/all_agreements.html", context)
