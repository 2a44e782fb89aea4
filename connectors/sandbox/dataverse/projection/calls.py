"""Calls as phone calls. One that reached nobody is marked as voicemail: there is no other standard mark."""

import duckdb

from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.parties import SENDER, TO, party
from connectors.sandbox.dataverse.projection.sql import insert, owned


def forget_deleted(cursor: duckdb.DuckDBPyConnection) -> None:
    """Deleted calls are in the delete log and nowhere else."""
    cursor.execute(
        "insert into _deleted select 'phonecall', activityid, nextval('_versions'), happened + interval 1 day from r_calls where deleted"
    )
    cursor.execute("delete from r_calls where deleted")


def load(cursor: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Phone calls, who called, who was called."""
    insert(cursor, "phonecall", _phone_calls(keys.sql_now), "createdon")
    ours = party("phonecall", _side("out"), "'u'", "owner_id", "'systemuser'", "owner_email")
    insert(cursor, "activityparty", f"select {ours} from r_calls", "happened")  # noqa: S608
    insert(cursor, "activityparty", _people(), "happened")


def _phone_calls(now: str) -> str:
    return f"""
        select activityid, subject, direction = 'out' as directioncode, outcome <> 'connected' as leftvoicemail,
        happened - to_seconds(seconds) as actualstart, happened as actualend, ceil(seconds / 60.0)::integer as actualdurationminutes,
        happened as scheduledend, 1 as statecode, case direction when 'out' then 2 else 4 end as statuscode,
        '+00 555 ' || (100000 + activity % 899999) as phonenumber,
        regarding_id as _regardingobjectid_value, regarding_type as _regardingobjectid_type,
        {owned("owner_id", "happened", f"least(happened + interval 10 minute, {now})")}
        from r_calls"""  # noqa: S608


def _side(calling: str) -> str:
    """Who calls in that direction is the sender, in the other one the recipient."""
    return f"case when direction = '{calling}' then {SENDER} else {TO} end"


def _people() -> str:
    """The person of the call and further people on the line, all on the same side."""
    columns = party("phonecall", _side("in"), "'p' || guest", "guest_id", "guest_type", "guest_email")
    return f"""
        select {columns} from (
            select c.activity, c.activityid, c.happened, c.direction,
            p.person as guest, p.id as guest_id, p.kind as guest_type, p.email as guest_email
            from r_calls c join (select activity, person from r_calls union select activity, person from call_guests) line using (activity)
            join k_people p on p.person = line.person where p.id is not null)"""  # noqa: S608
