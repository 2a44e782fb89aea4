"""Mails as emails. A mail that was only logged by hand has no header: its owner sent it to its first person, and no send time is known.

Addresses of people who are in no record here, and of some who are, stand in parties without a record (`addressused` alone).
"""

from typing import Final

import duckdb

from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.parties import BCC, CC, SENDER, TO, party
from connectors.sandbox.dataverse.projection.sql import insert, labelled, owned

LOGGED, SENT, RECEIVED = 2, 3, 4
MASKS: Final = {"from": SENDER, "to": TO, "cc": CC, "bcc": BCC}
MAX_RECIPIENTS: Final = 10
"""Above it a mail counts for nobody."""
BODY: Final = "<p>Hello, please find it attached.</p>"


def load(cursor: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Emails, senders and recipients."""
    cursor.execute(f"create or replace temp table r_addresses as {_addresses()}")
    insert(cursor, "email", _emails(keys.sql_now), "createdon")
    columns = party("email", "mask", "who", "party_id", "party_type", "address")
    insert(cursor, "activityparty", f"select {columns} from r_addresses where not logged", "happened")  # noqa: S608
    for mask, who, kind in ((SENDER, "owner", "'systemuser'"), (TO, "person", "person_type")):
        logged = party("email", mask, f"'{who}'", f"{who}_id", kind, f"{who}_email")
        insert(cursor, "activityparty", f"select {logged} from r_mails where logged")  # noqa: S608
    cursor.execute(_MIXED)


def _addresses() -> str:
    """Every address with its activity and, unless it is missed or unknown here, its record."""
    return f"""
        select m.activity, m.activityid, m.happened, m.logged, coalesce('u' || a."user", 'p' || a.person, a.address) as who,
        a.person, p.place,
        {labelled("a.role", MASKS)} as mask, coalesce(u.email, p.email, a.address) as address,
        case when a.missed then null else coalesce(u.id, p.id) end as party_id,
        case when u.id is not null then 'systemuser' else p.kind end as party_type
        from mail_addresses a join r_mails m using (activity)
        left join k_users u on u."user" = a."user" left join k_people p on p.person = a.person"""  # noqa: S608


def _emails(now: str) -> str:
    domain = "case when place = 'own' then '@mail.overseas-office.example>' else '@mail.guanxi-sales.example>' end"
    return f"""
        select activityid, subject, direction = 'out' as directioncode,
        case when logged then null else happened end as senton, happened as actualend,
        1 as statecode, case when logged then {LOGGED} when direction = 'out' then {SENT} else {RECEIVED} end as statuscode,
        case when logged then null else '<m' || activity || {domain} end as messageid, 't' || thread as conversationindex,
        '{BODY}' as description, 'text/html' as mimetype, 0 as attachmentcount, sender, torecipients,
        regarding_id as _regardingobjectid_value, regarding_type as _regardingobjectid_type,
        {owned("owner_id", "happened", f"least(happened + interval 30 second, {now})")}
        from r_mails left join (
            select activity, any_value(address) filter (mask = {SENDER}) as sender,
            string_agg(address, ';' order by address) filter (mask = {TO}) as torecipients from r_addresses group by activity)
        using (activity)"""  # noqa: S608


_MIXED: Final = f"""
    with mixed as (
        select activity from r_addresses where not logged group by activity
        having bool_or(place = 'absent') and count(distinct address) filter (mask <> {SENDER}) <= {MAX_RECIPIENTS}),
    touched as (select distinct k.id, k.account from k_people k join r_addresses using (person) join mixed using (activity))
    update _truth_twins set same_log = false where id in (
        select id from touched union all select a.id from k_accounts a join touched using (account))"""  # noqa: S608
"""Who shares a small mail with people that are not here: others take part than in Salesforce, so the two logs differ about these."""
