"""Salesforce ids of neutral numbers, the columns every object has, and the writing of Arrow tables into the store."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import Company
from connectors.sandbox.company.arrays import DAY, Bools, Column, Floats, Ints, arrow, is_text, whole
from connectors.sandbox.salesforce import ids

OFFSET = 1_000
SLOTS = 64
"""Numbers an activity may use for its own rows: twins, invitees, relations."""
Columns = dict[str, Any]


class Keys:
    """Ids by neutral number, and the instant everything is seen from."""

    def __init__(self, company: Company) -> None:
        is_lead = is_text(company.people["kind"], "lead")
        self.users = numbered("005", np.arange(len(company.users)))
        self.accounts = numbered("001", np.arange(len(company.accounts)))
        self.deals = numbered("006", np.arange(len(company.deals)))
        persons = np.arange(len(company.people))
        self.people = pc.if_else(is_lead, numbered("00Q", persons), numbered("003", persons))
        self.person_kinds = pc.if_else(is_lead, "Lead", "Contact")
        self.user_emails = company.users["email"].combine_chunks()
        self.person_emails = company.people["email"].combine_chunks()
        self.as_of = int(company.as_of.astimezone(UTC).timestamp())
        self.now = company.as_of.astimezone(UTC).replace(tzinfo=None)

    def what(self, deal: Column, account: Column) -> Column:
        """The record an activity is about: the deal, else the account."""
        return pc.coalesce(self.deals.take(whole(deal)), self.accounts.take(whole(account)))

    def archived(self, day: Ints) -> Bools:
        """Whether an activity of that epoch day is old enough to be archived."""
        return np.asarray(day <= self.as_of // DAY - 365, dtype=np.bool_)


def numbered(prefix: str, numbers: Ints) -> Column:
    return ids.make_ids(prefix, numbers + OFFSET)


def activity_ids(prefix: str, activity: Ints, slot: npt.ArrayLike = 0) -> Column:
    return ids.make_ids(prefix, activity * SLOTS + np.asarray(slot))


def seconds(column: Column) -> Ints:
    """Epoch seconds of a timestamp column."""
    return np.asarray(column.cast(pa.int64()).to_numpy() // 1_000_000, dtype=np.int64)


def dates(day: Ints) -> Column:
    return arrow(day.astype(np.int32)).cast(pa.date32())


def fraction(numbers: Ints, salt: int) -> Floats:
    """A number in [0, 1) that looks drawn, told by the record's own number: the same however rows are cut into chunks."""
    mixed = (numbers.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11), dtype=np.float64) / 2.0**53


def system(record_ids: Column, created: Ints, modified: Ints, author: Column, deleted: Bools | None = None) -> Columns:
    """The columns of every object; author is who created and last changed the record."""
    stamp = arrow(modified).cast(pa.timestamp("s")).cast(pa.timestamp("us"))
    columns = {
        "Id": record_ids,
        "CreatedById": author,
        "CreatedDate": arrow(created).cast(pa.timestamp("s")).cast(pa.timestamp("us")),
        "LastModifiedById": author,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
    }
    return columns | {"IsDeleted": np.zeros(len(record_ids), dtype=bool) if deleted is None else deleted}


def insert(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Append Arrow tables to the store's tables of the same names, column by column name."""
    for name, table in tables.items():
        cursor.register("incoming", table)
        cursor.execute(f'insert into "{name}" by name from incoming')
        cursor.unregister("incoming")


def create(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Create tables beside the objects, filled with Arrow tables."""
    for name, table in tables.items():
        cursor.register("incoming", table)
        cursor.table("incoming").create(f'"{name}"')
        cursor.unregister("incoming")
