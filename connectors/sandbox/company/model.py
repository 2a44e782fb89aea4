"""The generated company as neutral Arrow tables, and one chunk of its activities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors.sandbox.company.sizes import Size

_WHOLE, _TEXT, _TIME = pa.int64(), pa.string(), pa.timestamp("us")
_SIDE: list[tuple[str, Any]] = [("activity", _WHOLE), ("user", _WHOLE), ("person", _WHOLE), ("account", _WHOLE)]
_CALL: list[tuple[str, Any]] = [
    ("deal", _WHOLE),
    ("at", _TIME),
    ("seconds", _WHOLE),
    ("direction", _TEXT),
    ("outcome", _TEXT),
    ("subject", _TEXT),
]
EMPTY = {
    "calls": pa.schema([*_SIDE, *_CALL]).empty_table(),
    "call_guests": pa.schema([("activity", _WHOLE), ("person", _WHOLE)]).empty_table(),
    "todos": pa.schema([*_SIDE, ("due", _WHOLE), ("done", pa.bool_()), ("subject", _TEXT), ("created", _TIME)]).empty_table(),
}
"""For chunks that have none of a kind."""


@dataclass(frozen=True)
class Activities:
    """One chunk. `activity` numbers are unique over the company; instants are naive UTC timestamps; people are `person` indices.

    meetings: activity, organizer (user), person (first guest, null if none), account, deal, starts, minutes, all_day, subject,
              private, cancelled, created
    meeting_guests: activity, user or person (the other null), response (accepted|declined|tentative|none); the organizer is not in it
    calls: activity, user, person, account, deal, at, seconds (null = unknown), direction (out|in),
              outcome (connected|voicemail|no answer), subject
    call_guests: activity, person: further people on the line
    mails: activity, user (our side), person (first outside person, null if none), account, deal, at, direction, thread, subject, answered
    mail_addresses: activity, role (from|to|cc|bcc), user or person, address (only when neither)
    todos: activity, user, person, account, due, done, subject, created
    """

    meetings: pa.Table
    meeting_guests: pa.Table
    calls: pa.Table
    call_guests: pa.Table
    mails: pa.Table
    mail_addresses: pa.Table
    todos: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """Every table by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def count(self) -> int:
        """Activities in the chunk."""
        return len(self.meetings) + len(self.calls) + len(self.mails) + len(self.todos)


@dataclass(frozen=True)
class Company:
    """Everything but the activities is held in memory; `batches` draws those anew, the same each time it is called.

    The columns are told by the function that makes each table: `staff.users`, `customers.accounts`, `.people`, `.teams`,
    `closeness.pairs` (the hidden truth), `deals.deals`, `.deal_roles`, `.conversions`, `opinions.opinions`, `.lead_opinions`,
    `.account_plans`, `.deal_facts`, `.experts`.
    """

    seed: int
    size: Size
    as_of: datetime
    users: pa.Table
    accounts: pa.Table
    people: pa.Table
    teams: pa.Table
    pairs: pa.Table
    deals: pa.Table
    deal_roles: pa.Table
    conversions: pa.Table
    opinions: pa.Table
    lead_opinions: pa.Table
    account_plans: pa.Table
    deal_facts: pa.Table
    experts: pa.Table
    source: Callable[[], Iterator[Activities]]

    def batches(self) -> Iterator[Activities]:
        """The activities of three years, in chunks of bounded size."""
        return self.source()

    def tables(self) -> dict[str, pa.Table]:
        """The tables held in memory, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if isinstance(getattr(self, field.name), pa.Table)}
