"""SQL pieces that the projections share."""

from collections.abc import Mapping
from typing import Final

import duckdb

from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID, CURRENCY_ID

CURRENCY: Final = f"'{CURRENCY_ID}' as _transactioncurrencyid_value"
UNIT: Final = f"'{BUSINESS_UNIT_ID}' as _owningbusinessunit_value"


def insert(cursor: duckdb.DuckDBPyConnection, table: str, select: str, order: str = "") -> None:
    """Append a query's rows, columns by name; what the query does not name gets its default.

    Activities come in `order` of their time, which keeps the rows of a month together on disk as real ones are.
    """
    cursor.execute(f'insert into "{table}" by name {select}{f" order by {order}" if order else ""}')


def authored(by: str, created: str, modified: str) -> str:
    """When and by whom a row was made and changed."""
    return f"{created} as createdon, {modified} as modifiedon, {by} as _createdby_value, {by} as _modifiedby_value"


def owned(by: str, created: str, modified: str) -> str:
    """`authored`, by the user who owns the row."""
    return f"{authored(by, created, modified)}, {by} as _ownerid_value, 'systemuser' as _ownerid_type, {UNIT}"


def drawn(number: str, salt: int) -> str:
    """A number in [0, 1) that looks drawn, told by the record's own number."""
    return f"((({number}) * 7919 + {salt} * 104729) % 9973 / 9973.0)"


def changed(number: str, created: str, now: str) -> str:
    """Some time since a record was made."""
    share = drawn(number, 3)
    return f"date_trunc('second', {created} + to_seconds(floor(date_diff('second', {created}, {now}) * {share})))"


def labelled(column: str, values: Mapping[str, int | str]) -> str:
    """What stands for each word; null where nothing does."""
    cases = " ".join(f"when '{word}' then {value!r}" for word, value in values.items())
    return f"case {column} {cases} end"
