"""What the documents list is what the code has: settings, refusals, findings, rules, addresses, states."""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import pkgutil
import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import SecretStr

import catalog
import ingest
import quality
from catalog.api.manners.problems import _CODES, status_of
from catalog.errors import CatalogError
from catalog.findings import CATALOGUE
from catalog.models import AccessRequest, Annotation, Review, Scope, Version
from catalog.models.report import VerdictStatus
from deploy.embedded.ports import Ports
from deploy.environment import BASE_DIR, Environment
from ingest.models import Upload
from ingest.recipes.vocabulary import CLEANING
from quality.models import CheckRun
from quality.rules.rule import RuleType, rules_from_json
from tests.docs.examples import ROOT, blocks_of

# Said by catalog/api/manners/problems.py and ingest/services/processing.py without a class of their own.
OTHER_CODES = {"internal": 500, "bytes-missing": 503, "worker-lost": None}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def sections(text: str, level: int = 3) -> dict[str, str]:
    """Heading → what stands under it, for headings of one level."""
    pieces = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)
    ends = [re.split(r"^#{1,3} ", body, flags=re.MULTILINE)[0] for body in pieces[2::2]]
    return dict(zip(pieces[1::2], ends, strict=True))


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every table's rows, headers left out."""
    lines = text.splitlines()
    for before, line in itertools.pairwise(lines):
        is_head = not before.startswith("|")
        if line.startswith("|") and not is_head and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


# ---------------------------------------------------------------- settings
def settings_of(text: str) -> dict[str, str]:
    found = {}
    for cells in rows(text):
        if len(cells) == 3 and (match := re.fullmatch(r"`([A-Z][A-Z0-9_]+)`", cells[0])):
            found[match[1]] = cells[1].strip("`")
    return found


def written(name: str, default: object) -> str:
    """How a default stands in the table."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default == "" and name.startswith(("import_", "secret_")):
        return "empty"
    if default is False:
        return "off"
    known = {"": "empty: `S3_ENDPOINT_URL", BASE_DIR / "var": "var"}
    return known.get(default, str(default))


def test_every_setting_is_documented_with_its_default() -> None:
    documented = settings_of(read("docs/operators.md"))
    expected = {
        name.upper(): "given by `up" if field.is_required() else written(name, field.default)
        for name, field in Environment.model_fields.items()
    }
    assert {name: documented.get(name) for name in expected} == expected


def test_every_port_of_the_embedded_servers_is_documented() -> None:
    documented = settings_of(read("docs/operators.md"))
    ports = Ports()
    for server in ("postgres", "valkey", "s3"):
        assert documented[f"COMMONFIELD_{server.upper()}_PORT"] == str(getattr(ports, server))


def test_no_other_variable_is_read() -> None:
    """Whatever else deploy reads from the environment is in the tables too."""
    documented = settings_of(read("docs/operators.md"))
    names = set()
    for path in (ROOT / "deploy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.getenv"}:
                names |= {item.value for item in node.args[:1] if isinstance(item, ast.Constant)}
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("_VARIABLE"):
                names |= {item.value for item in [node.value] if isinstance(item, ast.Constant)}
    assert names >= {"WEB_BIND", "COMMONFIELD_ENVIRONMENT_FILE"}
    assert names <= set(documented)


# ---------------------------------------------------------------- refusals
def refusals() -> Iterator[type[CatalogError]]:
    for app in (catalog, ingest, quality):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                importlib.import_module(module.name)
    waiting = [CatalogError]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.__subclasses__()


def test_every_refusal_has_a_section_with_its_status() -> None:
    documented = {
        code: int(match[1]) if (match := re.match(r"\s*\*\*(\d{3})\*\* · ", body)) else None
        for code, body in sections(read("docs/errors.md")).items()
    }
    ours = {
        found.code: status_of(found.__new__(found)) for found in refusals() if not found.__module__.startswith("tests")
    }
    framework = {code: status for status, code in _CODES.items()}
    assert documented == {**framework, **ours, **OTHER_CODES}


# ---------------------------------------------------------------- findings
def test_every_finding_has_a_section_with_its_words() -> None:
    documented = sections(read("docs/findings.md"))
    assert set(documented) == set(CATALOGUE)
    for code, item in CATALOGUE.items():
        body = documented[code]
        stop = "" if str(item.title).endswith("?") else "."
        assert body.strip().startswith(f"**{item.severity}** · {item.title}{stop}\n"), code
        words = re.sub(r"%\((\w+)\)s", r"*\1*", str(item.template))
        assert f"> {words}\n" in body, code
        assert not str(item.remedy) or f"What to do: {item.remedy}\n" in body, code


# ---------------------------------------------------------------- rules, scopes, verdicts
def test_every_rule_type_has_a_row_and_an_example_that_can_be_sent() -> None:
    text = read("docs/owners.md")
    listed = {cells[0].strip("`") for cells in rows(text)} & set(RuleType)
    assert listed == set(RuleType)
    [block] = [block for block in blocks_of(text) if block.title == "rules"]
    examples = rules_from_json(json.loads(block.text), origin="owner")
    assert sorted(rule.type for rule in examples) == sorted(RuleType)


def test_every_cleaning_step_has_a_row() -> None:
    listed = {cells[0].strip("`") for cells in rows(read("docs/owners.md"))}
    assert CLEANING | {"cast"} <= listed


def test_every_scope_and_verdict_is_explained() -> None:
    assert set(Scope.values) <= {cells[0].strip("`") for cells in rows(read("docs/api.md"))}
    assert set(VerdictStatus.values) <= {cells[0].strip("`") for cells in rows(read("docs/stewards.md"))}


# ---------------------------------------------------------------- addresses
METHODS = ("get", "post", "put", "patch", "delete")


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern) and route.startswith("api/v1/"):
            view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
            path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.removeprefix("api/v1/"))
            for method in METHODS:
                if hasattr(view, method):
                    yield method.upper(), path


def test_every_address_of_the_api_is_listed_and_no_other() -> None:
    real = set(addresses(get_resolver()))
    documented = {(cells[0], cells[1].strip("`")) for cells in rows(read("docs/api.md")) if cells[0].lower() in METHODS}
    assert len(real) > 50
    assert documented == real


# ---------------------------------------------------------------- states
@pytest.mark.parametrize("model", [Upload, Version, Review, AccessRequest, CheckRun, Annotation])
def test_the_table_of_moves_is_the_code_s(model: type) -> None:
    table = {
        cells[0]: set(filter(None, cells[1].split(", ")))
        for cells in rows(sections(read("ARCHITECTURE.md"))[model.__name__])
    }
    assert table == {str(state): {str(item) for item in moves} for state, moves in model.MOVES.items()}
