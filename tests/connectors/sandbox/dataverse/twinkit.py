"""The counting rules on the little both CRMs have in common, enough to compare what two activity logs tell about the same people.

Each store is brought into four neutral tables; `INTERACTIONS` then says who was in touch with whom, the same for both.
"""

from typing import Final

import pyarrow as pa

from connectors.sandbox.dataverse.store import Store as Dataverse
from connectors.sandbox.salesforce.store import Store as Salesforce

SALESFORCE: Final = {
    "known": """
        select "Id" as id, 'user' as kind, lower("Email") as email from "User" union all
        select "Id", 'person', lower("Email") from "Contact" union all select "Id", 'person', lower("Email") from "Lead"
        where not "IsConverted" """,
    "events": """
        select "Id" as event, 'meeting' as channel, "StartDateTime" as happened, 'both' as says, false as unanswered,
            case when not "IsAllDayEvent" then "DurationInMinutes" end as minutes from "Event"
            where not "IsChild" and not "IsPrivate" and not "IsDeleted" and not starts_with("Subject", 'Canceled:')
        union all
        select "Id", 'call', "CompletedDateTime", case "CallType" when 'Inbound' then 'in' else 'out' end,
            coalesce("CallDisposition", '') in ('Left Voicemail', 'No Answer'), null from "Task"
            where "TaskSubtype" = 'Call' and "IsClosed" and not "IsDeleted"
        union all
        select "Id", 'email', "MessageDate", null, null, null from "EmailMessage" where "Status" <> '5'
        union all
        select "Id", 'email', "CompletedDateTime", null, null, null from "Task" where "IsClosed" and not "IsDeleted"
            and ("TaskSubtype" = 'Email' or starts_with("Subject", 'Email: ')) and "Id" not in (
                select "ActivityId" from "EmailMessage" where "ActivityId" is not null)""",
    "sides": """
        select "Id" as event, 'owner' as role, "OwnerId" as party, null as address from "Event" union all
        select "Id", 'owner', "OwnerId", null from "Task" where "TaskSubtype" = 'Call' union all
        select "EventId", 'who', "RelationId", null from "EventRelation" where coalesce("Status", '') <> 'Declined' union all
        select "TaskId", 'who', "RelationId", null from "TaskRelation" r join "Task" t on t."Id" = r."TaskId"
            where t."TaskSubtype" = 'Call' union all
        select "Id", 'from', "OwnerId", null from "Task" where "TaskSubtype" <> 'Call' union all
        select "Id", 'to', "WhoId", null from "Task" where "TaskSubtype" <> 'Call' union all
        select "EmailMessageId", lower(replace("RelationType", 'Address', '')), "RelationId", lower("RelationAddress")
            from "EmailMessageRelation" """,
}
DATAVERSE: Final = {
    "known": """
        select systemuserid as id, 'user' as kind, lower(internalemailaddress) as email from systemuser union all
        select contactid, 'person', lower(emailaddress1) from contact union all select leadid, 'person', lower(emailaddress1) from lead
        where statecode <> 1""",
    "events": """
        select activityid as event, 'meeting' as channel, scheduledstart as happened, 'both' as says, false as unanswered,
            case when not isalldayevent then scheduleddurationminutes end as minutes from appointment
            where statecode in (1, 3) and not ismapiprivate
        union all
        select activityid, 'call', actualend, case when directioncode then 'out' else 'in' end, leftvoicemail, null from phonecall
            where statecode = 1
        union all
        select activityid, 'email', coalesce(senton, actualend), null, null, null from email where statecode = 1
            and statuscode in (2, 3, 4)""",
    "sides": """
        select _activityid_value as event, case when _activityid_type = 'email' then ['from', 'to', 'cc', 'bcc'][participationtypemask]
            else 'who' end as role, _partyid_value as party, lower(addressused) as address from activityparty
            where participationtypemask <= 7""",
}
INTERACTIONS: Final = """
    with resolved as (
        select distinct s.event, s.role, k.id, k.kind, coalesce(s.address, k.email) as address
        from sides s left join known k on k.id = coalesce(s.party, (select min(id) from known where email = s.address))),
    mails as (
        select event, any_value(case kind when 'user' then 'out' else 'in' end) filter (role = 'from') as direction,
        count(distinct address) filter (role <> 'from') as recipients from resolved join events using (event)
        where channel = 'email' group by event having count(distinct address) filter (role <> 'from') <= 10),
    seen as (
        select e.*, m.recipients, coalesce(m.direction, case when e.unanswered then e.says else 'both' end) as direction
        from events e left join mails m using (event)
        where happened <= timestamp '{now}' and (e.channel <> 'email' or m.event is not null)),
    pairs as (
        select s.event, u.id as user_id, p.id as person_id,
        min((case s.direction when 'out' then p.role else u.role end in ('cc', 'bcc'))::int) as copied
        from seen s join resolved u on u.event = s.event and u.kind = 'user' join resolved p on p.event = s.event and p.kind = 'person'
        where s.channel <> 'email' or (s.direction = 'out' and u.role = 'from' and p.role <> 'from')
            or (s.direction = 'in' and p.role = 'from' and u.role in ('to', 'cc'))
        group by s.event, u.id, p.id)
    select channel, happened, direction, unanswered, minutes, recipients, copied, user_id, person_id,
    count(distinct person_id) over (partition by event) as outside from pairs join seen using (event)"""


def interactions(store: Salesforce | Dataverse, tables: dict[str, str], now: str) -> pa.Table:
    """Who was in touch with whom, by the ids of the store."""
    with store.cursor() as cursor:
        for name, sql in tables.items():
            cursor.execute(f"create or replace temp table {name} as {sql}")
        return cursor.sql(INTERACTIONS.format(now=now)).to_arrow_table()
