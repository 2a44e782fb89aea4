"""Users, accounts, contacts, leads, opportunities and the junction rows between them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import Company
from connectors.sandbox.company.arrays import DAY, Column, Ints, arrow, frame, is_text, whole
from connectors.sandbox.salesforce.projection.keys import Columns, Keys, dates, fraction, numbered, seconds, system
from connectors.sandbox.salesforce.standard_records import CURRENCIES

STAGES = {
    "prospect": "Prospecting",
    "qualify": "Qualification",
    "propose": "Proposal/Price Quote",
    "negotiate": "Negotiation/Review",
    "won": "Closed Won",
    "lost": "Closed Lost",
}
ACCOUNT_TYPES = {"Customer": "Customer - Direct", "Prospect": "Prospect", "Partner": "Technology Partner"}
CONTACT_ROLES = {
    "Gatekeeper": "Other",
    "Buyer": "Economic Buyer",
    "User": "Business User",
    "Decider": "Decision Maker",
    "Influencer": "Influencer",
}
PERSON_FIELDS = {"FirstName": "first_name", "LastName": "last_name", "Name": "name", "Email": "email", "Title": "title"}
TEAM_ROLES = {"second": "Sales Rep", "presales": "Pre-Sales Consultant", "support": "Account Manager"}


def records(company: Company, keys: Keys) -> dict[str, pa.Table]:
    """Rows per object."""
    return {
        "User": _users(company, keys),
        "Account": _accounts(company, keys),
        "Contact": _contacts(company, keys),
        "Lead": _leads(company, keys),
        "Opportunity": _opportunities(company, keys),
        "OpportunityContactRole": _contact_roles(company, keys),
        "AccountContactRelation": _account_contacts(company, keys),
        "AccountTeamMember": _team_members(company, keys),
        "CurrencyType": _currencies(keys),
    }


def true_pairs(company: Company, keys: Keys) -> pa.Table:
    """user_id, person_id, closeness: the hidden truth by Salesforce ids."""
    pairs = company.pairs
    columns = {"user_id": keys.users.take(whole(pairs["user"])), "person_id": keys.people.take(whole(pairs["person"]))}
    return frame(columns | {"closeness": pairs["closeness"]})


def owners(company: Company) -> Ints:
    """Owning user of each group: the first of its team."""
    _, first = np.unique(company.teams["group"].to_numpy(), return_index=True)
    return np.asarray(company.teams["user"].to_numpy()[first], dtype=np.int64)


def translated(column: Column, words: Mapping[str, str]) -> Column:
    """Each neutral word's Salesforce word; null where there is none."""
    return arrow(list(words.values())).take(pc.index_in(whole(column), arrow(list(words))))


def _stamped(prefix: str, numbers: Ints, created: Column, keys: Keys, author: Column) -> Columns:
    """System columns of records that were changed at some time since they were created."""
    born = seconds(created)
    changed = born + ((keys.as_of - born) * fraction(numbers, 3)).astype(np.int64)
    return system(numbered(prefix, numbers), born, changed, author)


def _users(company: Company, keys: Keys) -> pa.Table:
    users = company.users
    stamps = _stamped("005", users["user"].to_numpy(), users["created"], keys, keys.users)
    del stamps["IsDeleted"]
    return frame(
        stamps
        | {
            "FirstName": users["first_name"],
            "LastName": users["last_name"],
            "Name": users["name"],
            "Username": users["email"],
            "Email": users["email"],
            "Title": users["title"],
            "Department": users["department"],
            "ManagerId": keys.users.take(whole(users["manager"])),
            "IsActive": users["active"],
            "UserType": pa.repeat("Standard", len(users)),
        }
    )


def _accounts(company: Company, keys: Keys) -> pa.Table:
    accounts = company.accounts
    owner = keys.users.take(arrow(owners(company)[: len(accounts)]))
    return frame(
        _stamped("001", accounts["account"].to_numpy(), accounts["created"], keys, owner)
        | {
            "Name": accounts["name"],
            "ParentId": keys.accounts.take(whole(accounts["parent"])),
            "OwnerId": owner,
            "Industry": accounts["industry"],
            "Type": translated(accounts["kind"], ACCOUNT_TYPES),
            "NumberOfEmployees": accounts["employees"],
            "AnnualRevenue": accounts["revenue"],
        }
    )


def _person(people: pa.Table, prefix: str, company: Company, keys: Keys) -> Columns:
    owner = keys.users.take(arrow(owners(company)[people["group"].to_numpy()]))
    stamps = _stamped(prefix, people["person"].to_numpy(), people["created"], keys, owner)
    return stamps | {"OwnerId": owner} | {field: people[column] for field, column in PERSON_FIELDS.items()}


def _contacts(company: Company, keys: Keys) -> pa.Table:
    people = company.people.filter(is_text(company.people["kind"], "contact"))
    return frame(
        _person(people, "003", company, keys)
        | {
            "AccountId": keys.accounts.take(whole(people["account"])),
            "Department": people["department"],
            "ReportsToId": keys.people.take(whole(people["reports_to"])),
        }
    )


def _leads(company: Company, keys: Keys) -> pa.Table:
    people = company.people.filter(is_text(company.people["kind"], "lead"))
    status = pc.if_else(whole(people["open"]), "Working - Contacted", "Closed - Not Converted")
    columns = {"Company": people["company"], "Status": status, "IsConverted": np.zeros(len(people), dtype=bool)}
    waiting = frame(_person(people, "00Q", company, keys) | columns)
    return pa.concat_tables([waiting, _converted(company, keys)], promote_options="default")


def _converted(company: Company, keys: Keys) -> pa.Table:
    """Leads that became a known contact with a new deal; they keep their own words about the person."""
    made = company.conversions
    person, deal = company.people.take(made["person"]), company.deals.take(made["deal"])
    owner = keys.users.take(whole(deal["owner"]))
    return frame(
        _stamped("00Q", made["lead"].to_numpy() + len(company.people), made["created"], keys, owner)
        | {field: person[column] for field, column in PERSON_FIELDS.items()}
        | {
            "OwnerId": owner,
            "Company": company.accounts["name"].take(deal["account"]),
            "Status": pa.repeat("Closed - Converted", len(made)),
            "IsConverted": np.ones(len(made), dtype=bool),
            "ConvertedDate": dates(seconds(deal["created"]) // DAY),
            "ConvertedAccountId": keys.accounts.take(whole(deal["account"])),
            "ConvertedContactId": keys.people.take(whole(made["person"])),
            "ConvertedOpportunityId": keys.deals.take(whole(made["deal"])),
        }
    )


def _opportunities(company: Company, keys: Keys) -> pa.Table:
    deals = company.deals
    owner = keys.users.take(whole(deals["owner"]))
    return frame(
        _stamped("006", deals["deal"].to_numpy(), deals["created"], keys, owner)
        | {
            "AccountId": keys.accounts.take(whole(deals["account"])),
            "OwnerId": owner,
            "Name": deals["name"],
            "StageName": translated(deals["stage"], STAGES),
            **_money(deals),
            "CloseDate": dates(deals["closes"].to_numpy()),
            "IsClosed": deals["is_closed"],
            "IsWon": deals["is_won"],
            "LastStageChangeDate": deals["stage_since"],
            "Probability": pc.cast(whole(deals["probability"]), pa.float64()),
        }
    )


def _money(deals: pa.Table) -> Columns:
    """One deal in ten is in the other currency: the same worth, more units."""
    code = np.where(fraction(deals["deal"].to_numpy(), 9) < 0.1, *reversed(CURRENCIES))
    rates = arrow(np.vectorize(CURRENCIES.get)(code))
    return {"Amount": pc.multiply(whole(deals["amount"]), rates), "CurrencyIsoCode": arrow(code)}


def _currencies(keys: Keys) -> pa.Table:
    """The first one is corporate."""
    numbers = np.arange(len(CURRENCIES))
    created = np.full(len(numbers), keys.as_of - 1_000 * DAY)
    stamps = system(numbered("01L", numbers), created, created, keys.users.take(arrow(numbers * 0)))
    del stamps["IsDeleted"]
    units = {"IsoCode": arrow(list(CURRENCIES)), "ConversionRate": arrow(list(CURRENCIES.values())), "DecimalPlaces": arrow([2, 0])}
    return frame(stamps | units | {"IsActive": numbers >= 0, "IsCorporate": numbers == 0})


def _junction(prefix: str, n: int, keys: Keys) -> Columns:
    numbers = np.arange(n)
    created = keys.as_of - ((0.05 + 0.9 * fraction(numbers, 5)) * 1_000 * DAY).astype(np.int64)
    return system(numbered(prefix, numbers), created, created, keys.users.take(arrow(numbers % len(keys.users))))


def _contact_roles(company: Company, keys: Keys) -> pa.Table:
    roles = company.deal_roles
    columns = {
        "OpportunityId": keys.deals.take(whole(roles["deal"])),
        "ContactId": keys.people.take(whole(roles["person"])),
        "Role": translated(roles["role"], CONTACT_ROLES),
        "IsPrimary": roles["is_primary"],
    }
    return frame(_junction("00K", len(roles), keys) | columns)


def _account_contacts(company: Company, keys: Keys) -> pa.Table:
    """One direct row for each contact; one contact in twenty is also related to another account."""
    people = company.people.filter(is_text(company.people["kind"], "contact"))
    person, account = people["person"].to_numpy(), people["account"].to_numpy()
    other = (account + 1 + (fraction(person, 7) * 97).astype(np.int64)) % len(company.accounts)
    indirect = np.flatnonzero((fraction(person, 8) < 0.05) & (other != account))
    columns = {
        "AccountId": keys.accounts.take(arrow(np.concatenate([account, other[indirect]]))),
        "ContactId": keys.people.take(arrow(np.concatenate([person, person[indirect]]))),
        "IsDirect": np.arange(len(person) + len(indirect)) < len(person),
        "IsActive": np.ones(len(person) + len(indirect), dtype=bool),
    }
    return frame(_junction("07k", len(person) + len(indirect), keys) | columns)


def _team_members(company: Company, keys: Keys) -> pa.Table:
    listed = company.teams.filter(pc.and_(company.teams["listed"], pc.less(company.teams["group"], pa.scalar(len(company.accounts)))))
    columns = {
        "AccountId": keys.accounts.take(whole(listed["group"])),
        "UserId": keys.users.take(whole(listed["user"])),
        "TeamMemberRole": translated(listed["role"], TEAM_ROLES),
    }
    return frame(_junction("01M", len(listed), keys) | columns)
