"""Read-only checks of an org, one line each, for `guanxi doctor`: login, version, objects, fields, features, limits, clock."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from connectors.contract import Probe
from connectors.errors import CrmError
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Catalog, VisibleObject, catalog
from connectors.salesforce.rest import salesforce
from connectors.salesforce.specs import ObjectSpec

LIMITS: Final = ("DailyApiRequests", "DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB", "DailyBulkApiBatches")
LOW_SHARE: Final = 0.1
CLOCK_SKEW: Final = dt.timedelta(minutes=5)


def probe(client: SalesforceClient, specs: Sequence[ObjectSpec]) -> Sequence[Probe]:
    """All checks; ends after the first one without which the others cannot be made."""
    try:
        versions = client.get_json("/services/data/")
        limits = client.get_json("limits")
        found = catalog(salesforce(client), specs)
    except CrmError as error:
        return [Probe("login", False, str(error), remedy="correct what the line says and run guanxi doctor again", fatal=True)]
    login = Probe("login", True, f"{client.settings.instance_url} as {client.settings.auth}")
    return [login, _version(client, versions), *_objects(found), *_limits(limits), _clock(client)]


def _version(client: SalesforceClient, versions: Any) -> Probe:
    offered = sorted((str(item["version"]) for item in versions), key=float)
    ours = client.settings.api_version
    if ours in offered:
        return Probe("API version", True, f"{ours}; the newest here is {offered[-1]}", data={"newest": offered[-1]})
    return Probe("API version", False, f"{ours} is not offered here", f"set api_version to one of {', '.join(offered[-5:])}", fatal=True)


def _objects(found: Catalog) -> Iterator[Probe]:
    for item in found.objects:
        name = item.spec.name
        if item.missing:
            remedy = f"give the integration user read access to {', '.join(f'{name}.{field}' for field in item.missing)}"
            yield Probe(name, False, f"required fields not visible: {', '.join(item.missing)}", remedy, fatal=True)
        elif item.hidden:
            custom = all(field.endswith("__c") for field in item.hidden)
            remedy = (
                "guanxi provision creates ours; spell a mapped one as Salesforce does, capitals too; else grant read access"
                if custom
                else "grant read access, or ignore this"
            )
            yield Probe(name, None, f"not visible, treated as unknown: {', '.join(item.hidden)}{_formulas(item)}", remedy)
        else:
            yield Probe(name, True, f"{len(item.columns)} fields{_formulas(item)}")
    for name, reason in found.absent.items():
        remedy = "" if reason else f"give the integration user Read and View All on {name}, and Access Activities"
        yield Probe(name, None if reason else False, reason or "required object not visible", remedy, fatal=not reason)


def _formulas(item: VisibleObject) -> str:
    return f"; read in full on each run, for formulas change unnoticed: {', '.join(item.formulas)}" if item.formulas else ""


def _limits(limits: Any) -> Iterator[Probe]:
    for name in LIMITS:
        if name in limits:
            top, left = int(limits[name]["Max"]), int(limits[name]["Remaining"])
            enough = left > LOW_SHARE * top
            remedy = "" if enough else "run later, or ask Salesforce for more"
            yield Probe(name, True if enough else None, f"{left:,} of {top:,} left today", remedy, data={"max": top, "left": left})


def _clock(client: SalesforceClient) -> Probe:
    server = client.server_now()
    skew = abs(dt.datetime.now(dt.UTC) - server) if server else dt.timedelta()
    if skew <= CLOCK_SKEW:
        return Probe("clock", True, f"{skew.total_seconds():.0f} s apart from the org's")
    return Probe(
        "clock", None, f"{skew.total_seconds():.0f} s apart from the org's", "set this machine's clock; logins by JWT fail otherwise"
    )
