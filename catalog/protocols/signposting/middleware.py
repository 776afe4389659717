"""A dataset's page, and its description in the API, in the format that a client asks for.

A program that sends ``Accept: text/turtle`` or ``application/x-bibtex`` to the address of a page is led to that
document by 303 (https://www.w3.org/TR/cooluris/): so the one address that is cited serves people and machines. The
answers of the API say where the page and the other documents are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_vary_headers

from catalog.protocols.accepting import Offer, preferred, weight_of

_OWN: Mapping[str, tuple[str, ...]] = {
    "catalog:dataset": ("text/html", "application/xhtml+xml"),
    "catalog:version": ("text/html", "application/xhtml+xml"),
    "api:dataset": ("application/json",),
    "api:version": ("application/json",),
}
"""The addresses that are negotiated, and what they answer with themselves."""


@dataclass(frozen=True, slots=True)
class _Document:
    """Where a document is below the version's address in the API; below the dataset's for ``of_dataset``."""

    offer: Offer
    path: str
    of_dataset: bool = False


_DOCUMENTS: tuple[_Document, ...] = (
    _Document(Offer("ttl", "text/turtle"), "dcat.ttl", of_dataset=True),
    _Document(Offer("jsonld", "application/ld+json"), "dcat.jsonld", of_dataset=True),
    _Document(Offer("rdf", "application/rdf+xml"), "dcat.rdf", of_dataset=True),
    _Document(Offer("datacite-json", "application/vnd.datacite.datacite+json"), "datacite.json"),
    _Document(Offer("datacite-xml", "application/vnd.datacite.datacite+xml"), "datacite.xml"),
    _Document(Offer("bibtex", "application/x-bibtex"), "citation?format=bibtex"),
    _Document(Offer("ris", "application/x-research-info-systems"), "citation?format=ris"),
    _Document(Offer("csl-json", "application/vnd.citationstyles.csl+json"), "citation?format=csl-json"),
    _Document(Offer("text", "text/x-bibliography"), "citation?format=text"),
    _Document(Offer("linkset", "application/linkset+json"), "linkset.json"),
)
_BY_NAME = {item.offer.name: item for item in _DOCUMENTS}
_OFFERS = tuple(item.offer for item in _DOCUMENTS)


class Negotiation:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.view_name in _OWN:
            patch_vary_headers(response, ["Accept"])
            if match.view_name.startswith("api:") and response.status_code == 200:
                response.headers.setdefault("Link", _api_links(match.kwargs))
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The way to another document; None where the address itself is what is wanted."""
        match = request.resolver_match
        if match is None or match.view_name not in _OWN or request.method not in {"GET", "HEAD"}:
            return None
        accept = request.headers.get("Accept", "")
        wanted = preferred(accept, _OFFERS)
        if wanted is None:
            return None
        own = max(weight_of(accept, media_type) for media_type in _OWN[match.view_name])
        if own >= max(weight_of(accept, media_type) for media_type in wanted.types):
            return None
        response = HttpResponseRedirect(_address(_BY_NAME[wanted.name], kwargs))
        response.status_code = 303
        return response


def _address(item: _Document, kwargs: Mapping[str, Any]) -> str:
    dataset = f"{settings.BASE_URL}/api/v1/datasets/{kwargs['owner']}/{kwargs['dataset']}"
    if "version" not in kwargs and item.of_dataset:
        return f"{dataset}/{item.path}"
    return f"{dataset}/versions/{kwargs.get('version', 'latest')}/{item.path}"


def _api_links(kwargs: Mapping[str, Any]) -> str:
    page = f"{settings.BASE_URL}/{kwargs['owner']}/{kwargs['dataset']}/"
    version = kwargs.get("version", "latest")
    links = [f'<{page}{f"v/{version}/" if version != "latest" else ""}>; rel="alternate"; type="text/html"']
    if version != "draft":
        links += [
            f'<{_address(item, kwargs)}>; rel="describedby"; type="{item.offer.media_type}"' for item in _DOCUMENTS
        ]
    return ", ".join(links)
