"""The actions that are read: each a function of the actor and the arguments. Listed by hand, like every address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.licenses import all_licenses
from catalog.models import Dataset, VersionState
from catalog.protocols.ckan import finding, shapes
from catalog.protocols.ckan.arguments import Arguments, flag, required, structure, text, whole, words
from catalog.protocols.ckan.datastore import datastore_search
from catalog.protocols.ckan.searching import filtered, read_filters, read_sort
from catalog.protocols.entries import changed, entry_of, with_entries
from catalog.selectors.search import Query, search_datasets

MAX_PACKAGES = 1_000
Action = Callable[[Actor, Arguments], Any]


def package_list(actor: Actor, given: Arguments) -> list[str]:
    """The names of all datasets, by name."""
    rows = Dataset.objects.visible_to(actor).filter(latest__state=VersionState.PUBLISHED)
    pairs = rows.order_by("organization__slug", "slug").values_list("organization__slug", "slug")
    return [shapes.name_of(owner, slug) for owner, slug in _cut(pairs, given, most=2**31, default=2**31)]


def current_package_list_with_resources(actor: Actor, given: Arguments) -> list[shapes.Json]:
    """All datasets, the newest first."""
    rows = finding.packages(actor).order_by(F("changed").desc(), "pk")
    return [shapes.package(entry_of(row)) for row in _cut(rows, given, most=MAX_PACKAGES, default=100)]


def package_show(actor: Actor, given: Arguments) -> shapes.Json:
    """A dataset by name or identifier; ``name@1.0.0`` is one of its versions."""
    return shapes.package(finding.find_package(actor, text(given, "name_or_id") or required(given, "id")))


def package_search(actor: Actor, given: Arguments) -> shapes.Json:
    """Datasets by words (``q``) and terms (``fq``, ``fq_list``): a page of ``rows`` from ``start``."""
    sort = text(given, "sort")
    wanted = text(given, "q").strip()
    found = _matching(actor, "" if wanted in {"*:*", "*"} else wanted, sort)
    terms = [text(given, "fq"), *words(given, "fq_list")]
    found = filtered(found, [term for item in terms for term in read_filters(item)])
    rows, start = whole(given, "rows", 10, most=MAX_PACKAGES), whole(given, "start", 0, most=2**31)
    total = found.count()
    page = [shapes.package(entry_of(row)) for row in found[start : start + rows]] if rows else []
    facets = _facets(found, [str(item) for item in structure(given, "facet.field") or []])
    return {
        "count": total,
        "sort": sort or "score desc, metadata_modified desc",
        "results": page,
        "facets": {name: dict(items) for name, items in facets.items()},
        "search_facets": {
            name: {"title": name, "items": [{"name": k, "display_name": k, "count": n} for k, n in items]}
            for name, items in facets.items()
        },
    }


def _matching(actor: Actor, wanted: str, sort: str) -> QuerySet[Dataset]:
    """The newest first, or the best first where words are asked for; or as ``sort`` says."""
    if not wanted:
        found = finding.packages(actor)
        return found.order_by(*read_sort(sort if sort and not sort.startswith("score") else "metadata_modified desc"))
    best = search_datasets(actor=actor, query=Query(text=wanted)).filter(latest__state=VersionState.PUBLISHED)
    found = with_entries(best.prefetch_related(None)).annotate(changed=changed())
    return found if not sort or sort.startswith("score") else found.order_by(*read_sort(sort))


def _facets(found: QuerySet[Dataset], names: list[str]) -> dict[str, list[tuple[str, int]]]:
    """How many datasets each organization, licence and keyword has; other facets are empty."""
    plain = found.order_by()
    columns = {"organization": "organization__slug", "license_id": "license"}
    answer: dict[str, list[tuple[str, int]]] = {}
    for name in names[:10]:
        if name == "tags":
            counted = Counter(word for row in plain.values_list("keywords", flat=True) for word in row)
        elif name in columns:
            counted = Counter(plain.values_list(columns[name], flat=True))
        else:
            counted = Counter()
        answer[name] = counted.most_common(50)
    return answer


def organization_list(actor: Actor, given: Arguments) -> list[Any]:
    """The names of the organizations, or with ``all_fields`` what is known of them."""
    rows = finding.organizations(actor)
    chosen = words(given, "organizations")
    if chosen:
        rows = rows.filter(slug__in=chosen)
    page = _cut(rows, given, most=MAX_PACKAGES, default=MAX_PACKAGES)
    if flag(given, "all_fields", default=False):
        return [shapes.organization(row, packages=_packages(row)) for row in page]
    return [row.slug for row in page]


def organization_show(actor: Actor, given: Arguments) -> shapes.Json:
    """An organization; with ``include_datasets`` its ten newest datasets, as CKAN does."""
    row = finding.find_organization(actor, required(given, "id"))
    found = shapes.organization(row, packages=_packages(row))
    if flag(given, "include_datasets", default=False):
        newest = finding.packages(actor).filter(organization=row).order_by(F("changed").desc(), "pk")[:10]
        found["packages"] = [shapes.package(entry_of(item)) for item in newest]
    return found


def _packages(row: Any) -> int:
    return int(row.packages)


def group_list(_actor: Actor, _given: Arguments) -> list[str]:
    """None: datasets belong to organizations here."""
    return []


def group_show(_actor: Actor, given: Arguments) -> shapes.Json:
    """Raises NotFound."""
    raise NotFound(_("There is no group %(required)s.") % {"required": f"{required(given, 'id')[:100]!r}"})


def tag_list(actor: Actor, given: Arguments) -> list[Any]:
    """The keywords of all datasets, by name; those that hold ``query``."""
    rows = Dataset.objects.visible_to(actor).filter(latest__state=VersionState.PUBLISHED)
    wanted = text(given, "query").casefold()
    found = {word for row in rows.exclude(keywords=[]).values_list("keywords", flat=True) for word in row}
    chosen = sorted(word for word in found if wanted in word.casefold())
    return [shapes.tag(word) for word in chosen] if flag(given, "all_fields", default=False) else chosen


def tag_show(actor: Actor, given: Arguments) -> shapes.Json:
    """A keyword, with ``include_datasets`` the newest datasets that have it. Raises NotFound."""
    word = required(given, "id")
    rows = finding.packages(actor).filter(keywords__contains=[word]).order_by(F("changed").desc(), "pk")
    if not rows.exists():
        raise NotFound(_("There is no tag %(word)s.") % {"word": f"{word[:100]!r}"})
    if not flag(given, "include_datasets", default=False):
        return shapes.tag(word)
    return {**shapes.tag(word), "packages": [shapes.package(entry_of(row)) for row in rows[:100]]}


def license_list(_actor: Actor, _given: Arguments) -> list[shapes.Json]:
    """The SPDX licences, those made for data first."""
    return [shapes.license_of(item) for item in all_licenses().values()]


def resource_show(actor: Actor, given: Arguments) -> shapes.Json:
    """A file or a table of any published version, by its identifier. Raises NotFound."""
    entry, key = finding.find_resource(actor, required(given, "id"))
    found = next((item for item in shapes.package(entry)["resources"] if item["id"] == key), None)
    if found is None:
        raise NotFound(_("There is no resource %(key)s that you can see.") % {"key": f"{key[:100]!r}"})
    return dict(found)


def vocabulary_list(_actor: Actor, _given: Arguments) -> list[str]:
    """None: keywords are free."""
    return []


def status_show(_actor: Actor, _given: Arguments) -> shapes.Json:
    """What site this is."""
    return shapes.site()


def site_read(_actor: Actor, _given: Arguments) -> bool:
    """That it may be read."""
    return True


def help_show(_actor: Actor, given: Arguments) -> str:
    """What an action does. Raises NotFound."""
    name = required(given, "name")
    if name not in ACTIONS:
        raise NotFound(_("There is no action %(name)s.") % {"name": f"{name[:100]!r}"})
    return f"{ACTIONS[name].__doc__ or ''}\n\nMore: {settings.BASE_URL}/docs/harvesting"


def _cut(rows: Any, given: Arguments, *, most: int, default: int) -> Any:
    limit, offset = whole(given, "limit", default, most=most), whole(given, "offset", 0, most=2**31)
    return rows[offset : offset + limit]


ACTIONS: Mapping[str, Action] = {
    "current_package_list_with_resources": current_package_list_with_resources,
    "datastore_search": datastore_search,
    "group_list": group_list,
    "group_show": group_show,
    "help_show": help_show,
    "license_list": license_list,
    "organization_list": organization_list,
    "organization_show": organization_show,
    "package_list": package_list,
    "package_search": package_search,
    "package_show": package_show,
    "resource_show": resource_show,
    "site_read": site_read,
    "status_show": status_show,
    "tag_list": tag_list,
    "tag_show": tag_show,
    "vocabulary_list": vocabulary_list,
}
