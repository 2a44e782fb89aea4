"""Every field of every record by the oracle, and how it differs from the enrichment tables."""

from typing import Any

import sqlalchemy as sa

from tests.transforms.oracle import persons
from tests.transforms.oracle.chains import opportunity
from tests.transforms.oracle.evidence import DAY, Evidence, World
from tests.transforms.oracle.maps import Maps
from tests.transforms.oracle.users import user as user_fields
from transforms import tables as model
from transforms.base import Context
from transforms.enrichment import tables as enrichment
from warehouse import DuckDBWarehouse

READ = ("users", "accounts", "people", "account_members", "opportunities", "opportunity_roles", "interactions")
Records = dict[tuple[str, str], dict[str, Any]]


def read_world(warehouse: DuckDBWarehouse, given: Context) -> World:
    """The model tables, read back."""
    rows = {name: warehouse.arrow(sa.select(model.metadata.tables[f"model.{name}"])).to_pylist() for name in READ}
    return World(**rows, method=given.method)


def expected(world: World, at: int) -> Records:
    """By entity and record id: the fields of all records that get values, and of no other."""
    now, month, year = (Maps(Evidence(world, at - days * DAY)) for days in (0, 30, 365))
    return _people(now, month, year) | _others(now, month, year)


def _people(now: Maps, month: Maps, year: Maps) -> Records:
    live = [person for person in now.world.people if person["is_live"]]
    return {
        (person["person_kind"], person["person_id"]): persons.fields(now.log, month.log, year.log, person)
        | {"parent_id": person["account_id"]}
        for person in live
    }


def _others(now: Maps, month: Maps, year: Maps) -> Records:
    world, found = now.world, {}
    for account in world.accounts:
        if account["is_live"]:
            found["account", account["account_id"]] = now.account(account, month, year)
    for user in world.users:
        if user["is_active"] and user["is_person"]:
            found["user", user["user_id"]] = user_fields(now, user)
    for deal in world.opportunities:
        if not deal["is_closed"] and (deal["created_s"] or 0) <= now.log.at:
            found["opportunity", deal["opportunity_id"]] = opportunity(now, deal)
    return found


def written(warehouse: DuckDBWarehouse) -> Records:
    """The enrichment tables in the same shape."""
    return {
        (table.name, row["record_id"]): row
        for table in enrichment.metadata.sorted_tables
        for row in warehouse.arrow(sa.select(table)).to_pylist()
    }


def differences(warehouse: DuckDBWarehouse, given: Context) -> list[str]:
    """Each record or field on which the oracle and the SQL do not agree, in words."""
    wanted, found = expected(read_world(warehouse, given), given.as_of), written(warehouse)
    odd = [f"{key}: only {'expected' if key in wanted else 'written'}" for key in wanted.keys() ^ found.keys()]
    return sorted(odd) + [
        f"{key[0]} {key[1]}.{name}: oracle {value!r}, SQL {found[key][name]!r}"
        for key in sorted(wanted.keys() & found.keys())
        for name, value in wanted[key].items()
        if found[key][name] != value
    ]
