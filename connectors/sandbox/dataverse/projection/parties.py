"""Activity parties: the owner and the matter of every activity, which are no participants, and the shape of all the others."""

from collections.abc import Mapping

import duckdb

from connectors.sandbox.dataverse.projection.sql import insert

MADE = {"meetings": "created", "calls": "happened", "mails": "happened", "todos": "created"}
"""By neutral table: when an activity came into the CRM."""
SENDER, TO, CC, BCC, REQUIRED, OPTIONAL, ORGANIZER, REGARDING, OWNER = range(1, 10)


def common(cursor: duckdb.DuckDBPyConnection, kinds: Mapping[str, str]) -> None:
    """Owner and regarding rows of a chunk's activities; `kinds` maps the neutral table to the table here."""
    for name, table in kinds.items():
        for part in (_owners(name, table), _matters(name, table)):
            insert(cursor, "activityparty", part, MADE[name])


def _owners(name: str, table: str) -> str:
    columns = party(table, OWNER, "'owner'", "owner_id", "'systemuser'", "null::varchar")
    return f"select {columns} from r_{name}"  # noqa: S608


def _matters(name: str, table: str) -> str:
    columns = party(table, REGARDING, "'regarding'", "regarding_id", "regarding_type", "null::varchar")
    return f"select {columns} from r_{name} where regarding_id is not null"  # noqa: S608


def party(table: str, mask: int | str, slot: str, party_id: str, party_type: str, address: str) -> str:
    """The columns of one party of a resolved activity; `slot` tells the parties of one mask apart."""
    return f"""guid('party', activity || ' ' || {mask} || ' ' || {slot}) as activitypartyid, activityid as _activityid_value,
        '{table}' as _activityid_type, {mask} as participationtypemask, {party_id} as _partyid_value,
        case when {party_id} is not null then {party_type} end as _partyid_type, {address} as addressused"""
