"""A request of OAI-PMH 2.0 read (http://www.openarchives.org/OAI/openarchivesprotocol.html), and its refusals.

A resumption token holds all of a list's state: which records were asked for, and which one was sent last. So it needs
no memory of ours, never expires, and a list can be gone on with after any pause.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from catalog.protocols.oai_pmh.formats import FORMATS
from catalog.protocols.oai_pmh.records import Selection
from catalog.protocols.parameters import ParameterInvalid
from catalog.slugs import SLUG

Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noMetadataFormats",
    "noRecordsMatch",
    "noSetHierarchy",
]
_SECONDS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class OaiError(ParameterInvalid):
    """A refusal in the protocol's own words; it is answered with HTTP 200."""

    def __init__(self, oai_code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.oai_code: Code = oai_code


@dataclass(frozen=True, slots=True)
class Verb:
    """Which arguments a verb has: those that it needs, and those that it may have."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    has_token: bool = False


_LIST = Verb(frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), has_token=True)
VERBS: Mapping[str, Verb] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
    "ListSets": Verb(has_token=True),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
    "GetRecord": Verb(frozenset({"identifier", "metadataPrefix"})),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list is gone on with: behind this record; ``cursor`` were sent of ``total``."""

    stamp: datetime
    key: int
    cursor: int
    total: int


@dataclass(frozen=True, slots=True)
class Harvest:
    """A list that is asked for, from its beginning or from a place in it."""

    prefix: str
    selection: Selection = field(default_factory=Selection)
    place: Place | None = None


def read_arguments(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The verb and its arguments. Raises OaiError: badVerb, badArgument."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise OaiError("badVerb" if name == "verb" else "badArgument", f"{name} is given twice.")
        given[name] = value
    verb = given.pop("verb", "")
    if verb not in VERBS:
        raise OaiError("badVerb", f"The verb must be one of {', '.join(VERBS)}.")
    rules = VERBS[verb]
    if rules.has_token and "resumptionToken" in given:
        if len(given) > 1:
            raise OaiError("badArgument", "A resumptionToken stands alone.")
        return {"verb": verb, **given}
    if missing := sorted(rules.required - given.keys()):
        raise OaiError("badArgument", f"{verb} needs {' and '.join(missing)}.")
    if unknown := sorted(given.keys() - rules.required - rules.optional):
        raise OaiError("badArgument", f"{verb} has no argument {unknown[0][:60]}.")
    return {"verb": verb, **given}


def read_harvest(arguments: Mapping[str, str]) -> Harvest:
    """The list of ListIdentifiers and ListRecords. Raises OaiError."""
    if "resumptionToken" in arguments:
        return _read_token(arguments["resumptionToken"])
    prefix = require_format(arguments["metadataPrefix"])
    since, until = arguments.get("from"), arguments.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise OaiError("badArgument", "from and until must be of the same granularity.")
    selection = Selection(
        since=None if since is None else _time("from", since, is_end=False),
        until=None if until is None else _time("until", until, is_end=True),
        owner=_owner(arguments["set"]) if "set" in arguments else "",
    )
    if selection.since and selection.until and selection.since > selection.until:
        raise OaiError("badArgument", "from is later than until.")
    return Harvest(prefix, selection)


def require_format(prefix: str) -> str:
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"The metadataPrefix must be one of {', '.join(FORMATS)}.")
    return prefix


def written(moment: datetime) -> str:
    """A datestamp."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token_of(harvest: Harvest, place: Place) -> str:
    """The token with which the list goes on behind a place."""
    chosen = harvest.selection
    state = {
        "p": harvest.prefix,
        **({"f": chosen.since.isoformat()} if chosen.since else {}),
        **({"u": chosen.until.isoformat()} if chosen.until else {}),
        **({"s": chosen.owner} if chosen.owner else {}),
        "t": place.stamp.isoformat(),
        "k": place.key,
        "c": place.cursor,
        "n": place.total,
    }
    return base64.urlsafe_b64encode(json.dumps(state, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_token(token: str) -> Harvest:
    try:
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        place = Place(_moment(state["t"]), _count(state["k"]), _count(state["c"]), _count(state["n"]))
        selection = Selection(
            since=_moment(state["f"]) if "f" in state else None,
            until=_moment(state["u"]) if "u" in state else None,
            owner=_owner(state.get("s", "")) if state.get("s") else "",
        )
        return Harvest(require_format(state["p"]), selection, place)
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError, RecursionError, OaiError):
        raise OaiError("badResumptionToken", "The resumptionToken is none of ours; begin the list anew.") from None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError(value)
    return value


def _owner(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise OaiError("badArgument", "There is no such set; ListSets has them all.")
    return text


def _time(name: str, text: str, *, is_end: bool) -> datetime:
    """A second, or the first or last second of a day."""
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            clock = "23:59:59" if is_end else "00:00:00"
            return datetime.fromisoformat(f"{text}T{clock}Z")
    except ValueError:
        pass
    raise OaiError("badArgument", f"{name} must be written as 2026-01-31 or 2026-01-31T00:00:00Z.")
