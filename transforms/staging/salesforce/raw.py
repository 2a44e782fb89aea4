"""Salesforce ids tell their object: users, people and those who are nobody, and the Tasks that only shadow a mail.

Source: salesforce.md sections 0.13 and 1.4.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Source
from transforms.functions import null
from transforms.staging.raw import Raw

USER_PREFIX: Final = "005"
ACCOUNT_PREFIX: Final = "001"
OPPORTUNITY_PREFIX: Final = "006"
PERSON_PREFIXES: Final = ("003", "00Q")
NOBODY_PREFIXES: Final = ("00G", "023")
"""Queues (groups) and calendars (public ones, rooms)."""


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
