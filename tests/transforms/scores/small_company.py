"""Small companies written down by hand, put into the model tables, scored, and read back by name.

An event is one line: `2026-05-01T10:00 meeting anna,bo -> kim,lee minutes=60`, or `... email anna <- kim`, `... call anna -> kim
unanswered`. Every user on the left meets every person on the right; `cc` and `recipients=3` may follow.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from tests.transforms.kit import build, needed
from transforms import tables
from transforms.base import DAY, Context
from transforms.method import load
from transforms.registry_scores import score_models
from transforms.scores import tables as score_tables
from warehouse import DuckDBWarehouse

CRM = "sales_cloud"


def key(name: str) -> int:
    """A stable integer for a readable id."""
    return zlib.crc32(name.encode())


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@dataclass
class Company:
    """Users, accounts and people by id with what differs from the defaults; events as lines."""

    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    members: Sequence[str] = ()
    events: Sequence[str] = ()
    deals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    roles: Sequence[str] = ()

    def fill(self, warehouse: DuckDBWarehouse) -> None:
        """Write the model tables anew."""
        filled = self.tables()
        for table in tables.metadata.sorted_tables:
            store(warehouse, table, list(filled.get(table.name, ())))

    def tables(self) -> Mapping[str, Iterator[dict[str, Any]]]:
        """Rows of the model tables by name."""
        return {
            "users": self._users(),
            "accounts": self._accounts(),
            "people": self._people(),
            "account_members": self._members(),
            "interactions": self._interactions(),
            "opportunities": self._deals(),
            "opportunity_roles": self._roles(),
        }

    def _users(self) -> Iterator[dict[str, Any]]:
        for name, given in self.users.items():
            yield {"user_id": name, "user_key": key(name), "name": name.title(), "is_active": True, "is_person": True} | given

    def _accounts(self) -> Iterator[dict[str, Any]]:
        for name, given in self.accounts.items():
            yield {"account_id": name, "account_key": key(name), "name": name.title(), "is_live": True} | given

    def _people(self) -> Iterator[dict[str, Any]]:
        for name, given in self.people.items():
            account = given.get("account_id")
            base = {"person_id": name, "person_key": key(name), "person_kind": "contact", "is_live": True, "is_active": True}
            department = given.get("department")
            yield base | {"is_person": True, "account_key": key(account) if account else None, "department_name": department} | given

    def _members(self) -> Iterator[dict[str, Any]]:
        for line in self.members:
            account, user = line.split()
            yield {"account_id": account, "account_key": key(account), "user_id": user, "user_key": key(user), "member_role": "owner"}

    def _deals(self) -> Iterator[dict[str, Any]]:
        """`close` is a date; a deal is open unless `is_closed`."""
        for name, given in self.deals.items():
            base = {"opportunity_id": name, "account_key": key(given["account_id"]), "is_closed": False, "is_won": False, "created_s": 0}
            yield base | given | {"close_day": instant(str(given["close"])) // DAY}

    def _roles(self) -> Iterator[dict[str, Any]]:
        for line in self.roles:
            deal, person, *role = line.split(maxsplit=2)
            yield {"opportunity_id": deal, "person_id": person, "person_key": key(person), "role": role[0] if role else None}

    def _interactions(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self.events):
            yield from self._event(line, f"e{number}")

    def _event(self, line: str, event: str) -> Iterator[dict[str, Any]]:
        when, channel, ours, arrow, theirs, *rest = line.split()
        options = dict(part.split("=") for part in rest if "=" in part)
        unanswered, inward, persons = "unanswered" in rest, arrow == "<-", theirs.split(",")
        two_way = channel == "meeting" or (channel == "call" and not unanswered) or (channel == "email" and inward)
        direction = "both" if two_way and channel != "email" else "in" if inward else "out"
        event = options.get("id", event)
        for user in ours.split(","):
            for person in persons:
                account = self.people[person].get("account_id")
                yield {
                    "event_id": event,
                    "event_key": key(event),
                    "user_id": user,
                    "user_key": key(user),
                    "person_id": person,
                    "person_key": key(person),
                    "person_kind": self.people[person].get("person_kind", "contact"),
                    "account_id": account,
                    "account_key": key(account) if account else None,
                    "at_s": instant(when),
                    "day": instant(when) // DAY,
                    "at": datetime.fromisoformat(when),
                    "channel": channel,
                    "direction": direction,
                    "minutes": float(options["minutes"]) if "minutes" in options else None,
                    "participants_outside": int(options.get("outside", len(persons))),
                    "recipients": int(options.get("recipients", len(persons))) if channel == "email" else None,
                    "is_cc": "cc" in rest,
                    "two_way": two_way,
                    "unanswered": unanswered,
                }


def store(warehouse: DuckDBWarehouse, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace a table by `rows`; missing values are null, and rows are of one CRM unless they say otherwise."""
    with warehouse.connection() as connection:
        connection.execute(sa.schema.DropTable(table, if_exists=True))
        connection.execute(sa.schema.CreateTable(table))
    if rows:
        full = [{column.name: row.get(column.name) for column in table.columns} | {"crm": row.get("crm", CRM)} for row in rows]
        warehouse.write(table, pa.Table.from_pylist(full))


def context(as_of: str = "2026-06-01", method: Mapping[str, Any] | None = None, **options: Any) -> Context:
    return Context(instant(as_of), load(method), **{"sources": (), **options})


def score_pairs(warehouse: DuckDBWarehouse, company: Company, given: Context) -> dict[tuple[str, str], dict[str, Any]]:
    """Build up to `scores.pairs` only; its rows by user and person."""
    score(warehouse, company, given, score_tables.pairs)
    return {(row["user_id"], row["person_id"]): row for row in rows(warehouse, score_tables.pairs)}


def score(warehouse: DuckDBWarehouse, company: Company, given: Context, *only: sa.Table) -> None:
    """Fill the model and build every score and enrichment table, or what `only` some of them need."""
    company.fill(warehouse)
    models = score_models()
    build(warehouse, needed(models, *only) if only else models, given)


def rows(warehouse: DuckDBWarehouse, table: sa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = warehouse.arrow(sa.select(table)).to_pylist()
    return found


def by_id(warehouse: DuckDBWarehouse, table: sa.Table) -> dict[str, dict[str, Any]]:
    """Rows of a score or enrichment table by record id."""
    name = next(column for column in ("record_id", "person_id", "account_id", "user_id", "instant") if column in table.c)
    return {row[name]: row for row in rows(warehouse, table)}
