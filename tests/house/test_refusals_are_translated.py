"""What a refusal says stands in the catalogue: pages of the other language show it too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("catalog", "ingest", "quality")
WORDS = {"remedy", "fields"}


def trees() -> dict[Path, ast.Module]:
    paths = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def refusals(found: dict[Path, ast.Module]) -> set[str]:
    """Names of the classes below CatalogError."""
    bases: dict[str, set[str]] = {}
    for tree in found.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(base.id for base in node.bases if isinstance(base, ast.Name))
    known = {"CatalogError"}
    while more := {name for name, below in bases.items() if below & known} - known:
        known |= more
    return known


def plain(node: ast.expr | None) -> Iterator[ast.expr]:
    """Texts of several words that go by no function on their way."""
    match node:
        case ast.Constant(value=str(text)) if " " in text:
            yield node
        case ast.JoinedStr(values=parts) if any(isinstance(p, ast.Constant) and " " in str(p.value) for p in parts):
            yield node
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            yield from plain(one)
            yield from plain(other)
        case ast.BoolOp(values=items) | ast.List(elts=items) | ast.Dict(values=items):
            for item in items:
                yield from plain(item)


def untranslated(tree: ast.Module, known: set[str]) -> Iterator[int]:
    """Lines with a sentence, a remedy or a title that is not in the catalogue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said = [*node.args[:1], *(item.value for item in node.keywords if item.arg in WORDS)]
            if name in known:
                yield from (item.lineno for expression in said for item in plain(expression))
        if isinstance(node, ast.ClassDef) and node.name in known:
            for item in node.body:
                target = getattr(item, "targets", [getattr(item, "target", None)])[0]
                if getattr(target, "id", "") == "title":
                    yield from (found.lineno for found in plain(getattr(item, "value", None)))


def test_every_refusal_is_in_the_catalogue() -> None:
    found = trees()
    known = refusals(found)
    assert len(known) > 60
    lines = [f"{path.relative_to(ROOT)}:{line}" for path, tree in found.items() for line in untranslated(tree, known)]
    assert lines == []


@pytest.mark.parametrize(
    "source",
    [
        "raise NotFound('It is gone.')",
        "raise Invalid(fields={'name': [f'{name} is too long.']})",
        "raise Invalid(_('It is.'), remedy='Try it' + ' again.')",
        "class Gone(NotFound):\n    title = 'It is gone'",
    ],
)
def test_a_plain_text_would_be_found(source: str) -> None:
    assert list(untranslated(ast.parse(source), {"NotFound", "Invalid", "Gone"}))
