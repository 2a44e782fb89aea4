"""A Dataverse environment in the test's own process with a handful of known rows, and short ways to ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from connectors.sandbox.store import insert_row
from tests.connectors.sandbox.dataverse.writekit import Environment, environment

LOOKUP = "Microsoft.Dynamics.CRM.lookuplogicalname"
LABEL = "OData.Community.Display.V1.FormattedValue"
KINDS = {"_activityid_type": "email"}


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


class Reader:
    """GETs against the environment; options are keywords without their dollar sign."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.store = env.store

    def get(self, address: str, prefer: str = "", **options: Any) -> httpx.Response:
        query = "&".join(f"${name}={quote(str(value))}" for name, value in options.items())
        headers = {"Prefer": prefer} if prefer else {}
        return self.env.client.get(address + (f"?{query}" if query else ""), headers=headers)

    def json(self, address: str, prefer: str = "", **options: Any) -> dict[str, Any]:
        answer = self.get(address, prefer, **options)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def rows(self, address: str, prefer: str = "", **options: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json(address, prefer, **options)["value"]
        return found

    def names(self, filter: str, entity_set: str = "accounts", name: str = "name") -> list[str]:
        """The names of the rows that meet a filter."""
        return [row[name] for row in self.rows(entity_set, select=name, filter=filter)]

    def refusal(self, address: str, prefer: str = "", **options: Any) -> tuple[int, str, str]:
        answer = self.get(address, prefer, **options)
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]

    def follow(self, link: str, prefer: str = "") -> dict[str, Any]:
        """The answer to a link the service gave."""
        return self.json(link, prefer)

    def walk(self, address: str, prefer: str, **options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """All rows over all pages, and the last page."""
        page = self.json(address, prefer, **options)
        rows = list(page["value"])
        while link := page.get("@odata.nextLink"):
            page = self.follow(link, prefer)
            rows += page["value"]
        return rows, page

    def update(self, table: str, number: int, **values: Any) -> None:
        key = self.store.catalog[table].primary_id
        sets = ", ".join(f'"{name}" = ?' for name in values)
        with self.store.write() as cursor:
            sql = f'update "{table}" set {sets}, versionnumber = nextval(\'_versions\') where "{key}" = ?'
            cursor.execute(sql, [*values.values(), guid(number)])

    def delete(self, table: str, *numbers: int) -> None:
        key = self.store.catalog[table].primary_id
        with self.store.write() as cursor:
            ids = [guid(number) for number in numbers]
            cursor.execute(f'delete from "{table}" where "{key}" in (select unnest(?::varchar[]))', [ids])
            self.store.log_deletes(cursor, table, ids)

    def insert(self, table: str, **values: Any) -> None:
        with self.store.write() as cursor:
            insert_row(cursor, table, values)


def fill(reader: Reader) -> None:
    """Seven accounts, five contacts of two of them, one mail with three parties."""
    names = ["Alpha", "beta", "Gamma", "delta & co", "O'Neil", "50% off", None]
    for number, name in enumerate(names):
        created = datetime(2026, 1, number + 1, 12)
        revenue = number * 1_000.5 if number % 2 else None
        owner = {"_ownerid_value": INTEGRATION_USER_ID, "_ownerid_type": "systemuser"}
        reader.insert(
            "account", accountid=guid(number), name=name, revenue=revenue, industrycode=number or None, createdon=created, **owner
        )
    for number, last in enumerate(["Ng", "ng", "Ode", "Pi", "Quin"]):
        parent = {"_parentcustomerid_value": guid(number % 2), "_parentcustomerid_type": "account"} if number < 4 else {}
        reader.insert("contact", contactid=guid(100 + number), firstname="J", lastname=last, **parent)
    reader.update("account", 0, _primarycontactid_value=guid(101))
    reader.insert("email", activityid=guid(200), subject="Hello", senton=datetime(2026, 5, 1, 9, 30))
    for number, (mask, contact) in enumerate(((1, guid(100)), (2, guid(101)), (2, None))):
        links = {"_activityid_value": guid(200), "_partyid_value": contact, "_partyid_type": "contact" if contact else None}
        reader.insert("activityparty", activitypartyid=guid(300 + number), participationtypemask=mask, **links, **KINDS)


@contextmanager
def reading(state: Path) -> Iterator[Reader]:
    """A filled environment, closed afterwards."""
    with environment(state) as env:
        reader = Reader(env)
        fill(reader)
        yield reader
