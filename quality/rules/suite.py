"""The rules that a Table Schema means, in the order of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.table_schema import Field, TableSchema
from quality.rules.rule import Rule, RuleType

# Table Schema: minimum and maximum are for types with an order, pattern and lengths for text.
_RANGED = frozenset({"integer", "number", "date", "datetime", "time", "year"})


def rules_of(schema: TableSchema) -> list[Rule]:
    """Every constraint of the schema as a rule of level error; each is asked once, however often it stands."""
    rules = [_rule(RuleType.COLUMNS_MATCH, schema.names, ordered=False)]
    for field in schema.fields:
        rules.extend(_of_field(field))
    keys = ((schema.primary_key,) if schema.primary_key else ()) + schema.unique_keys
    rules.extend(_unique(key) for key in keys)
    rules.extend(_rule(RuleType.NOT_NULL, (name,)) for name in schema.primary_key)
    rules.extend(
        _rule(RuleType.FOREIGN_KEY, key.fields, resource=key.resource, fields=list(key.reference_fields))
        for key in schema.foreign_keys
    )
    return list({rule.id: rule for rule in rules}.values())


def _of_field(field: Field) -> Iterator[Rule]:
    column = (field.name,)
    asked = field.constraints
    if field.type != "any":
        yield _rule(RuleType.TYPE, column, **{"is": field.type})
    if asked.required:
        yield _rule(RuleType.NOT_NULL, column)
    if asked.unique:
        yield _rule(RuleType.UNIQUE, column)
    if asked.enum:
        yield _rule(RuleType.IN_SET, column, values=list(asked.enum))
    if field.type in _RANGED and (asked.minimum is not None or asked.maximum is not None):
        yield _rule(RuleType.BETWEEN, column, min=asked.minimum, max=asked.maximum)
    if field.type == "string":
        if asked.pattern:
            yield _rule(RuleType.MATCHES, column, pattern=asked.pattern)
        if asked.min_length is not None or asked.max_length is not None:
            yield _rule(RuleType.LENGTH_BETWEEN, column, min=asked.min_length, max=asked.max_length)


def _unique(columns: tuple[str, ...]) -> Rule:
    return _rule(RuleType.UNIQUE if len(columns) == 1 else RuleType.UNIQUE_TOGETHER, columns)


def _rule(rule_type: RuleType, columns: tuple[str, ...], **params: Any) -> Rule:
    given = {name: value for name, value in params.items() if value is not None}
    return Rule(rule_type, columns, given, "error", "schema")
