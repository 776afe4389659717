"""A catalog of many datasets, written as the services write it, but many rows at a time.

One dataset is registered, filled and published by the services. All rows that they wrote for it are then copied for
each made-up dataset, with other words, ids and times (`INSERT … SELECT` in which every column that is not named stays
as the services wrote it). What the search finds datasets by is computed for some of them by the service too, and has
to be the same. Not made are the objects in the store (a manifest for each version, which pages read only where a
dataset was changed after publication) and the links of the audit trail's chain.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import catalog_words as words
from bench.rows import converted, publish

KINDS = 200
"""Tables to choose from: other columns of other names."""
MODEL_ROWS = 2_000
VERSIONS_EACH, TABLES_EACH = 4, 2
TABLES = (
    "catalog_dataset",
    "catalog_version",
    "catalog_resource",
    "catalog_part",
    "catalog_resourcesource",
    "catalog_qualityreport",
    "catalog_review",
    "catalog_auditevent",
    "quality_checkrun",
)
# Ids of what is made: a number of its own for each dataset, version and table.
DATASET = "m.number + 1000"
VERSION = f"(m.number + 1000) * {VERSIONS_EACH} + v"
RESOURCE = f"((m.number + 1000) * {VERSIONS_EACH} + v) * {TABLES_EACH} + t"
VERSION_TABLES = "generate_series(1, m.versions) v"
RESOURCE_TABLES = f"{VERSION_TABLES}, generate_series(0, m.tables - 1) t"
PUBLISHED = "m.published_at - (m.versions - v) * interval '90 days'"


def fill(count: int, *, organizations: int, folder: Path) -> str:
    """Make the catalog in an empty database. Returns a token of a member of three publishers."""
    from django.db import connection, transaction

    from catalog.actor import Actor
    from catalog.services.membership.tokens import create_token

    begun = time.perf_counter()
    publish(*_profiled(folder))
    member, ids = _people(organizations)
    with transaction.atomic(), connection.cursor() as cursor:
        _made(cursor, count, ids)
        for name in TABLES:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        # Names are kept by a trigger, and how the facets are told of a change is one too.
        cursor.execute("ALTER TABLE catalog_dataset ENABLE TRIGGER USER")
        for name, source, changes in _copies():
            _copy(cursor, name, source, changes)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in TABLES:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")
    _index(connection)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _require_same_index()
    print(f"{count:,} datasets made in {time.perf_counter() - begun:.0f} s", flush=True)
    return create_token(actor=Actor(member), name="bench", scopes=["read"])[1]


def _profiled(folder: Path) -> tuple[Path, dict[str, Any], int, dict[str, Any]]:
    """The model's table with its real profile."""
    from catalog.table_schema import TableSchema
    from quality.profiling.profile import profile

    path, schema = converted(MODEL_ROWS, folder)
    with tempfile.TemporaryDirectory(dir=folder) as workdir:
        told = profile(parquet=[path], schema=TableSchema.from_descriptor(schema), workdir=Path(workdir))
    return path, schema, MODEL_ROWS, told.to_json()


def _people(organizations: int) -> tuple[Any, list[int]]:
    """The publishers, each with its owner, and a member of three of them."""
    from catalog.models import Membership, Organization, Role, User

    owner = User.objects.get(username="owner")
    member = User.objects.create_user("member", "member@example.org", password=None)
    chance, names = random.Random(3), words.vocabulary()
    rows = Organization.objects.bulk_create(
        Organization(slug=f"publisher-{number}", title=f"{chance.choice(names)} {chance.choice(names)}".title())
        for number in range(organizations)
    )
    Membership.objects.bulk_create(Membership(organization=row, user=owner, role=Role.OWNER) for row in rows)
    Membership.objects.bulk_create(
        Membership(organization=row, user=member, role=Role.CONTRIBUTOR) for row in rows[1:30:10]
    )
    return member, [row.pk for row in rows]


def _made(cursor: Any, count: int, organizations: list[int]) -> None:
    """The words, in tables of this session."""
    cursor.execute(
        "CREATE TEMP TABLE made (number bigint, organization_id bigint, slug text, title text, description text, "
        "plain text, pairs text, keywords text[], license text, access text, kind int, "
        "format text, verdict text, versions int, tables int, published_at timestamptz)"
    )
    from catalog.markdown import plain
    from catalog.unspaced import pairs_of

    with cursor.copy("COPY made FROM STDIN") as copy:
        for item in words.made(count, organizations=len(organizations), kinds=KINDS):
            copy.write_row(
                (
                    *(item.number, organizations[item.organization], item.slug, item.title, item.description),
                    *(
                        plain(item.description),
                        pairs_of(item.title),
                        item.keywords,
                        item.license,
                        item.access,
                        item.kind,
                        item.format,
                    ),
                    *(item.verdict, item.versions, item.tables, item.published_at),
                )
            )
    cursor.execute("CREATE TEMP TABLE kinds (kind int, schema jsonb, profile jsonb)")
    kinds = _kinds()
    with cursor.copy("COPY kinds FROM STDIN") as copy:
        for kind, (schema, profile) in enumerate(kinds):
            copy.write_row((kind, json.dumps(schema), json.dumps(profile)))
    cursor.execute("ANALYZE made")


def _kinds() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The model's schema and profile with some of the columns, under other names."""
    from catalog.models import Resource

    chance, names = random.Random(5), words.vocabulary()
    model = Resource.objects.get()
    kinds = []
    for _ in range(KINDS):
        chosen = sorted(chance.sample(range(14), chance.randint(4, 14)))
        renamed = {at: f"{chance.choice(names[:2_000])}_{chance.choice(names[:200])}" for at in chosen}
        fields = [model.schema["fields"][at] | {"name": renamed[at]} for at in chosen]
        columns = [model.profile["columns"][at] | {"name": renamed[at]} for at in chosen]
        kinds.append((model.schema | {"fields": fields}, model.profile | {"columns": columns}))
    return kinds


def _copies() -> list[tuple[str, str, dict[str, str]]]:
    """Of each table: what it is made from beside the model's row, and the columns that differ from it."""
    kind = "(SELECT {} FROM kinds k WHERE k.kind = m.kind)"
    source = "jsonb_set(x.source, '{format}', to_jsonb(m.format))"
    return [
        (
            "catalog_dataset",
            "",
            {
                "id": DATASET,
                "organization_id": "m.organization_id",
                "slug": "m.slug",
                "title": "m.title",
                "description": "m.description",
                "keywords": "m.keywords",
                "license": "m.license",
                "access": "m.access",
                "created": "m.published_at - interval '300 days'",
                "modified": "m.published_at",
                "latest_id": f"CASE WHEN m.versions > 0 THEN (m.number + 1000) * {VERSIONS_EACH} + m.versions END",
            },
        ),
        (
            "catalog_version",
            VERSION_TABLES,
            {
                "id": VERSION,
                "dataset_id": DATASET,
                "number": "v || '.0.0'",
                "sequence": "v",
                "verdict": "m.verdict",
                "created": PUBLISHED,
                "submitted_at": PUBLISHED,
                "published_at": PUBLISHED,
            },
        ),
        (
            "catalog_resource",
            RESOURCE_TABLES,
            {
                "id": RESOURCE,
                "version_id": VERSION,
                "report_id": RESOURCE,
                "position": "t",
                "name": "'table-' || t",
                "format": "m.format",
                "source": source,
                "verdict": "m.verdict",
                "schema": kind.format("k.schema"),
                "profile": kind.format("k.profile"),
                "created": PUBLISHED,
                "columns": "(SELECT jsonb_array_length(k.schema->'fields') FROM kinds k WHERE k.kind = m.kind)",
            },
        ),
        ("catalog_part", RESOURCE_TABLES, {"id": RESOURCE, "resource_id": RESOURCE}),
        ("catalog_resourcesource", RESOURCE_TABLES, {"id": RESOURCE, "resource_id": RESOURCE, "source": source}),
        (
            "catalog_qualityreport",
            RESOURCE_TABLES,
            {
                "id": RESOURCE,
                "resource_id": RESOURCE,
                "verdict": "m.verdict",
                "created": PUBLISHED,
                "profile": kind.format("k.profile"),
            },
        ),
        ("catalog_review", VERSION_TABLES, {"id": VERSION, "version_id": VERSION, "opened_at": PUBLISHED}),
        (
            "quality_checkrun",
            RESOURCE_TABLES,
            {"id": RESOURCE, "resource_id": RESOURCE, "state": "'done'", "created": PUBLISHED},
        ),
        (
            "catalog_auditevent",
            "",
            {"id": f"({DATASET}) * 16 + x.id", "dataset_id": DATASET, "at": "m.published_at"},
        ),
    ]


def _copy(cursor: Any, name: str, source: str, changes: dict[str, str]) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = current_schema()",
        [name],
    )
    columns = [column for (column,) in cursor.fetchall()]
    if unknown := set(changes) - set(columns):
        raise SystemExit(f"{name} has no {unknown}")
    values = ", ".join(changes.get(column, f'x."{column}"') for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    model = f"(SELECT * FROM {name} {'WHERE dataset_id IS NOT NULL' if 'audit' in name else ''}) x"
    cursor.execute(f"INSERT INTO {name} ({named}) SELECT {values} FROM {model}, made m{', ' if source else ''}{source}")


def _index(connection: Any) -> None:
    """The columns of the search, as catalog/services/cataloguing/search_index.py writes them, for all at once."""
    columns = "string_agg(f->>'name' || ' ' || coalesce(f->>'title', ''), ' ' ORDER BY t, place)"
    meanings = "string_agg(coalesce(f->>'description', ''), ' ' ORDER BY t, place)"
    weights = {
        "A": "m.title || ' ' || m.slug",
        "B": "array_to_string(m.keywords, ' ') || ' ' || o.slug || ' ' || o.title",
        "C": "coalesce(c.columns, '') || ' ' || replace(coalesce(c.columns, ''), '_', ' ')",
        "D": "m.plain || ' ' || coalesce(c.meanings, '')",
    }
    texts = ", ".join(f"{text} AS {weight}" for weight, text in weights.items())
    words_of = {weight: [("english", weight), ("simple", weight)] for weight in weights}
    # The words of other texts are English.
    words_of["A"].append(("simple", "pairs"))
    vector = " || ".join(
        f"setweight(to_tsvector('{config}', {text}), '{weight}')"
        for weight, texts_of in words_of.items()
        for config, text in texts_of
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH told AS (SELECT m.number, {columns} AS columns, {meanings} AS meanings FROM made m "
            "JOIN kinds k ON k.kind = m.kind, generate_series(0, m.tables - 1) t, "
            "jsonb_array_elements(k.schema->'fields') WITH ORDINALITY AS fields(f, place) "
            "WHERE m.versions > 0 GROUP BY m.number), "
            f"texts AS (SELECT m.number, m.pairs, {texts} FROM made m "
            "JOIN catalog_organization o ON o.id = m.organization_id "
            "LEFT JOIN told c ON c.number = m.number) "
            f"UPDATE catalog_dataset d SET search_vector = ''::tsvector || {vector}, "
            "search_text = casefold(A || ' ' || B || ' ' || C || ' ' || D) FROM texts m WHERE d.id = m.number + 1000"
        )


def _require_same_index(looked_at: int = 20) -> None:
    """What was computed for all at once is what the service writes for each."""
    from catalog.models import Dataset
    from catalog.services.cataloguing.search_index import index_dataset

    chance = random.Random(13)
    numbers = list(Dataset.objects.order_by("pk").values_list("pk", flat=True))
    for pk in chance.sample(numbers, min(looked_at, len(numbers))):
        before = Dataset.objects.values("search_vector", "search_text").get(pk=pk)
        index_dataset(Dataset.objects.select_related("organization").get(pk=pk))
        after = Dataset.objects.values("search_vector", "search_text").get(pk=pk)
        if before != after:
            raise SystemExit(f"the search columns of dataset {pk} are not those of the service:\n{before}\n{after}")
