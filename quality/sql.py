"""Expectations as SQL: one aggregate over the table counts the rows that break each rule.

This is the engine of tables too large for a frame, and the one that finds example ids for both.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import sqlalchemy as sa

from quality.expectations import AtLeast, Belongs, Between, Expectation, InSet, NotNull, Ordered, Outcome, Rule, Suite, Unique, columns_of
from warehouse import DuckDBWarehouse

EXAMPLES = 5
CRM = "crm"
"""The column by which the rows of one CRM are told from another's."""


def table_of(suite: Suite) -> sa.FromClause:
    """The rows the suite judges, with every column its rules and keys name."""
    names = {*suite.keys, *(column for expectation in suite.expectations for column in columns_of(expectation.rule))}
    if not suite.crm:
        return _table(suite, names)
    table = _table(suite, {*names, CRM})
    return sa.select(table).where(table.c[CRM] == suite.crm).subquery(suite.table)


def _table(suite: Suite, names: Set[str]) -> sa.TableClause:
    return sa.table(suite.table, *(sa.column(name) for name in sorted(names)), schema=suite.schema)


def broken(rule: Rule, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """True for the rows of `table` that break `rule`; never null."""
    match rule:
        case NotNull(column):
            return table.c[column].is_(None)
        case Between(column, low, high):
            return _outside(table.c[column], low, high)
        case InSet(column, values):
            return sa.and_(table.c[column].is_not(None), table.c[column].not_in(values))
        case Ordered(low, high):
            return sa.func.coalesce(table.c[low] > table.c[high], sa.false())
        case Unique(columns):
            return _repeated(table, columns)
        case Belongs():
            return sa.not_(belongs(rule, table))
        case AtLeast():
            return sa.false()


def belongs(rule: Belongs, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """True for the rows of `table` whose key is found where the rule says, or has a null in it."""
    schema, _, name = rule.to.partition(".")
    names = (*rule.others, *((rule.only,) if rule.only else ()))
    other = sa.table(name, *(sa.column(column) for column in names), schema=schema).alias("other")
    matches = [other.c[theirs] == table.c[ours] for ours, theirs in zip(rule.columns, rule.others, strict=True)]
    if rule.only:
        matches.append(other.c[rule.only].is_(True))
    blank = [table.c[column].is_(None) for column in rule.columns]
    return sa.or_(*blank, sa.exists(sa.select(sa.literal(1)).select_from(other).where(*matches)))


def _outside(column: sa.ColumnElement[Any], low: float | None, high: float | None) -> sa.ColumnElement[bool]:
    bounds = [column < low] if low is not None else []
    bounds += [column > high] if high is not None else []
    return sa.func.coalesce(sa.or_(sa.false(), *bounds), sa.false())


def _repeated(table: sa.FromClause, columns: Sequence[str]) -> sa.ColumnElement[bool]:
    keys = [table.c[column] for column in columns]
    present = sa.and_(*(key.is_not(None) for key in keys))
    copies = sa.func.count().over(partition_by=keys)
    return sa.and_(present, copies > 1)


def count(suite: Suite, warehouse: DuckDBWarehouse) -> int:
    """Rows the suite judges."""
    with warehouse.connection() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table_of(suite))) or 0)


def run(suite: Suite, warehouse: DuckDBWarehouse, rows: int) -> list[Outcome]:
    """Check the suite by SQL; `rows` is the size of its table."""
    counts = _counts(suite, warehouse)
    return [_outcome(suite, expectation, warehouse, rows, counts) for expectation in suite.expectations]


def _counts(suite: Suite, warehouse: DuckDBWarehouse) -> Mapping[str, int]:
    table = table_of(suite)
    simple = [item for item in suite.expectations if not isinstance(item.rule, Unique | AtLeast)]
    sums = [_broken_rows(item.rule, table).label(item.id) for item in simple]
    with warehouse.connection() as connection:
        found = connection.execute(sa.select(sa.func.count().label("_rows"), *sums).select_from(table)).one()._mapping
        repeated = {item.id: _repetitions(item.rule, table, connection) for item in suite.expectations if isinstance(item.rule, Unique)}
    return {**{item.id: int(found[item.id]) for item in simple}, **repeated}


def _broken_rows(rule: Rule, table: sa.FromClause) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((broken(rule, table), 1), else_=0)), 0)


def _repetitions(rule: Unique, table: sa.FromClause, connection: sa.Connection) -> int:
    keys = [table.c[column] for column in rule.columns]
    copies = sa.func.count().label("copies")
    groups = sa.select(copies).where(*(key.is_not(None) for key in keys)).group_by(*keys).having(copies > 1).subquery()
    return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(groups.c.copies), 0))) or 0)


def _outcome(suite: Suite, expectation: Expectation, warehouse: DuckDBWarehouse, rows: int, counts: Mapping[str, int]) -> Outcome:
    if isinstance(expectation.rule, AtLeast):
        missing = max(expectation.rule.rows - rows, 0)
        return Outcome(expectation, missing == 0, rows, missing)
    unexpected = counts[expectation.id]
    return Outcome(expectation, unexpected == 0, rows, unexpected, examples(suite, expectation.rule, warehouse) if unexpected else ())


def examples(suite: Suite, rule: Rule, warehouse: DuckDBWarehouse) -> tuple[str, ...]:
    """Ids of a few rows that break the rule."""
    table = table_of(suite)
    keys = [sa.cast(table.c[key], sa.String).label(key) for key in suite.keys]
    marked = sa.select(*keys, broken(rule, table).label("_broken")).select_from(table).subquery()
    query = sa.select(*(marked.c[key] for key in suite.keys)).where(marked.c._broken).distinct().order_by(*suite.keys).limit(EXAMPLES)
    with warehouse.connection() as connection:
        return tuple(":".join(str(part) for part in row) for row in connection.execute(query))
