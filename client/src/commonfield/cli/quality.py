"""report, findings, diff, rules, annotations, annotate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from commonfield import frames
from commonfield.cli.output import (
    json_option,
    pass_client,
    resource_option,
    say,
    show_findings,
    show_json,
    show_table,
    version_option,
)
from commonfield.client import Client
from commonfield.errors import BadArgument


@click.command()
@click.argument("id")
@version_option
@resource_option
@click.option("--all", "everything", is_flag=True, help="Also what passed.")
@json_option
@pass_client
def report(client: Client, *, id: str, version: str, resource: str | None, everything: bool, as_json: bool) -> None:
    """How a table did against its expectations."""
    found = client.report(id, version=version, resource=resource)
    if as_json:
        show_json(found.raw)
        return
    say(f"{found.resource}: {found.verdict}")
    outcomes = found.outcomes if everything else found.failed
    if not outcomes:
        say(f"All {len(found.outcomes)} expectations passed.")
        return
    show_table(
        ("status", "level", "column", "what", "failing"),
        [
            (outcome.status, outcome.level, outcome.column, outcome.sentence, outcome.failing_count)
            for outcome in outcomes
        ],
    )


@click.command()
@click.argument("id")
@version_option
@resource_option
@json_option
@pass_client
def findings(client: Client, *, id: str, version: str, resource: str | None, as_json: bool) -> None:
    """What was wrong in the uploaded file, and what was changed on its way to data."""
    found = client.findings(id, version=version, resource=resource)
    if as_json:
        show_json([finding.raw for finding in found])
        return
    if not found:
        say("Nothing was found.")
        return
    show_findings(found)


@click.command()
@click.argument("id")
@click.argument("base")
@click.argument("to", default="latest")
@resource_option
@click.option("--changes", type=click.Path(path_type=Path), help="Write every change of a table as Parquet.")
@json_option
@pass_client
def diff(
    client: Client, *, id: str, base: str, to: str, resource: str | None, changes: Path | None, as_json: bool
) -> None:
    """What is different between two versions: BASE and TO (latest when left out)."""
    if changes is not None:
        frames.write_parquet(client.changes(id, base, to, resource=resource, as_="arrow"), changes)
        say(str(changes))
        return
    found = client.difference(id, base, to)
    if as_json:
        show_json(found.raw)
        return
    say(f"{found.dataset} {found.base} → {found.version}: {'breaking' if found.breaking else 'not breaking'}")
    for name in found.removed:
        say(f"table removed: {name}")
    for name in found.added:
        say(f"table added: {name}")
    for document in found.documents:
        say(f"document {document.change}: {document.name}")
    tables = [table for name, table in found.tables.items() if resource in (None, name)]
    show_table(
        ("table", "rows", "new", "gone", "changed", "cells", "columns", "drift"),
        [
            (
                table.name,
                f"{table.rows_before} → {table.rows_after}",
                table.rows_added,
                table.rows_removed,
                table.rows_changed,
                table.cells_changed,
                ", ".join(f"{item.change} {item.column}".strip() for item in table.columns),
                ", ".join(f"{item.name} ({item.level})" for item in table.drift if item.level != "none"),
            )
            for table in tables
        ],
    )


@click.command()
@click.argument("id")
@click.option("--set", "source", type=click.Path(exists=True, path_type=Path), help="Replace them by a JSON file's.")
@json_option
@pass_client
def rules(client: Client, *, id: str, source: Path | None, as_json: bool) -> None:
    """The rules that a dataset's tables have to meet, beyond their schema."""
    found = client.rules(id) if source is None else client.set_rules(id, _rules_in(source))
    if as_json:
        show_json(found)
        return
    if not found:
        say("There are no rules.")
        return
    beside = ("id", "type", "level", "origin", "column", "columns")
    show_table(
        ("level", "type", "columns", "parameters"),
        [
            (
                rule.get("level"),
                rule.get("type"),
                rule.get("column") or ", ".join(rule.get("columns", ())),
                ", ".join(f"{name}={json.dumps(value)}" for name, value in rule.items() if name not in beside),
            )
            for rule in found
        ],
    )


@click.command("annotations")
@click.argument("id")
@version_option
@resource_option
@click.option("--kind", type=click.Choice(["column", "correction", "label"]), help="Only those of one kind.")
@json_option
@pass_client
def list_annotations(client: Client, *, id: str, version: str, resource: str | None, kind: Any, as_json: bool) -> None:
    """What people say about a table's columns and rows."""
    found = client.annotations(id, version=version, resource=resource, kind=kind)
    if as_json:
        show_json([item.raw for item in found])
        return
    if not found:
        say("Nobody has said anything.")
        return
    show_table(
        ("id", "state", "kind", "about", "says", "by"),
        [
            (
                item.id,
                item.state,
                item.kind,
                " ".join(part for part in (item.column, item.aspect, item.label, _row(item.row_key, item.row)) if part),
                item.value if isinstance(item.value, str) else json.dumps(item.value, ensure_ascii=False),
                item.author,
            )
            for item in found
        ],
    )


@click.command()
@click.argument("id")
@click.argument("value")
@version_option
@resource_option
@click.option("--column", help="The column that is described or corrected.")
@click.option("--aspect", type=click.Choice(["meaning", "unit", "codes", "limits"]), help="What of the column.")
@click.option("--label", help="The name of a label for a row.")
@click.option("--row", type=int, help="A row of the version, from 1.")
@click.option("--key", multiple=True, metavar="COLUMN=VALUE", help="The key of a row; once for each of its columns.")
@click.option("--reason", default="", help="Why.")
@json_option
@pass_client
def annotate(client: Client, *, id: str, value: str, key: tuple[str, ...], as_json: bool, **words: Any) -> None:
    """Say what a machine can't know of a column or a row. VALUE is JSON, or else a text."""
    made = client.annotate(id, value=_json_or_text(value), key=_key(key), **words)
    if as_json:
        show_json(made.raw)
        return
    say(f"{made.kind} {made.id}: {made.state}. Whoever owns the dataset decides about it.")


def _rules_in(source: Path) -> list[Any]:
    """A list of rules, or an object that has it. Raises BadArgument."""
    try:
        given = json.loads(source.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadArgument(f"{source} is no JSON: {error}.", "Write a list of rules.") from error
    found = given.get("rules") if isinstance(given, dict) else given
    if not isinstance(found, list):
        raise BadArgument(f"{source} has no list of rules.", "Write a list of rules.")
    return found


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _key(given: tuple[str, ...]) -> dict[str, Any] | None:
    found = {}
    for item in given:
        column, sign, value = item.partition("=")
        if not sign:
            raise BadArgument(f"{item!r} is no key.", "Write COLUMN=VALUE.")
        found[column] = _json_or_text(value)
    return found or None


def _row(key: Any, row: int | None) -> str:
    if key:
        return ", ".join(f"{name}={value}" for name, value in key.items())
    return f"row {row}" if row is not None else ""
