"""To-dos as tasks about their person; they are never touches."""

import duckdb

from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.sql import insert, owned

NOT_STARTED, COMPLETED = (0, 2), (1, 5)


def load(cursor: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Tasks; owner and regarding are their only parties."""
    due = "make_date(due::integer) + interval 50000 second"
    finished = f"least(greatest({due}, created), {keys.sql_now})"
    insert(
        cursor,
        "task",
        f"""
        select activityid, subject, {due} as scheduledend, case when done then {finished} end as actualend,
        case when done then 100 else 0 end as percentcomplete,
        case when done then {COMPLETED[0]} else {NOT_STARTED[0]} end as statecode,
        case when done then {COMPLETED[1]} else {NOT_STARTED[1]} end as statuscode,
        regarding_id as _regardingobjectid_value, regarding_type as _regardingobjectid_type,
        {owned("owner_id", "created", f"case when done then {finished} else created end")}
        from r_todos""",  # noqa: S608
        "createdon",
    )
