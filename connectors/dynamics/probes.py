"""Read-only checks of an environment, one line each, for `guanxi doctor`: login, version, rights, tables, columns, sizes, limits, clock.

After them come the questions the documentation leaves open (`unsettled`), answered by this environment where reading can.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.contract import Probe
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.definitions import Catalog, VisibleTable, catalog
from connectors.dynamics.privileges import PRIVILEGES
from connectors.dynamics.specs import TableSpec
from connectors.dynamics.tracking import retention
from connectors.dynamics.unsettled import questions
from connectors.errors import CrmError, PermanentError

CLOCK_SKEW: Final = dt.timedelta(minutes=5)
LONG_ENOUGH: Final = dt.timedelta(days=7)
"""A delta link older than the retention means reading everything again; a week outlives holidays of whoever minds the runs."""
LEAST_VERSION: Final = (9, 2)
WHOLE: Final = "Global"
"""Depth of a privilege for the whole organisation."""

_log = logging.getLogger(__name__)


def probe(client: DynamicsClient, specs: Sequence[TableSpec]) -> Sequence[Probe]:
    """All checks; ends after the first one without which the others cannot be made. Never raises for what the environment answers."""
    try:
        user = str(client.get_json("WhoAmI")["UserId"])
        version = str(client.get_json("RetrieveVersion")["Version"])
    except (CrmError, LookupError, TypeError) as error:
        return [_fatal("login", error if isinstance(error, CrmError) else "this is no Dynamics 365 environment")]
    login = Probe("login", True, f"{client.settings.environment_url} as application user {user}", data={"user": user})
    try:
        found = catalog(client, specs)
        totals = _totals(client, found.tables)
        kept = retention(client)
    except CrmError as error:
        return [login, _fatal("definitions", error)]
    first = [
        login,
        _version(version),
        _rights(client, user),
        *_tables(found),
        _tracking(found, kept),
        _sizes(totals),
        _parallel(client),
        _clock(client),
    ]
    return [*first, *questions(client, found, totals)]


def _fatal(name: str, why: object) -> Probe:
    return Probe(name, False, str(why), remedy="correct what the line says and run guanxi doctor again", fatal=True)


def _version(version: str) -> Probe:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= LEAST_VERSION:
        return Probe("version", True, version)
    return Probe("version", None, version, "this was built for Dynamics 365 version 9.2 and later")


def _rights(client: DynamicsClient, user: str) -> Probe:
    """The whole role at once, with what writing back needs; whether a missing one matters today, the lines of the tables say."""
    try:
        held = client.get_json(f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")["RolePrivileges"]
        depths = {(item["PrivilegeName"], str(item["Depth"])) for item in held if item.get("PrivilegeName")}
    except (CrmError, LookupError, TypeError):
        depths = set()
    if not depths:
        return Probe("security role", None, "the environment does not tell the privileges of a user")
    names = {name for name, _ in depths}
    lacking = [item for item in PRIVILEGES if item.name not in names]
    partly = [item.name for item in PRIVILEGES if item.name in names and (item.name, WHOLE) not in depths]
    if not lacking and not partly:
        return Probe("security role", True, f"all {len(PRIVILEGES)} privileges, for the whole organisation")
    detail = "; ".join([*(f"{item.name} is missing ({item.purpose})" for item in lacking), *(f"{name} is not for all" for name in partly)])
    data = {"missing": [item.name for item in lacking], "partly": partly}
    return Probe("security role", None, detail, "have an administrator add them to the role at organisation level", data=data)


def _tables(found: Catalog) -> Iterator[Probe]:
    for table in found.tables:
        name = table.name
        if table.missing:
            remedy = f"read access to {', '.join(f'{name}.{column}' for column in table.missing)}, by role or column security profile"
            yield Probe(name, False, f"required columns not readable: {', '.join(table.missing)}", remedy, fatal=True)
        elif table.hidden:
            remedy = "guanxi provision creates those of ours; else grant a column security profile, or ignore this"
            yield Probe(name, None, f"not readable, treated as unknown: {', '.join(table.hidden)}", remedy)
        else:
            yield Probe(name, True, f"{len(table.columns)} columns, {_scope(table)}")
    for name, reason in found.absent.items():
        fatal = name in found.refused
        remedy = f"give the application user's security role read access to {name} at organisation level" if fatal else ""
        yield Probe(name, False if fatal else None, reason, remedy, fatal=fatal)


def _scope(table: VisibleTable) -> str:
    """Only tracked reading proves that all rows are seen."""
    return "readable for the whole organisation" if table.tracked else "readable; that all rows are seen, only the role can say"


def _tracking(found: Catalog, kept: dt.timedelta) -> Probe:
    off = [table.name for table in found.tables if not table.tracked]
    detail = f"delta links live {kept.days} days; off for: {', '.join(off) or 'none'}"
    data = {"days": kept.days, "off": off}
    if kept < LONG_ENOUGH:
        return Probe("change tracking", None, detail, "raise the organisation's ExpireChangeTrackingInDays to 7 or more", data=data)
    return Probe("change tracking", True, detail, data=data)


def _totals(client: DynamicsClient, tables: Sequence[VisibleTable]) -> Mapping[str, int]:
    """Rows per table, a snapshot up to a day old; a table nobody counts is left out."""
    return {table.name: total for table in tables if (total := _total(client, table.name)) is not None}


def _total(client: DynamicsClient, name: str) -> int | None:
    try:
        counted: Any = client.get_json("RetrieveTotalRecordCount(EntityNames=@names)", {"@names": f'["{name}"]'})
    except PermanentError as error:
        _log.info("%s is not counted: %s", name, error)
        return None
    return int(counted["EntityRecordCountCollection"]["Values"][0])


def _sizes(totals: Mapping[str, int]) -> Probe:
    largest = sorted(totals.items(), key=lambda item: -item[1])
    detail = ", ".join(f"{name} {total:,}" for name, total in largest)
    return Probe("rows, up to a day old", True if totals else None, detail or "the environment does not count", data=dict(totals))


def _parallel(client: DynamicsClient) -> Probe:
    recommended, ours = client.gate.recommended, client.settings.max_concurrency
    if recommended is None:
        return Probe("requests in flight", None, f"no recommendation; at most {ours} by max_concurrency")
    servers = client.gate.servers
    data = {"recommended": recommended, "most": ours, "servers": servers}
    detail = f"{recommended} recommended, at most {ours} by max_concurrency; {servers} web server{'s' if servers > 1 else ''} seen"
    return Probe("requests in flight", True, detail, data=data)


def _clock(client: DynamicsClient) -> Probe:
    server = client.server_now()
    skew = abs(dt.datetime.now(dt.UTC) - server) if server else dt.timedelta()
    detail = f"{skew.total_seconds():.0f} s apart from the environment's"
    if skew <= CLOCK_SKEW:
        return Probe("clock", True, detail)
    return Probe("clock", None, detail, "set this machine's clock; times of the runs are wrong otherwise")
