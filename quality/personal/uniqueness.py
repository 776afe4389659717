"""How far rows single persons out by columns that say little each: k-anonymity, by DuckDB, out of core.

A group is the rows that share all identifying values; k is the number of rows of the smallest (Sweeney 2002). What is
computed holds for the table alone: what others know besides is not known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from catalog.personal.kinds import PersonalKind
from catalog.table_schema import TableSchema
from quality.personal.detector import named, words_of
from quality.personal.result import Evidence, Example, Hit
from quality.table import CHECKED, Column, Table, quoted

Category = Literal[
    "birth", "sex", "origin", "belief", "family", "education", "occupation", "place", "household", "nationality"
]

# In the languages of most open data; a column that is called so is proposed, and its owner may say otherwise.
CATEGORIES: dict[Category, Any] = {
    "birth": named(
        "age|age group|agegroup|age range|birth year|birth date|birthdate|date of birth|dob|year of birth|yob|alter|"
        "geburtsdatum|geburtsjahr|altersgruppe|âge|naissance|date de naissance|edad|nacimiento|età|idade|leeftijd|"
        "年龄|出生|出生日期|出生年份|年齢"
    ),
    "sex": named("sex|gender|geschlecht|sexe|sexo|género|genero|sesso|geslacht|kön|płeć|пол|性别|性別|성별"),
    "place": named(
        "zip|zip code|zipcode|postcode|postal code|postleitzahl|plz|code postal|city|town|municipality|village|"
        "district|county|region|census region|state|province|residence|neighborhood|neighbourhood|wohnort|ort|"
        "gemeinde|ville|commune|ciudad|municipio|città|comune|cidade|gemeente|location|"
        "城市|地区|区县|邮编|邮政编码|居住地|市区町村"
    ),
    "occupation": named(
        "occupation|job|job title|profession|employer|position title|beruf|tätigkeit|métier|ocupación|profesión|"
        "professione|profissão|beroep|职业|工作单位|岗位|職業|직업"
    ),
    "nationality": named(
        "nationality|citizenship|country of birth|birth country|birthplace|place of birth|staatsangehörigkeit|"
        "nationalität|geburtsort|nationalité|nacionalidad|nazionalità|nacionalidade|国籍|籍贯|출생지"
    ),
    "origin": named("race|ethnicity|ethnic group|ethnic|tribe|caste|ethnie|etnia|raza|民族"),
    "belief": named("religion|denomination|konfession|religión|religione|religião|宗教"),
    "family": named(
        "marital status|marital|civil status|familienstand|état civil|estado civil|stato civile|婚姻状况|婚姻"
    ),
    "education": named(
        "education|education level|schooling|bildung|schulabschluss|diplôme|educación|学历|文化程度|教育程度"
    ),
    "household": named("household income|household size|children|number of children|income|salary|haushaltsgröße|收入"),
}
QUASI = "quasi-identifier"
SENSITIVE = "sensitive"
NOT_IDENTIFYING = "none"

SAFE_K = 5
"""The smallest group that most statistics offices give out (their thresholds are 3 to 10)."""
MOST_COLUMNS = 8
# Pairs of columns are compared on so many rows at most.
PAIR_ROWS = 250_000
_SIZES = ((1, 1), (2, 4), (5, 9), (10, 49), (50, None))
_FITTING = frozenset({"integer", "decimal", "float", "text", "bool", "date", "timestamp"})


@dataclass(frozen=True, slots=True)
class Identifying:
    """The columns that together may single persons out, whether the owner said so, and the sensitive one."""

    columns: tuple[Column, ...]
    is_declared: bool
    sensitive: Column | None


def identifying(
    table: Table, schema: TableSchema, *, direct: Collection[str], births: Collection[str]
) -> Identifying | None:
    """The declared columns, or those that are proposed; None where a table is not about persons.

    ``direct`` are columns that name persons by themselves: they are hits of their own and single out anyway.
    ``births`` are dates of birth.
    """
    said = {field.name: field.disclosure for field in schema.fields if field.disclosure}
    columns = [column for column in table.columns if column.family in _FITTING]
    sensitive = next((column for column in columns if said.get(column.name) == SENSITIVE), None)
    declared = tuple(column for column in columns if said.get(column.name) == QUASI)
    if declared:
        return Identifying(declared, True, sensitive)
    found = {
        column: category
        for column in columns
        if column.name not in said
        and (column.name not in direct or column.name in births)
        and (category := _category(column, births)) is not None
    }
    if not _is_about_persons(set(found.values()), bool(direct)):
        return None
    return Identifying(tuple(found)[:MOST_COLUMNS], False, sensitive)


def _category(column: Column, births: Collection[str]) -> Category | None:
    if column.name in births:
        return "birth"
    words = words_of(column.name)
    return next((category for category, header in CATEGORIES.items() if header.search(words) is not None), None)


def _is_about_persons(categories: set[Category], is_beside_persons: bool) -> bool:
    """Two things that only persons have; or one, a place, and names or numbers of persons beside them."""
    personal = categories - {"place"}
    return len(personal) >= 2 or (len(personal) == 1 and "place" in categories and is_beside_persons)


def measure(table: Table, found: Identifying) -> dict[str, Any]:
    """k, the sizes of the groups, the rows that are alone, and the two columns that do most; as JSON."""
    names = [quoted(column.alias) for column in found.columns]
    diversity = f", count(DISTINCT {quoted(found.sensitive.alias)}) AS l" if found.sensitive else ", NULL AS l"
    sizes = ", ".join(
        f"count(*) FILTER (WHERE {where}), coalesce(sum(n) FILTER (WHERE {where}), 0)::BIGINT"
        for where in (_between(low, high) for low, high in _SIZES)
    )
    (answer,) = table.connection.execute(
        f"SELECT count(*), min(n), min(l), {sizes} FROM "
        f"(SELECT count(*) AS n{diversity} FROM {CHECKED} GROUP BY {', '.join(names)})"
    ).fetchall()
    groups, k, least_values, *counts = answer
    unique = counts[1]
    return {
        "columns": [column.name for column in found.columns],
        "declared": found.is_declared,
        "k": k or 0,
        "groups": groups,
        "unique_rows": unique,
        "unique_share": unique / table.rows if table.rows else 0.0,
        "sizes": [
            {"from": low, "to": high, "groups": counts[2 * place], "rows": counts[2 * place + 1]}
            for place, (low, high) in enumerate(_SIZES)
        ],
        "most_identifying": _most_identifying(table, found.columns),
        "sensitive": None if found.sensitive is None else {"column": found.sensitive.name, "l": least_values},
    }


def _between(low: int, high: int | None) -> str:
    return f"n >= {low}" if high is None else f"n BETWEEN {low} AND {high}"


def _most_identifying(table: Table, columns: Sequence[Column]) -> dict[str, Any] | None:
    """The pair of columns by which most rows are alone, and their share; of large tables, in an even choice of rows."""
    if len(columns) < 2 or not table.rows:
        return None
    step = max(1, table.rows // PAIR_ROWS)
    chosen = ", ".join(quoted(column.alias) for column in columns)
    row = quoted(table.row_column)
    table.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE few AS SELECT {chosen} FROM {CHECKED} WHERE {row} % {step} = 0"
    )
    shares = []
    for pair in combinations(columns, 2):
        names = ", ".join(quoted(column.alias) for column in pair)
        (answer,) = table.connection.execute(
            f"SELECT count(*) FILTER (WHERE n = 1), sum(n) FROM (SELECT count(*) AS n FROM few GROUP BY {names})"
        ).fetchall()
        shares.append((answer[0] / answer[1] if answer[1] else 0.0, [column.name for column in pair]))
    table.connection.execute("DROP TABLE few")
    share, names_of = max(shares, key=lambda item: item[0])
    return {"columns": names_of, "unique_share": share, "sampled": step > 1}


def hit_of(table: Table, measured: dict[str, Any], others: Iterable[Hit]) -> Hit | None:
    """The hit for a table whose smallest group is smaller than is safe."""
    k, unique, share = measured["k"], measured["unique_rows"], measured["unique_share"]
    if not table.rows or k >= SAFE_K:
        return None
    declared = measured["declared"]
    columns = ", ".join(measured["columns"])
    evidence = [Evidence("small-groups", {"columns": columns, "k": k})]
    if unique:
        evidence.append(Evidence("unique-rows", {"share": _percent(share)}))
    against = [] if declared else [Evidence("proposed")]
    if not declared and not any(hit.column for hit in others):
        against.append(Evidence("no-other-columns"))
    return Hit(
        PersonalKind.UNIQUENESS,
        None,
        0.95 if declared else 0.55 + 0.35 * share,
        matched=sum(item["rows"] for item in measured["sizes"] if item["to"] is not None and item["to"] < SAFE_K),
        checked=measured["groups"],
        valid=unique,
        evidence_for=(*([Evidence("declared")] if declared else []), *evidence),
        evidence_against=tuple(against),
        examples=_alone(table, measured["columns"]) if unique else (),
    )


def _alone(table: Table, columns: Sequence[str]) -> tuple[Example, ...]:
    """Rows that are alone in their group, without a value of theirs."""
    aliases = [column.alias for name in columns if (column := table.column(name)) is not None]
    names = ", ".join(quoted(alias) for alias in aliases)
    row = quoted(table.row_column)
    found = table.connection.execute(
        f"SELECT min({row}) AS n FROM {CHECKED} GROUP BY {names} HAVING count(*) = 1 ORDER BY n LIMIT 5"
    ).fetchall()
    return tuple(Example(number, ", ".join(f"{name}: •••" for name in columns)) for (number,) in found)


def _percent(share: float) -> str:
    return "< 1 %" if 0 < share < 0.01 else f"{min(100 * share, 99.0 if share < 1 else 100.0):.0f} %"
