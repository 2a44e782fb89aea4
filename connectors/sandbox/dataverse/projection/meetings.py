"""Meetings as appointments. Nobody marks half of the past ones completed; who declined was taken off, as a party has no answer."""

import duckdb

from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.parties import OPTIONAL, ORGANIZER, REQUIRED, party
from connectors.sandbox.dataverse.projection.sql import drawn, insert, owned

MARKED_SHARE = 0.55
CANCELLED, COMPLETED, SCHEDULED = (2, 4), (1, 3), (3, 5)
"""(statecode, statuscode)"""


def forget_declined(cursor: duckdb.DuckDBPyConnection) -> None:
    """A person who declined is not what the meeting is about either: nothing there could say that nobody came."""
    cursor.execute("""
        update r_meetings set regarding_id = null, regarding_type = null where regarding_id = person_id
        and exists (select 1 from meeting_guests g where g.activity = r_meetings.activity and g.person = r_meetings.person
            and g.response = 'declined')""")


def load(cursor: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Appointments and their organizers and attendees."""
    cursor.execute(f"create or replace temp table r_times as {_times(keys.sql_now)}")
    insert(cursor, "appointment", _appointments(keys.sql_now), "createdon")
    times = "begins as scheduledstart, ends as scheduledend"
    organizer = party("appointment", ORGANIZER, "'o'", "owner_id", "'systemuser'", "owner_email")
    insert(cursor, "activityparty", f"select {organizer}, {times} from r_times", "created")  # noqa: S608
    insert(cursor, "activityparty", _attendees(times), "created")


def _times(now: str) -> str:
    """Resolved meetings with their times and what became of them."""
    state = f"""case when cancelled then {CANCELLED[0]} when starts <= {now} and {drawn("activity", 41)} < {MARKED_SHARE}
        then {COMPLETED[0]} else {SCHEDULED[0]} end"""
    return f"""
        select *, case when all_day then date_trunc('day', starts) else starts end as begins,
        case when all_day then date_trunc('day', starts) + interval 1 day else starts + to_minutes(minutes) end as ends,
        {state} as state from r_meetings"""  # noqa: S608


def _appointments(now: str) -> str:
    modified = f"greatest(created, least(ends + to_minutes((activity * 37 % 2880)::integer), {now}))"
    reason = " ".join(f"when {state} then {status}" for state, status in (CANCELLED, COMPLETED, SCHEDULED))
    return f"""
        select activityid, subject, begins as scheduledstart, ends as scheduledend,
        date_diff('minute', begins, ends) as scheduleddurationminutes, all_day as isalldayevent, private as ismapiprivate,
        case when state = {COMPLETED[0]} then begins end as actualstart, case when state = {COMPLETED[0]} then ends end as actualend,
        case when state = {COMPLETED[0]} then date_diff('minute', begins, ends) end as actualdurationminutes,
        state as statecode, case state {reason} end as statuscode, '<a' || activity || '@calendar>' as globalobjectid,
        regarding_id as _regardingobjectid_value, regarding_type as _regardingobjectid_type, {owned("owner_id", "created", modified)}
        from r_times"""  # noqa: S608


def _attendees(times: str) -> str:
    """Guests who have not declined; some of those who were not sure are optional."""
    columns = party("appointment", "mask", "who", "guest_id", "guest_type", "guest_email")
    return f"""
        select {columns}, {times} from (
            select m.activity, m.activityid, m.created, m.begins, m.ends, coalesce('u' || g."user", 'p' || g.person) as who,
            coalesce(u.id, p.id) as guest_id, coalesce(u.email, p.email) as guest_email,
            case when u.id is not null then 'systemuser' else p.kind end as guest_type,
            case when g.response in ('tentative', 'none') and g.activity % 2 = 0 then {OPTIONAL} else {REQUIRED} end as mask
            from meeting_guests g join r_times m using (activity)
            left join k_users u on u."user" = g."user" left join k_people p on p.person = g.person
            where g.response <> 'declined' and coalesce(u.id, p.id) is not null)"""  # noqa: S608
