"""Users, accounts, people and deals: what becomes of merged, converted, deleted and odd records, and of what people typed."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.transforms.kit import CRM, PEOPLE, World, build_model, modelled, open_warehouse, rows
from transforms.tables import (
    account_contacts,
    account_members,
    accounts,
    entered_dropped,
    leads,
    opportunities,
    opportunity_roles,
    people,
    users,
)


def by_id(table: sa.Table, column: str, *lines: str) -> dict[str, dict[str, Any]]:
    """A model table of the small company plus `lines`, by record id."""
    with modelled("\n".join(lines), only=[table]) as warehouse:
        return {row[column]: row for row in rows(warehouse, table)}


def test_users_of_a_machine_or_a_customer_are_no_persons_and_leavers_are() -> None:
    found = by_id(
        users,
        "user_id",
        "User 005auto Name=Automated UserType=AutomatedProcess Email=auto@ours.example",
        "User 005port Name=Portal UserType=PowerCustomerSuccess Email=ann@acme.example",
        "User 005nore Name=Mailer Email=no-reply@ours.example",
        'User 005gone Name=Gone Email=" GONE@Ours.example " IsActive=false GX_Industry_Expert__c=true',
    )
    assert {user for user, row in found.items() if row["is_person"]} == {"005uma", "005udo", "005gone"}
    assert (found["005gone"]["is_active"], found["005gone"]["email"], found["005gone"]["industry_expert"]) == (
        False,
        "gone@ours.example",
        True,
    )
    assert found["005port"]["email"] is None


def test_merged_and_deleted_records_leave_the_model_and_point_to_nothing() -> None:
    lines = (
        "Account 001lost IsDeleted=true MasterRecordId=001acme",
        "Account 001gone IsDeleted=true",
        "Contact 003lost AccountId=001acme IsDeleted=true MasterRecordId=003ann",
        "Contact 003gone AccountId=001acme IsDeleted=true",
        "Contact 003moved AccountId=001lost ReportsToId=003lost GX_Influenced_By__c=003lost",
        "Contact 003orph AccountId=001gone",
    )
    found = by_id(people, "person_id", *lines)
    assert set(found) == {"003ann", "003bob", "003cat", "003moved", "003orph", "00Qlea"}
    moved = found["003moved"]
    assert (moved["account_id"], moved["reports_to_id"], moved["influenced_by_id"]) == ("001acme", "003ann", "003ann")
    assert moved["account_key"] == found["003ann"]["account_key"]
    assert found["003orph"]["account_key"] is None
    assert set(by_id(accounts, "account_id", *lines)) == {"001acme", "001beta"}


def test_converted_leads_are_their_contact_and_disqualified_ones_get_no_values() -> None:
    found = by_id(
        people,
        "person_id",
        "Lead 00Qcon IsConverted=true ConvertedContactId=003ann",
        "Lead 00Qlost IsConverted=true ConvertedContactId=003hidden",
        "Lead 00Qdis Status=Unqualified",
        "Lead 00Qunk",
    )
    assert {person: row["is_live"] for person, row in found.items() if row["person_kind"] == "lead"} == {
        "00Qlea": True,
        "00Qlost": False,
        "00Qdis": False,
        "00Qunk": True,
    }


def test_people_who_are_ours_or_nobody_get_no_values() -> None:
    found = by_id(
        people, "person_id", "Contact 003uma Email=UMA@ours.example", "Contact 003nor Email=NoReply@acme.example", "Contact 003who"
    )
    assert {person: (row["is_person"], row["is_live"]) for person, row in found.items() if person in ("003uma", "003nor", "003who")} == {
        "003uma": (False, False),
        "003nor": (False, False),
        "003who": (True, True),
    }


def test_departments_are_one_ignoring_case_white_space_and_synonyms() -> None:
    typed = ["Information  Technology", "I T", "信息部", " Human Resources", "HumanResources", "R & D", "NA", " "]
    lines = [f"Contact 003d{number} Department='{text}'" for number, text in enumerate(typed)]
    found = by_id(people, "person_id", *lines)
    names = [found[f"003d{number}"]["department_name"] for number in range(len(typed))]
    assert names == ["it", "it", "it", "human resources", "human resources", "research and development", "na", None]


def test_an_account_is_covered_by_its_owner_and_team_once_each() -> None:
    lines = (
        "Account 001lost OwnerId=005udo IsDeleted=true MasterRecordId=001acme",
        "AccountTeamMember 01M1 AccountId=001acme UserId=005uma",
        "AccountTeamMember 01M2 AccountId=001lost UserId=005udo",
        "AccountTeamMember 01M3 AccountId=001beta UserId=005uma IsDeleted=true",
        "AccountTeamMember 01M4 AccountId=001beta UserId=005bot",
    )
    with modelled(*lines, only=[account_members]) as warehouse:
        found = {(row["account_id"], row["user_id"], row["member_role"]) for row in rows(warehouse, account_members)}
    assert found == {("001acme", "005uma", "owner"), ("001acme", "005udo", "team"), ("001beta", "005udo", "owner")}


def test_a_contact_is_related_to_accounts_that_are_not_its_own_once_each_and_while_the_relation_is_in_force() -> None:
    lines = (
        "Account 001lost IsDeleted=true MasterRecordId=001beta",
        "Contact 003old IsDeleted=true MasterRecordId=003ann",
        "AccountContactRelation 07k1 AccountId=001acme ContactId=003ann IsDirect=true",
        "AccountContactRelation 07k2 AccountId=001beta ContactId=003ann IsDirect=false Roles='Decision Maker;Other'",
        "AccountContactRelation 07k3 AccountId=001lost ContactId=003old IsDirect=false Roles=Adviser IsActive=true",
        "AccountContactRelation 07k4 AccountId=001acme ContactId=003cat IsDirect=false IsActive=false",
        "AccountContactRelation 07k5 AccountId=001acme ContactId=003cat IsDirect=false IsDeleted=true",
        "AccountContactRelation 07k6 AccountId=001beta ContactId=003cat IsDirect=false",
        "AccountContactRelation 07k7 AccountId=001beta ContactId=003bob IsDirect=false",
        "AccountContactRelation 07k8 AccountId=001gone ContactId=003bob IsDirect=false",
    )
    with modelled(*lines, only=[account_contacts]) as warehouse:
        found = [(row["account_id"], row["person_id"], row["roles"]) for row in rows(warehouse, account_contacts)]
    assert found == [("001beta", "003ann", "Adviser;Decision Maker;Other"), ("001beta", "003bob", None)]


def test_deals_follow_their_account_and_roles_their_person() -> None:
    lines = (
        "Account 001lost IsDeleted=true MasterRecordId=001acme",
        "Contact 003old IsDeleted=true MasterRecordId=003ann",
        "Opportunity 006a AccountId=001lost CloseDate=1970-01-11 Amount=12.5 IsClosed=true IsWon=true StageName=Won",
        "Opportunity 006b AccountId=001acme IsDeleted=true",
        "OpportunityContactRole 00K1 OpportunityId=006a ContactId=003old Role=Decider",
        "OpportunityContactRole 00K2 OpportunityId=006a ContactId=003ann Role=Decider",
        "OpportunityContactRole 00K3 OpportunityId=006b ContactId=003ann",
        "OpportunityContactRole 00K4 OpportunityId=006a ContactId=003bob IsDeleted=true",
    )
    with modelled(*lines, only=[opportunities, opportunity_roles]) as warehouse:
        deals, roles = rows(warehouse, opportunities), rows(warehouse, opportunity_roles)
    assert [(row["opportunity_id"], row["account_id"], row["close_day"], row["amount"], row["is_won"]) for row in deals] == [
        ("006a", "001acme", 10, 12.5, True)
    ]
    assert [(row["opportunity_id"], row["person_id"], row["role"]) for row in roles] == [("006a", "003ann", "Decider")]


def test_a_deal_tells_its_probability_and_since_when_it_is_in_its_stage() -> None:
    lines = (
        "Opportunity 006a StageName=Propose Probability=60 LastStageChangeDate=1970-01-02T00:00Z",
        "Opportunity 006b Probability=101",
        "Opportunity 006c",
    )
    found = by_id(opportunities, "opportunity_id", *lines)
    told = {key: (row["probability"], row["stage_since_s"]) for key, row in found.items()}
    assert told == {"006a": (60.0, 86_400), "006b": (None, None), "006c": (None, None)}


def test_every_lead_is_kept_with_what_became_of_it() -> None:
    became = "ConvertedContactId=003old ConvertedAccountId=001lost ConvertedOpportunityId=006a"
    lines = (
        "Account 001lost IsDeleted=true MasterRecordId=001acme",
        "Contact 003old IsDeleted=true MasterRecordId=003ann",
        f"Lead 00Qcon OwnerId=005uma CreatedDate=1970-01-02T00:00Z IsConverted=true ConvertedDate=1970-01-04 {became}",
        "Lead 00Qday CreatedDate=1970-01-02T10:00Z IsConverted=true ConvertedDate=1970-01-02",
        f"Lead 00Qdis Status=Unqualified {became}",
        "Lead 00Qgone IsDeleted=true",
        "Lead 00Qmrg IsDeleted=true MasterRecordId=00Qlea",
    )
    found = by_id(leads, "lead_id", *lines)
    names = ("status", "closed_s", "contact_id", "account_id", "opportunity_id")
    assert {key: tuple(row[name] for name in names) for key, row in found.items()} == {
        "00Qlea": ("open", None, None, None, None),
        "00Qcon": ("converted", 3 * 86_400, "003ann", "001acme", "006a"),
        "00Qday": ("converted", 86_400 + 36_000, None, None, None),
        "00Qdis": ("disqualified", None, None, None, None),
    }
    assert (found["00Qcon"]["owner_id"], found["00Qcon"]["created_s"]) == ("005uma", 86_400)


def test_what_an_org_does_not_show_of_leads_and_stages_is_unknown() -> None:
    world = World.of(
        PEOPLE,
        "Lead 00Qcon IsConverted=true",
        "Opportunity 006a Probability=60",
        hidden=("Lead.ConvertedDate", "Lead.ConvertedOpportunityId", "Opportunity.LastStageChangeDate", "Opportunity.Probability"),
    )
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), only=[leads, opportunities])
        (lead,) = (row for row in rows(warehouse, leads) if row["lead_id"] == "00Qcon")
        (deal,) = rows(warehouse, opportunities)
    assert (lead["status"], lead["closed_s"], lead["opportunity_id"]) == ("converted", None, None)
    assert (deal["stage_since_s"], deal["probability"]) == (None, None)


ENTERED = [
    ("Contact", "GX_Attitude__c", "Strong support", people, "attitude", 2, None),
    ("Contact", "GX_Attitude__c", " strongly AGAINST ", people, "attitude", -2, None),
    ("Contact", "GX_Attitude__c", "Neutral", people, "attitude", 0, None),
    ("Contact", "GX_Attitude__c", "2", people, "attitude", None, ("attitude", "unknown_value")),
    ("Contact", "GX_Solution_Acceptance__c", "Against", people, "solution_acceptance", -1, None),
    ("Contact", "GX_Price_Acceptance__c", "null", people, "price_acceptance", None, ("price_acceptance", "unknown_value")),
    ("Contact", "GX_Competitor_Attitude__c", "Support", people, "competitor_attitude", 1, None),
    ("Contact", "GX_Vote__c", "veto", people, "vote", "Veto", None),
    ("Contact", "GX_Vote__c", "None", people, "vote", "None", None),
    ("Contact", "GX_Vote__c", "Abstain", people, "vote", None, ("vote", "unknown_value")),
    ("Contact", "GX_Buying_Role__c", "User;Decider", people, "buying_roles", "User;Decider", None),
    ("Contact", "GX_Buying_Role__c", "Influencer; gatekeeper", people, "buying_roles", "Gatekeeper;Influencer", None),
    ("Contact", "GX_Buying_Role__c", "Buyer;Wizard", people, "buying_roles", "Buyer", ("buying_role", "unknown_value")),
    ("Contact", "GX_Key_Person__c", "true", people, "key_person", True, None),
    ("Contact", "GX_Influenced_By__c", "003bob", people, "influenced_by_id", "003bob", None),
    ("Contact", "GX_Influenced_By__c", "003lost", people, "influenced_by_id", "003lost", ("influenced_by", "unresolved")),
    ("Account", "GX_Potential__c", "10", accounts, "potential", 10.0, None),
    ("Account", "GX_Can_Win__c", "10.5", accounts, "can_win", None, ("can_win", "out_of_range")),
    ("Account", "GX_Demonstration__c", "-1", accounts, "demonstration", None, ("demonstration", "out_of_range")),
    ("Account", "GX_Key_Departments__c", " IT, Finance ", accounts, "key_departments", "IT, Finance", None),
    ("Account", "GX_Competitor_Main__c", "Rival", accounts, "competitor_main", "Rival", None),
    ("Opportunity", "GX_Competitor_Rank__c", "3", opportunities, "competitor_rank", 3, None),
    ("Opportunity", "GX_Competitor_Rank__c", "0", opportunities, "competitor_rank", None, ("competitor_rank", "out_of_range")),
    ("Opportunity", "GX_Compelling_Event__c", "true", opportunities, "compelling_event", True, None),
    ("Opportunity", "GX_Inside_Source__c", "false", opportunities, "inside_source", False, None),
    ("Opportunity", "GX_Value_Proposition__c", "Cheaper", opportunities, "value_proposition", "Cheaper", None),
    ("Lead", "GX_Attitude__c", "Against", people, "attitude", -1, None),
    ("Lead", "GX_Attitude__c", "Whatever", people, "attitude", None, ("attitude", "unknown_value")),
]
KEYS = {"Contact": "person_id", "Lead": "person_id", "Account": "account_id", "Opportunity": "opportunity_id"}


def test_entered_values_are_read_and_refused_ones_listed() -> None:
    starts = {"Contact": "003e", "Lead": "00Qe", "Account": "001e", "Opportunity": "006e"}
    lines = [f"{name} {starts[name]}{number} {column}='{typed}'" for number, (name, column, typed, *_) in enumerate(ENTERED)]
    with modelled(*lines, only=[people, accounts, opportunities, entered_dropped]) as warehouse:
        tables = {table.name: rows(warehouse, table) for table in (people, accounts, opportunities)}
        refused = {(row["record_id"], row["field"], row["reason"]) for row in rows(warehouse, entered_dropped)}
    found, wanted, lost = [], [], set()
    for number, (name, _, typed, table, column, value, why) in enumerate(ENTERED):
        record_id = f"{starts[name]}{number}"
        row = next(row for row in tables[table.name] if row[KEYS[name]] == record_id)
        found.append((typed, row[column]))
        wanted.append((typed, value))
        lost |= {(record_id, *why)} if why else set()
    assert found == wanted
    assert refused == lost


MAPPED = {
    "account": {"plan": "Account_Plan__c"},
    "contact": {"value": "Worth__c"},
    "lead": {"value": "Worth__c"},
    "opportunity": {"factor_1": "Need__c", "factor_8": "Trust__c"},
}


def test_fields_an_org_has_of_its_own_are_read_where_they_are_mapped() -> None:
    lines = (
        "Account 001x Account_Plan__c=' Grow in Asia '",
        "Contact 003x Worth__c=7.5",
        "Lead 00Qx Worth__c=11",
        "Opportunity 006x Need__c=10 Trust__c=-1",
    )
    world = World(mapped=MAPPED)
    for line in (*PEOPLE.strip().splitlines(), *lines):
        world.add_line(line)
    with open_warehouse() as warehouse:
        source = world.load(warehouse)
        build_model(warehouse, source, only=[people, accounts, opportunities, entered_dropped])
        plans = {row["account_id"]: row["plan"] for row in rows(warehouse, accounts)}
        worth = {row["person_id"]: row["value"] for row in rows(warehouse, people)}
        (deal,) = rows(warehouse, opportunities)
        refused = {(row["entity"], row["record_id"], row["field"], row["reason"]) for row in rows(warehouse, entered_dropped)}
    assert {("account", "plan"), ("opportunity", "factor_8")} <= set(source.entered)
    assert ("opportunity", "factor_2") not in source.entered
    assert (plans["001x"], plans["001acme"]) == ("Grow in Asia", None)
    assert (worth["003x"], worth["00Qx"], worth["003ann"]) == (7.5, None, None)
    assert (deal["factor_1"], deal["factor_2"], deal["factor_8"]) == (10.0, None, None)
    assert refused == {("lead", "00Qx", "value", "out_of_range"), ("opportunity", "006x", "factor_8", "out_of_range")}


def test_fields_nobody_provisioned_are_unknown() -> None:
    world = World.of(PEOPLE, "Contact 003x GX_Attitude__c=Support")
    world.hidden = {"Contact.GX_Attitude__c", "Contact.GX_Vote__c"}
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), only=[entered_dropped])
        assert {row["attitude"] for row in rows(warehouse, people)} == {None}
        assert rows(warehouse, entered_dropped) == []


def test_keys_are_complete_and_unique() -> None:
    with modelled(only=[people]) as warehouse:
        for table, key in ((users, "user_key"), (accounts, "account_key"), (people, "person_key")):
            found = rows(warehouse, table)
            keys = [row[key] for row in found]
            assert len(set(keys)) == len(keys) > 0
            assert None not in keys
            assert {row["crm"] for row in found} == {CRM}


DEALS = """
CurrencyType 01Lusd IsoCode=USD ConversionRate=1
CurrencyType 01Ljpy IsoCode=JPY ConversionRate=128
Opportunity 006usd AccountId=001acme Amount=10 CurrencyIsoCode=USD
Opportunity 006jpy AccountId=001acme Amount=1280 CurrencyIsoCode=JPY
Opportunity 006sek AccountId=001acme Amount=100 CurrencyIsoCode=SEK
Opportunity 006nil AccountId=001acme Amount=7
"""


@pytest.mark.parametrize(
    ("hidden", "amounts"),
    [
        ((), {"006usd": 10.0, "006jpy": 10.0, "006sek": None, "006nil": 7.0}),
        (("CurrencyType",), {"006usd": None, "006jpy": None, "006sek": None, "006nil": 7.0}),
        (("CurrencyType", "Opportunity.CurrencyIsoCode"), {"006usd": 10.0, "006jpy": 1280.0, "006sek": 100.0, "006nil": 7.0}),
    ],
    ids=["several currencies", "rates hidden", "an org with one currency"],
)
def test_amounts_are_in_the_corporate_currency_and_unknown_without_a_rate(hidden: tuple[str, ...], amounts: dict[str, float]) -> None:
    with open_warehouse() as warehouse:
        build_model(warehouse, World.of(PEOPLE, DEALS, hidden=hidden).load(warehouse), only=[opportunities])
        assert {row["opportunity_id"]: row["amount"] for row in rows(warehouse, opportunities)} == amounts
