"""Opportunities, the close activities the platform makes of them, and connections: buying roles and account teams."""

from typing import Final

import duckdb

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.sql import CURRENCY, authored, changed, insert, labelled, owned
from connectors.sandbox.dataverse.standing import ORGANIZATION_ID, SYSTEM_USER_ID

STAKEHOLDER, SALES_TEAM = 1000, 1001
ROLES: Final = {
    "Gatekeeper": ("Stakeholder", STAKEHOLDER),
    "Buyer": ("Economic Buyer", STAKEHOLDER),
    "User": ("End User", STAKEHOLDER),
    "Decider": ("Decision Maker", STAKEHOLDER),
    "Influencer": ("Influencer", STAKEHOLDER),
    "second": ("Sales Professional", SALES_TEAM),
    "presales": ("Technical Sales", SALES_TEAM),
    "support": ("Account Manager", SALES_TEAM),
}
"""Neutral role to the name and category of the connection role."""
STAGES: Final = {"prospect": 0, "qualify": 1, "propose": 2, "negotiate": 3, "won": 3, "lost": 3}


def role_id(neutral: str) -> str:
    """GUID of the connection role of a neutral role."""
    return guid("connectionrole", ROLES[neutral][0])


def load(cursor: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Insert all of them; accounts, people and users are there."""
    _roles(cursor, keys.sql_now)
    insert(cursor, "opportunity", _opportunities(keys.sql_now))
    cursor.execute(f"create or replace temp table r_closes as {_closes(keys.sql_now)}")
    insert(cursor, "opportunityclose", "select * exclude (deal) from r_closes")
    insert(cursor, "activityparty", _CLOSE_PARTIES)
    for name, sql in (("deal", _DEAL_ROLES), ("team", _TEAM_MEMBERS)):
        _connect(cursor, name, sql, keys.sql_now)


def _roles(cursor: duckdb.DuckDBPyConnection, now: str) -> None:
    rows = ", ".join(f"('{guid('connectionrole', name)}', '{name}', {category})" for name, category in ROLES.values())
    stamps = authored(f"'{SYSTEM_USER_ID}'", f"{now} - interval 4 year", f"{now} - interval 4 year")
    made = f"select *, '{ORGANIZATION_ID}' as _organizationid_value, {stamps} from (values {rows}) r(connectionroleid, name, category)"  # noqa: S608
    insert(cursor, "connectionrole", made)


def _opportunities(now: str) -> str:
    closes = "make_date(d.closes::integer)"
    return f"""
        select k.id as opportunityid, d.name, a.id as _customerid_value, 'account' as _customerid_type, a.id as _parentaccountid_value,
        first.id as _parentcontactid_value, lead.id as _originatingleadid_value, {CURRENCY},
        1.0 as exchangerate, d.amount as estimatedvalue, d.amount as estimatedvalue_base,
        case when d.is_won then d.amount end as actualvalue, case when d.is_won then d.amount end as actualvalue_base,
        {closes} as estimatedclosedate, case when d.is_closed then {closes} end as actualclosedate,
        d.probability as closeprobability, {labelled("d.stage", STAGES)} as salesstage,
        case when d.is_won then 1 when d.is_closed then 2 else 0 end as statecode,
        case when d.is_won then 3 when d.is_closed then 4 + d.deal % 2 else 1 end as statuscode,
        {owned("o.id", "d.created", changed("d.deal", "d.created", now))}
        from c_deals d join k_deals k using (deal) join k_accounts a using (account) join k_users o on o."user" = d.owner
        left join (select deal, any_value(p.id) as id from c_deal_roles r join k_people p using (person) where is_primary group by deal)
            first using (deal)
        left join (select deal, id from c_conversions join k_qualified using (lead)) lead using (deal)
        where k.id is not null"""  # noqa: S608


def _closes(now: str) -> str:
    at = f"least(make_date(d.closes::integer) + interval 16 hour, {now} - interval 1 minute)"
    return f"""
        select d.deal, guid('opportunityclose', d.deal) as activityid, 'Opportunity Close - ' || d.name as subject,
        k.id as _opportunityid_value, k.id as _regardingobjectid_value, 'opportunity' as _regardingobjectid_type,
        case when d.is_won then 1 else 2 end as opportunitystatecode, case when d.is_won then 3 else 4 + d.deal % 2 end
        as opportunitystatuscode, case when d.is_won then d.amount else 0 end as actualrevenue, make_date(d.closes::integer)
        as actualclosedate, {CURRENCY}, {at} as actualstart, {at} as actualend, 1 as statecode, 2 as statuscode, {owned("o.id", at, at)}
        from c_deals d join k_deals k using (deal) join k_users o on o."user" = d.owner where k.id is not null and d.is_closed"""  # noqa: S608


_CLOSE_PARTIES: Final = """
    select guid('party', 'close ' || deal || ' ' || mask) as activitypartyid, activityid as _activityid_value,
    'opportunityclose' as _activityid_type, mask as participationtypemask,
    case mask when 9 then _ownerid_value else _opportunityid_value end as _partyid_value,
    case mask when 9 then 'systemuser' else 'opportunity' end as _partyid_type from r_closes, (values (8), (9)) m(mask)"""
_ROLE_IDS: Final = labelled("r.role", {neutral: role_id(neutral) for neutral in ROLES})
_DEAL_ROLES: Final = f"""
    select r.deal * 16 + row_number() over (partition by r.deal order by r.person) as number, k.id as one, 'opportunity' as one_type,
    p.id as two, 'contact' as two_type, {_ROLE_IDS} as role, d.name as one_name, p.first_name || ' ' || p.last_name as two_name,
    o.id as owner, d.created as born
    from c_deal_roles r join c_deals d using (deal) join k_deals k using (deal) join k_people p using (person)
    join k_users o on o."user" = d.owner where k.id is not null"""  # noqa: S608
_TEAM_MEMBERS: Final = f"""
    select row_number() over (order by r."group", r."user") as number, a.id as one, 'account' as one_type, u.id as two,
    'systemuser' as two_type, {_ROLE_IDS} as role, a.name as one_name, u.email as two_name, u.id as owner, c.created as born
    from c_teams r join k_accounts a on a.account = r."group" join c_accounts c on c.account = a.account join k_users u using ("user")
    where r.listed and a.id is not null"""  # noqa: S608


def _connect(cursor: duckdb.DuckDBPyConnection, name: str, sql: str, now: str) -> None:
    """Every link is two rows that name each other; the first is the master."""
    stamps = owned("owner", "born", changed("number", "born", now))
    insert(
        cursor,
        "connection",
        f"""
        with links as materialized ({sql})
        select guid('{name} link', number) as connectionid, guid('{name} link back', number) as _relatedconnectionid_value,
        true as ismaster, two_name as name, one as _record1id_value, one_type as _record1id_type, two as _record2id_value,
        two_type as _record2id_type, null as _record1roleid_value, role as _record2roleid_value, {stamps} from links
        union all by name
        select guid('{name} link back', number) as connectionid, guid('{name} link', number) as _relatedconnectionid_value,
        false as ismaster, one_name as name, two as _record1id_value, two_type as _record1id_type, one as _record2id_value,
        one_type as _record2id_type, role as _record1roleid_value, null as _record2roleid_value, {stamps} from links""",  # noqa: S608
    )
