"""Raw Salesforce tables as staging meets them: columns that may not be visible, ids that tell their object.

A column or object the integration user cannot see is unknown: `Raw` answers with a typed null, and a missing object is
`None`, which leaves its part of a union out. Source: salesforce.md sections 0.13 and 1.4.
"""

from typing import Any, Final, Self

import sqlalchemy as sa

from transforms.base import Source
from transforms.functions import epoch_seconds, null, tidy_address

USER_PREFIX: Final = "005"
ACCOUNT_PREFIX: Final = "001"
OPPORTUNITY_PREFIX: Final = "006"
PERSON_PREFIXES: Final = ("003", "00Q")
NOBODY_PREFIXES: Final = ("00G", "023")
"""Queues (groups) and calendars (public ones, rooms)."""


class Raw:
    """One raw table under its own name, readable by column kind."""

    def __init__(self, source: Source, name: str, table: sa.TableClause) -> None:
        self.source = source
        self.name = name
        self.table = table

    @classmethod
    def of(cls, source: Source, name: str) -> Self | None:
        """The object, None when the org lacks it or it is not visible."""
        table = source.table(name)
        return None if table is None else cls(source, name, table)

    def has(self, column: str) -> bool:
        """Whether the column is visible."""
        return column in self.table.c

    def column(self, name: str, type_: Any) -> sa.ColumnElement[Any]:
        """A column read as `type_`, unknown when not visible."""
        return sa.type_coerce(self.table.c[name], type_) if self.has(name) else null(type_)

    def text(self, name: str) -> sa.ColumnElement[str]:
        """Text as it is."""
        return self.column(name, sa.String)

    def address(self, name: str) -> sa.ColumnElement[str]:
        """A mail address, tidied."""
        return tidy_address(self.text(name))

    def flag(self, name: str) -> sa.ColumnElement[bool]:
        """True where the flag is set; false where it is not, or not visible."""
        return self.column(name, sa.Boolean).is_(True) if self.has(name) else sa.false()

    def instant(self, name: str) -> sa.ColumnElement[int]:
        """An instant or a date as epoch seconds."""
        return epoch_seconds(self.table.c[name]) if self.has(name) else null(sa.BigInteger)

    def number(self, name: str) -> sa.ColumnElement[Any]:
        """A number."""
        return self.column(name, sa.Double)

    def entered(self, entity: str, field: str) -> sa.ColumnElement[Any]:
        """The column people enter `field` in, unknown when not provisioned or not visible."""
        return self.column(self.source.entered.get((entity, field), ""), sa.String)


def prefix(record_id: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The first three characters of an id: they name the object."""
    return sa.func.substr(record_id, 1, 3, type_=sa.String)


def party_kind(record_id: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    """user, person or nobody, by the id; null for anything that is no party."""
    start = prefix(record_id)
    return sa.case(
        (start == USER_PREFIX, "user"),
        (start.in_(PERSON_PREFIXES), "person"),
        (start.in_(NOBODY_PREFIXES), "nobody"),
        else_=null(sa.String),
    )


def is_shadow(source: Source, task_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a mail that is not deleted names this Task as the one beside it."""
    mail = Raw.of(source, "EmailMessage")
    if mail is None or not mail.has("ActivityId"):
        return sa.false()
    named = sa.select(mail.text("ActivityId")).where(sa.not_(mail.flag("IsDeleted")), mail.text("ActivityId").is_not(None))
    return task_id.in_(named)
