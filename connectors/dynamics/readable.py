"""Whether what is defined can be read: a definition does not say what a security role or a column security profile allows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.faults import CHANGE_TRACKING_NEVER, CHANGE_TRACKING_OFF
from connectors.errors import MissingPermission, RequestRejected

TRACKED: Final = ("odata.track-changes", "odata.maxpagesize=1")
_UNTRACKED: Final = frozenset({CHANGE_TRACKING_OFF, CHANGE_TRACKING_NEVER})


def may_read(client: DynamicsClient, definition: Mapping[str, Any]) -> str:
    """Why rows of a table cannot be read, empty when they can.

    Change tracking needs reading for the whole organisation, so asking for one row with it answers for both; without it a user who
    may read a part only sees that part, and nobody tells.
    """
    path, params = definition["EntitySetName"], {"$select": definition["PrimaryIdAttribute"]}
    refusal = _refusal(client, path, params, TRACKED) if definition["ChangeTrackingEnabled"] else ""
    if definition["ChangeTrackingEnabled"] and not refusal:
        return ""
    if entire := _refusal(client, path, {**params, "$top": "1"}, ()):
        return entire
    return f"readable in part only, not for the whole organisation: {refusal}" if refusal else ""


def _refusal(client: DynamicsClient, path: str, params: Mapping[str, str], prefer: Sequence[str]) -> str:
    """What is missing, without where and what to do about it."""
    try:
        client.get_json(path, params, prefer=prefer)
    except MissingPermission as error:
        return str(error).partition(": ")[2].partition("; ")[0]
    except RequestRejected as error:
        if error.code not in _UNTRACKED:
            raise
    return ""


def readable_columns(client: DynamicsClient, entity_set: str, secured: Sequence[str]) -> frozenset[str]:
    """Those secured columns of which we see a value: without a profile there are only blanks, which say nothing."""
    return frozenset(name for name in secured if _shows_value(client, entity_set, name))


def _shows_value(client: DynamicsClient, entity_set: str, column: str) -> bool:
    try:
        rows = client.get_json(entity_set, {"$select": column, "$filter": f"{column} ne null", "$top": "1"})["value"]
    except (MissingPermission, RequestRejected):
        return False
    return any(row.get(column) is not None for row in rows)
