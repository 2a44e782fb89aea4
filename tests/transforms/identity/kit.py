"""Small worlds of several CRMs, one record or event per line, put into the tables that identity and the company's figures read.

`person east:ann ann@acme.example,a.lee@x.example account=east:acme`, `user east:uma uma@ours.example`, `account east:acme`;
`off` makes a user or account inactive, `nobody` a record that is no person. An event is
`2026-05-01T10:00 meeting east:uma -> east:ann,east:bob id=e1 mail=<m1>`, in the words of the score tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from tests.transforms.kit import build, needed
from tests.transforms.scores.small_company import instant
from transforms import tables as model
from transforms.base import DAY, Context, Source
from transforms.company import tables as company
from transforms.identity import tables as identity
from transforms.interactions.tables import activities
from transforms.method import load
from transforms.registry_identity import identity_models
from transforms.registry_scores import score_models
from transforms.scores import tables as scores
from transforms.staging.shapes import staging_table
from warehouse import DuckDBWarehouse

CRMS = ("east", "west", "north")
SOURCES = [Source(crm, "salesforce", {}) for crm in CRMS]
Row = dict[str, Any]


def context(across: bool = True, as_of: str = "2026-06-01", **method: Any) -> Context:
    return Context(instant(as_of), load(method), SOURCES, across_crms=across)


class World:
    """Rows of every table by the lines given; the order of the lines is the order of the rows."""

    def __init__(self, *texts: str) -> None:
        lines = [line.split() for text in texts for line in text.strip().splitlines() if line.strip()]
        records = [line for line in lines if line[0] in ("person", "user", "account")]
        self.keys = {kind: _numbered(name for word, name, *_ in records if word == kind) for kind in ("person", "user", "account")}
        self.accounts = {name: _options(rest).get("account") for kind, name, *rest in records if kind == "person"}
        self.records = records
        self.events = [line for line in lines if line[0] not in ("person", "user", "account")]

    def fill(self, warehouse: DuckDBWarehouse) -> None:
        """Write all tables that scores and identity read."""
        self.fill_people(warehouse)
        filled = {
            "users": [self._user(name, rest) for kind, name, *rest in self.records if kind == "user"],
            "accounts": [self._account(name, rest) for kind, name, *rest in self.records if kind == "account"],
            "interactions": [row for number, line in enumerate(self.events) for row in self._event(number, line)],
        }
        for table in model.metadata.sorted_tables:
            if table is not model.people:
                store(warehouse, table, filled.get(table.name, []))
        store(warehouse, activities, list(self._activities()))

    def fill_people(self, warehouse: DuckDBWarehouse) -> None:
        """Write people and their addresses."""
        store(warehouse, model.people, [self._person(name, rest) for kind, name, *rest in self.records if kind == "person"])
        for crm in CRMS:
            store(warehouse, staging_table(crm, "person_addresses"), [row for row in self._addresses() if row["crm"] == crm])

    def _key(self, kind: str, name: str) -> Row:
        crm, record_id = name.split(":")
        return {"crm": crm, f"{kind}_id": record_id, f"{kind}_key": self.keys[kind][name]}

    def _user(self, name: str, rest: Sequence[str]) -> Row:
        email = next((word for word in rest if "@" in word), None)
        return {**self._key("user", name), "name": name, "email": email, "is_active": "off" not in rest, "is_person": "nobody" not in rest}

    def _account(self, name: str, rest: Sequence[str]) -> Row:
        return {**self._key("account", name), "is_live": "off" not in rest}

    def _person(self, name: str, rest: Sequence[str]) -> Row:
        is_person, home = "nobody" not in rest, self.accounts[name]
        account = {"account_id": home.split(":")[1], "account_key": self.keys["account"][home]} if home else {}
        return {
            **self._key("person", name),
            **account,
            "person_kind": "contact",
            "is_active": True,
            "is_person": is_person,
            "is_live": is_person,
        }

    def _addresses(self) -> Iterator[Row]:
        for kind, name, *rest in self.records:
            for word in rest if kind == "person" else ():
                for address in word.split(",") if "@" in word else ():
                    yield {"crm": name.split(":")[0], "person_id": name.split(":")[1], "address": address}

    def _activities(self) -> Iterator[Row]:
        for number, line in enumerate(self.events):
            options = _options(line)
            yield {
                "event_key": number,
                "crm": line[2].split(":")[0],
                "event_id": options.get("id", f"e{number}"),
                "message_id": options.get("mail"),
            }

    def _event(self, number: int, line: Sequence[str]) -> Iterator[Row]:
        when, channel, ours, arrow, theirs, *rest = line
        inward, unanswered = arrow == "<-", "unanswered" in rest
        two_way = channel == "meeting" or (channel == "call" and not unanswered) or (channel == "email" and inward)
        direction = "both" if two_way and channel != "email" else "in" if inward else "out"
        for user in ours.split(","):
            for person in theirs.split(","):
                home = self.accounts[person]
                yield {
                    **self._key("user", user),
                    **self._key("person", person),
                    "event_id": _options(line).get("id", f"e{number}"),
                    "event_key": number,
                    "person_kind": "contact",
                    "account_id": home and home.split(":")[1],
                    "account_key": home and self.keys["account"][home],
                    "at": datetime.fromisoformat(when),
                    "at_s": instant(when),
                    "day": instant(when) // DAY,
                    "channel": channel,
                    "direction": direction,
                    "participants_outside": len(theirs.split(",")),
                    "recipients": 1 if channel == "email" else None,
                    "is_cc": False,
                    "two_way": two_way,
                    "unanswered": unanswered,
                }  # fmt: skip


def _numbered(names: Iterator[str]) -> dict[str, int]:
    """Keys as the model gives them: in the order of CRM and id."""
    ordered = sorted(set(names), key=lambda name: name.split(":"))
    return {name: number for number, name in enumerate(ordered, 1)}


def _options(words: Sequence[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word and "@" not in word.split("=")[0])


def store(warehouse: DuckDBWarehouse, table: sa.Table, given: Sequence[Mapping[str, Any]]) -> None:
    """Replace a table by these rows; missing values are null."""
    with warehouse.connection() as connection:
        connection.execute(sa.schema.DropTable(table, if_exists=True))
        connection.execute(sa.schema.CreateTable(table))
    if given:
        warehouse.write(table, pa.Table.from_pylist([{column.name: row.get(column.name) for column in table.columns} for row in given]))


IDENTITY = slice(0, 5)
"""The models of `identity`, the first of `identity_models`."""


def identified(warehouse: DuckDBWarehouse, world: World, given: Context) -> None:
    """Build the identity tables alone."""
    world.fill(warehouse)
    for one in identity_models(SOURCES)[IDENTITY]:
        one.build(warehouse, given)


def paired(warehouse: DuckDBWarehouse, world: World, given: Context) -> None:
    """Build pairs, those of each CRM and those of the company."""
    world.fill(warehouse)
    build(warehouse, needed([*score_models(), *identity_models(SOURCES)], scores.pairs, company.pairs), given)


def scored(warehouse: DuckDBWarehouse, world: World, given: Context) -> None:
    """Build pairs and people of each CRM, identity, and the company's figures."""
    world.fill(warehouse)
    wanted = [*identity.metadata.sorted_tables, *company.metadata.sorted_tables, scores.people]
    build(warehouse, needed([*score_models(), *identity_models(SOURCES)], *wanted), given)


def rows(warehouse: DuckDBWarehouse, table: sa.Table) -> list[Row]:
    """A table as dicts, sorted."""
    found = warehouse.arrow(sa.select(table)).to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


def groups(warehouse: DuckDBWarehouse, table: sa.Table) -> set[frozenset[str]]:
    """Records that are one, as `crm:id`; those that stand alone are left out."""
    found: dict[str, set[str]] = {}
    for row in rows(warehouse, table):
        record_id = next(value for name, value in row.items() if name.endswith("_id") and name != "identity_id")
        found.setdefault(row["identity_id"], set()).add(f"{row['crm']}:{record_id}")
    return {frozenset(group) for group in found.values() if len(group) > 1}


def group(*names: str) -> frozenset[str]:
    return frozenset(names)
