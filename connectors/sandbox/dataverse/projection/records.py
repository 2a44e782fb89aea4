"""Users, accounts, contacts and leads; the truth about who is whom in Salesforce and how close people really are."""

from collections.abc import Mapping
from typing import Final

import duckdb
import pyarrow as pa

from connectors.sandbox.company import Company
from connectors.sandbox.company.arrays import frame, whole
from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.sql import CURRENCY, authored, changed, drawn, insert, labelled, owned
from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID
from connectors.sandbox.salesforce.projection.keys import Keys as SalesforceKeys

INDUSTRIES: Final = {
    "Manufacturing": 12,
    "Healthcare": 11,
    "Banking": 16,
    "Retail": 22,
    "Energy": 31,
    "Telecommunications": 3,
    "Transportation": 30,
    "Technology": 6,
}
CUSTOMER_TYPES: Final = {"Customer": 3, "Prospect": 8, "Partner": 5}
_OWNERS: Final = """(select "group", "user" from c_teams where role = 'owner')"""


def load(cursor: duckdb.DuckDBPyConnection, company: Company, keys: Keys) -> None:
    """Insert the records and what is true about them."""
    insert(cursor, "systemuser", _users(keys.sql_now))
    insert(cursor, "account", _accounts(keys.sql_now))
    insert(cursor, "contact", _contacts(keys.sql_now))
    insert(cursor, "lead", _leads(keys.sql_now))
    insert(cursor, "lead", _qualified(keys.sql_now))
    cursor.execute(_PAIRS)
    for table, (entity, number, rows) in TWINS.items():
        cursor.register("salesforce", salesforce_ids(company)[table])
        same_log = f"{table != 'users'} as same_log"
        cursor.execute(f"insert into _truth_twins select {entity}, k.id, s.id, {same_log} from {rows} k join salesforce s using ({number})")  # noqa: S608
        cursor.unregister("salesforce")


def _users(now: str) -> str:
    stamps = authored("k.id", "u.created", changed('u."user"', "u.created", now))
    return f"""
        select k.id as systemuserid, u.first_name as firstname, u.last_name as lastname, u.email as domainname,
        u.email as internalemailaddress, u.title as title, u.title as jobtitle, '{BUSINESS_UNIT_ID}' as _businessunitid_value,
        m.id as _parentsystemuserid_value, not u.active as isdisabled, u.active as islicensed,
        guid('azure object', u."user") as azureactivedirectoryobjectid, {stamps}
        from c_users u join k_users k using ("user") left join k_users m on m."user" = u.manager"""  # noqa: S608


def _accounts(now: str) -> str:
    stamps = owned("o.id", "a.created", changed("a.account", "a.created", now))
    return f"""
        select k.id as accountid, k.name, 'AC-' || (10000 + a.account) as accountnumber,
        {labelled("a.industry", INDUSTRIES)} as industrycode, {labelled("a.kind", CUSTOMER_TYPES)} as customertypecode,
        a.employees as numberofemployees, a.revenue, a.revenue as revenue_base, {CURRENCY}, 1.0 as exchangerate,
        parent.id as _parentaccountid_value, first.id as _primarycontactid_value, 'https://www.' || k.domain as websiteurl, {stamps}
        from c_accounts a join k_accounts k using (account) left join k_accounts parent on parent.account = a.parent
        join {_OWNERS} t on t."group" = a.account join k_users o using ("user")
        left join (select account, min_by(id, person) as id from k_people group by account) first on first.account = a.account
        where k.id is not null"""  # noqa: S608


def _person(now: str) -> str:
    """Columns that contacts and leads share; p is the neutral person, k its key, o the owner."""
    stamps = owned("o.id", "p.created", changed("p.person", "p.created", now))
    return f"k.first_name as firstname, k.last_name as lastname, k.email as emailaddress1, p.title as jobtitle, {stamps}"


_PEOPLE: Final = f"""
    from c_people p join k_people k using (person) join {_OWNERS} t on t."group" = p."group" join k_users o using ("user")"""


def _contacts(now: str) -> str:
    return f"""
        select k.id as contactid, {_person(now)}, p.department, a.id as _parentcustomerid_value, 'account' as _parentcustomerid_type,
        boss.id as _parentcontactid_value {_PEOPLE}
        join k_accounts a on a.account = p.account left join k_people boss on boss.person = p.reports_to
        where k.id is not null and p.kind = 'contact'"""


def _leads(now: str) -> str:
    return f"""
        select k.id as leadid, {_person(now)}, case when k.place = 'own' then 'Overseas ' else '' end || p.company as companyname,
        'Interest of ' || k.last_name as subject, case when p.open then 0 else 2 end as statecode,
        case when p.open then 2 else 6 end as statuscode, 1 + floor({drawn("p.person", 5)} * 3)::integer as leadqualitycode
        {_PEOPLE} where k.id is not null and p.kind = 'lead'"""


def _qualified(now: str) -> str:
    """Leads that became a known contact with a new deal."""
    return f"""
        select q.id as leadid, k.first_name as firstname, k.last_name as lastname, k.email as emailaddress1,
        p.title as jobtitle, a.name as companyname, 'Interest of ' || k.last_name as subject, 1 as statecode, 3 as statuscode,
        a.id as _parentaccountid_value, k.id as _parentcontactid_value, d.id as _qualifyingopportunityid_value,
        {owned("o.id", "c.created", changed("c.lead", "c.created", now))}
        from c_conversions c join k_qualified q using (lead) join k_deals d using (deal) join c_deals offer using (deal)
        join c_people p using (person)
        join k_people k using (person) join k_accounts a on a.account = p.account join k_users o on o."user" = offer.owner
        where d.id is not null"""  # noqa: S608


_PAIRS: Final = """
    insert into _truth_pairs select u.id, p.id, t.closeness
    from c_pairs t join k_users u using ("user") join k_people p using (person) where p.id is not null"""
TWINS: Final[Mapping[str, tuple[str, str, str]]] = {
    "users": ("'systemuser'", '"user"', "k_users"),
    "accounts": ("'account'", "account", "(select * from k_accounts where place = 'both')"),
    "people": ("kind", "person", "(select * from k_people where place = 'both')"),
    "deals": ("'opportunity'", "deal", "(select deal, d.id from k_deals d join c_deals using (deal) join k_accounts a using (account) "
              "where a.place = 'both')"),
}  # fmt: skip
"""By neutral table: the table here, the neutral number, the keys of records that are in both CRMs."""


def salesforce_ids(company: Company) -> dict[str, pa.Table]:
    """The ids the same records have in the Salesforce org, by neutral number."""
    keys = SalesforceKeys(company)
    ids = {"users": keys.users, "accounts": keys.accounts, "people": keys.people, "deals": keys.deals}
    numbers = {"users": "user", "accounts": "account", "people": "person", "deals": "deal"}
    return {name: frame({number: whole(getattr(company, name)[number]), "id": ids[name]}) for name, number in numbers.items()}
