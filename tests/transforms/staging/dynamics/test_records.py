"""Dynamics users, accounts, people, deals and links: what becomes of merged, qualified, deleted and odd records, and of choices."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.transforms.kit import open_warehouse, rows
from tests.transforms.staging.dynamics.kit import CRM, OPTION, PEOPLE, World, build_for
from transforms.staging.shapes import staging_table
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


def by_id(table: sa.Table, column: str, *lines: str, world: World | None = None) -> dict[str, dict[str, Any]]:
    """A model table of the small company plus `lines`, by record id."""
    with open_warehouse() as warehouse:
        build_for(warehouse, (world or World.of(PEOPLE, *lines)).load(warehouse), table)
        return {row[column]: row for row in rows(warehouse, table)}


def test_applications_integrations_and_non_interactive_users_are_no_persons_and_leavers_are() -> None:
    found = by_id(
        users,
        "user_id",
        "systemuser u.int isintegrationuser=true",
        "systemuser u.job accessmode=4",
        "systemuser u.nor internalemailaddress=NoReply@ours.example",
        "systemuser u.adm accessmode=1",
        'systemuser u.gone fullname=Gone internalemailaddress=" GONE@Ours.example " isdisabled=true gx_industry_expert=true jobtitle=Rep',
    )
    assert {user for user, row in found.items() if row["is_person"]} == {"u.uma", "u.udo", "u.adm", "u.gone"}
    gone = found["u.gone"]
    assert (gone["is_active"], gone["email"], gone["title"], gone["industry_expert"]) == (False, "gone@ours.example", "Rep", True)


def test_merged_and_deleted_records_leave_the_model_and_point_to_their_master() -> None:
    lines = (
        "account a.lost merged=true masterid=a.acme statecode=1",
        "account a.gone is_deleted=true",
        "account a.quiet statecode=1",
        "contact c.lost parentcustomerid=a.acme merged=true masterid=c.ann statecode=1",
        "contact c.gone is_deleted=true",
        "contact c.moved parentcustomerid=a.lost parentcontactid=c.lost gx_influenced_by=c.lost",
        "contact c.quiet statecode=1",
        "contact c.assist parentcustomerid=c.ann",
    )
    found = by_id(people, "person_id", *(line.replace("gx_influenced_by", "_gx_influenced_by_value") for line in lines))
    assert set(found) == {"c.ann", "c.bob", "c.cat", "c.moved", "c.quiet", "c.assist", "l.lea"}
    moved = found["c.moved"]
    assert (moved["account_id"], moved["reports_to_id"], moved["influenced_by_id"]) == ("a.acme", "c.ann", "c.ann")
    assert {person for person, row in found.items() if not row["is_live"]} == {"c.quiet"}
    assert found["c.assist"]["account_id"] is None
    assert {key: row["is_live"] for key, row in by_id(accounts, "account_id", *lines[:3]).items()} == {
        "a.acme": True,
        "a.beta": True,
        "a.quiet": False,
    }


def test_a_qualified_lead_is_its_contact_told_from_either_side() -> None:
    found = by_id(
        people,
        "person_id",
        "lead l.told statecode=1 parentcontactid=c.ann",
        "lead l.born statecode=1",
        "contact c.born originatingleadid=l.born",
        "lead l.cust statecode=1 customerid=c.cat",
        "lead l.hid statecode=1 parentcontactid=c.hidden",
        "lead l.none statecode=1 customerid=a.acme",
        "lead l.known parentcontactid=c.ann",
        "lead l.lost statecode=2",
    )
    assert {person: row["is_live"] for person, row in found.items() if row["person_kind"] == "lead"} == {
        "l.lea": True,
        "l.hid": False,
        "l.none": False,
        "l.known": True,
        "l.lost": False,
    }


def test_each_of_three_addresses_is_the_persons_and_the_first_is_shown() -> None:
    line = 'contact c.mul emailaddress2=" MUL@x.example" emailaddress3=mul@y.example'
    with open_warehouse() as warehouse:
        world = World.of(PEOPLE, line, "contact c.twice emailaddress1=t@x.example emailaddress3=T@x.example")
        build_for(warehouse, world.load(warehouse), people)
        carried = [(row["person_id"], row["address"]) for row in rows(warehouse, staging_table(CRM, "person_addresses"))]
        shown = {row["person_id"]: row["email"] for row in rows(warehouse, people)}
    assert [pair for pair in carried if pair[0] in ("c.mul", "c.twice")] == [
        ("c.mul", "mul@x.example"),
        ("c.mul", "mul@y.example"),
        ("c.twice", "t@x.example"),
    ]
    assert (shown["c.mul"], shown["c.bob"], shown["c.twice"]) == ("mul@x.example", "bob@acme.example", "t@x.example")


def test_any_address_of_ours_makes_a_record_ours_and_only_nobodys_addresses_make_it_nobody() -> None:
    found = by_id(
        people,
        "person_id",
        "contact c.ours emailaddress1=u@home.example emailaddress2=UMA@ours.example",
        "contact c.nor emailaddress1=noreply@acme.example emailaddress2=bounce@acme.example",
        "contact c.mix emailaddress1=noreply@acme.example emailaddress2=mix@acme.example",
        "contact c.who",
    )
    assert {key: found[key]["is_person"] for key in ("c.ours", "c.nor", "c.mix", "c.who")} == {
        "c.ours": False,
        "c.nor": False,
        "c.mix": True,
        "c.who": True,
    }


def test_industry_and_stage_are_read_by_label_and_a_value_without_one_as_it_is() -> None:
    world = World.of(
        PEOPLE,
        "account a.ind industrycode=12",
        "account a.odd industrycode=99",
        "opportunity o.1 salesstage=2",
        "opportunity o.2 stepname=Closing",
    )
    world.choices = [("account", "industrycode", 12, "Durable Manufacturing"), ("opportunity", "salesstage", 2, "Propose")]
    found = by_id(accounts, "account_id", world=world)
    assert [found[key]["industry"] for key in ("a.ind", "a.odd", "a.acme")] == ["Durable Manufacturing", "99", None]
    deals = by_id(opportunities, "opportunity_id", world=world)
    assert [deals[key]["stage"] for key in ("o.1", "o.2")] == ["Propose", "Closing"]


def test_a_won_deal_is_worth_what_it_brought_and_belongs_to_an_account() -> None:
    money = "estimatedvalue=10 estimatedvalue_base=11 estimatedclosedate=1970-01-11"
    found = by_id(
        opportunities,
        "opportunity_id",
        "account a.lost merged=true masterid=a.acme",
        f"opportunity o.open {money} actualvalue_base=99 actualclosedate=1970-01-21 parentaccountid=a.lost",
        f"opportunity o.won {money} actualvalue=20 actualvalue_base=22 actualclosedate=1970-01-21 statecode=1 customerid=a.beta",
        f"opportunity o.lost {money} statecode=2 customerid=c.ann",
        "opportunity o.plain actualvalue=20 statecode=1",
        "opportunity o.gone is_deleted=true",
    )
    told = {key: (row["account_id"], row["amount"], row["close_day"], row["is_closed"], row["is_won"]) for key, row in found.items()}
    assert told == {
        "o.open": ("a.acme", 11.0, 10, False, False),
        "o.won": ("a.beta", 22.0, 20, True, True),
        "o.lost": (None, 11.0, 10, True, False),
        "o.plain": (None, 20.0, None, True, True),
    }


def test_a_deal_tells_its_probability_and_nobody_since_when_it_is_in_its_stage() -> None:
    found = by_id(opportunities, "opportunity_id", "opportunity o.1 closeprobability=60", "opportunity o.2 closeprobability=-1")
    assert {key: (row["probability"], row["stage_since_s"]) for key, row in found.items()} == {"o.1": (60.0, None), "o.2": (None, None)}


def test_every_lead_is_kept_with_what_was_made_of_it() -> None:
    made = "createdon=1970-01-04T00:00Z originatingleadid"
    lines = (
        "account a.lost merged=true masterid=a.acme",
        "contact c.old merged=true masterid=c.ann",
        "lead l.told createdon=1970-01-02T00:00Z statecode=1 parentcontactid=c.old parentaccountid=a.lost qualifyingopportunityid=o.1",
        "opportunity o.1 createdon=1970-01-03T00:00Z originatingleadid=l.told",
        "lead l.born createdon=1970-01-02T00:00Z statecode=1 customerid=a.beta",
        f"contact c.born {made}=l.born",
        f"opportunity o.2 {made}=l.born",
        f"opportunity o.gone is_deleted=true {made}=l.born",
        "lead l.late createdon=1970-01-09T00:00Z statecode=1",
        f"contact c.late {made}=l.late",
        "lead l.lost statecode=2 parentcontactid=c.ann",
        "lead l.gone is_deleted=true",
        "lead l.mrg merged=true masterid=l.lea statecode=2",
    )
    found = by_id(leads, "lead_id", *lines)
    names = ("status", "closed_s", "contact_id", "account_id", "opportunity_id")
    assert {key: tuple(row[name] for name in names) for key, row in found.items()} == {
        "l.lea": ("open", None, None, None, None),
        "l.told": ("converted", 2 * 86_400, "c.ann", "a.acme", "o.1"),
        "l.born": ("converted", 3 * 86_400, "c.born", "a.beta", "o.2"),
        "l.late": ("converted", None, "c.late", None, None),
        "l.lost": ("disqualified", None, None, None, None),
    }


LINKS = """
connectionrole r.sales name=Seller category=1001
connectionrole r.buyer name=Buyer category=1000
connectionrole r.old name=Old category=1000 componentstate=2
opportunity o.1 parentaccountid=a.acme
contact c.old merged=true masterid=c.ann
connection k1 record1id=a.acme record2id=u.udo record2roleid=r.sales
connection k2 record1id=u.uma record2id=a.beta record1roleid=r.sales
connection k3 record1id=u.app record2id=a.beta record1roleid=r.sales
connection k4 record1id=a.beta record2id=u.uma record2roleid=r.buyer
connection k5 record1id=a.beta record2id=c.ann record2roleid=r.sales
connection b1 record1id=o.1 record2id=c.old record2roleid=r.buyer
connection b2 record1id=c.bob record2id=o.1 record1roleid=r.buyer
connection b3 record1id=c.bob record2id=o.1 record2roleid=r.buyer
connection b4 record1id=o.1 record2id=c.cat record2roleid=r.old
connection b5 record1id=o.1 record2id=c.cat record2roleid=r.buyer effectiveend=2026-05-31T23:59Z
connection b6 record1id=o.1 record2id=c.cat record2roleid=r.buyer effectivestart=2026-06-02T00:00Z
connection b7 record1id=o.1 record2id=c.cat record2roleid=r.buyer statecode=1
connection b8 record1id=o.1 record2id=c.cat record2roleid=r.buyer ismaster=false
connection b9 record1id=o.1 record2id=c.cat record2roleid=r.buyer is_deleted=true
"""


def test_a_connection_counts_once_in_either_direction_while_it_is_in_force() -> None:
    with open_warehouse() as warehouse:
        build_for(warehouse, World.of(PEOPLE, LINKS).load(warehouse), account_members, opportunity_roles)
        members = {(row["account_id"], row["user_id"], row["member_role"]) for row in rows(warehouse, account_members)}
        roles = [(row["opportunity_id"], row["person_id"], row["role"]) for row in rows(warehouse, opportunity_roles)]
    assert members == {
        ("a.acme", "u.uma", "owner"),
        ("a.acme", "u.udo", "team"),
        ("a.beta", "u.udo", "owner"),
        ("a.beta", "u.uma", "team"),
    }
    assert roles == [("o.1", "c.ann", "Buyer"), ("o.1", "c.bob", "Buyer")]


def test_a_connection_relates_a_contact_to_an_account_that_is_not_its_own() -> None:
    lines = """
    connectionrole r.adviser name=Adviser category=5
    connection n1 record1id=a.beta record2id=c.ann record2roleid=r.adviser
    connection n2 record1id=c.bob record2id=a.beta record1roleid=r.adviser record2roleid=r.sales
    connection n3 record1id=a.beta record2id=c.cat record2roleid=r.adviser
    connection n4 record1id=a.acme record2id=c.cat record2roleid=r.adviser effectiveend=2026-05-31T23:59Z
    """
    with open_warehouse() as warehouse:
        build_for(warehouse, World.of(PEOPLE, LINKS, lines).load(warehouse), account_contacts)
        found = {(row["account_id"], row["person_id"], row["roles"]) for row in rows(warehouse, account_contacts)}
    assert found == {("a.beta", "c.ann", "Adviser;Seller"), ("a.beta", "c.bob", "Adviser")}


ENTERED = [
    ("contact", "gx_attitude", OPTION, people, "attitude", 2, None),
    ("contact", "gx_attitude", 727_270_004, people, "attitude", -2, None),
    ("contact", "gx_attitude", OPTION + 5, people, "attitude", None, ("attitude", "unknown_value")),
    ("contact", "gx_price_acceptance", OPTION + 2, people, "price_acceptance", 0, None),
    ("lead", "gx_attitude", OPTION + 3, people, "attitude", -1, None),
    ("lead", "gx_attitude", OPTION + 9, people, "attitude", None, ("attitude", "unknown_value")),
    ("contact", "gx_vote", OPTION, people, "vote", "None", None),
    ("contact", "gx_vote", OPTION + 2, people, "vote", "Veto", None),
    ("contact", "gx_buying_role", f"{OPTION + 3},{OPTION}", people, "buying_roles", "Gatekeeper;Decider", None),
    ("contact", "gx_buying_role", f"{OPTION + 2}, {OPTION + 9}", people, "buying_roles", "User", ("buying_role", "unknown_value")),
    ("contact", "gx_key_person", "true", people, "key_person", True, None),
    ("contact", "_gx_influenced_by_value", "c.bob", people, "influenced_by_id", "c.bob", None),
    ("account", "gx_potential", "10", accounts, "potential", 10.0, None),
    ("account", "gx_can_win", "10.5", accounts, "can_win", None, ("can_win", "out_of_range")),
    ("account", "gx_key_departments", " IT, Finance ", accounts, "key_departments", "IT, Finance", None),
    ("opportunity", "gx_competitor_rank", "3", opportunities, "competitor_rank", 3, None),
    ("opportunity", "gx_inside_source", "false", opportunities, "inside_source", False, None),
]
KEYS = {"contact": "person_id", "lead": "person_id", "account": "account_id", "opportunity": "opportunity_id"}


def test_our_own_choices_are_read_by_position_whatever_their_labels_and_refused_ones_are_listed() -> None:
    world, wanted, lost = World.of(PEOPLE), {}, set()
    world.choices = [("contact", "gx_attitude", OPTION, "反对"), ("contact", "gx_vote", OPTION + 2, "Approve")]
    for number, (name, column, typed, _, staged, value, why) in enumerate(ENTERED):
        world.add(name, f"{name[0]}.e{number}", **{column: str(typed)})
        wanted[f"{name[0]}.e{number}", staged] = value
        lost |= {(f"{name[0]}.e{number}", *why)} if why else set()
    world.add("contact", "c.merged", gx_attitude=str(OPTION + 9), merged="true", masterid="c.ann")
    with open_warehouse() as warehouse:
        build_for(warehouse, world.load(warehouse), opportunities, entered_dropped)
        tables = {table.name: rows(warehouse, table) for table in (people, accounts, opportunities)}
        refused = {(row["record_id"], row["field"], row["reason"]) for row in rows(warehouse, entered_dropped)}
    found = {}
    for number, (name, _, _, table, staged, *_) in enumerate(ENTERED):
        row = next(row for row in tables[table.name] if row[KEYS[name]] == f"{name[0]}.e{number}")
        found[f"{name[0]}.e{number}", staged] = row[staged]
    assert found == wanted
    assert refused == lost


def test_an_option_an_administrator_added_is_none_of_ours_whatever_its_digits() -> None:
    ours, theirs = 727_270_000, 100_000_000
    world = World.of(PEOPLE)
    for column, count in (("gx_attitude", 5), ("gx_buying_role", 5)):
        world.choices += [("contact", column, ours + place, f"Word {place}") for place in range(count)]
        world.choices += [("contact", column, theirs + place, "Added") for place in (0, 1)]
    for key, first in (("c.theirs", theirs), ("c.ours", ours)):
        world.add("contact", key, gx_attitude=str(first), gx_buying_role=f"{first + 1},{ours + 3}")
    with open_warehouse() as warehouse:
        build_for(warehouse, world.load(warehouse), entered_dropped)
        found = {row["person_id"]: (row["attitude"], row["buying_roles"]) for row in rows(warehouse, people)}
        refused = {(row["record_id"], row["field"], row["reason"]) for row in rows(warehouse, entered_dropped)}
    assert (found["c.theirs"], found["c.ours"]) == ((None, "Decider"), (2, "Buyer;Decider"))
    assert refused == {("c.theirs", field, "unknown_value") for field in ("attitude", "buying_role")}


MAPPED = {"contact": {"attitude": "new_attitude", "vote": "org_vote", "buying_role": "org_roles", "key_person": "org_key"}}
LABELS = [
    ("contact", "new_attitude", 100_000_000, "Against"),
    ("contact", "new_attitude", 100_000_001, "Support"),
    ("contact", "new_attitude", 100_000_002, "Whatever"),
    ("contact", "org_roles", 7, "Decider"),
    ("contact", "org_roles", 17, "Buyer"),
    ("contact", "org_key", 1, "Yes"),
]
TYPED = {
    "c.1": ({"new_attitude": "100000000", "org_roles": "17,7"}, ("attitude", -1), ("buying_roles", "Buyer;Decider")),
    "c.2": ({"new_attitude": "100000001", "org_roles": "7"}, ("attitude", 1), ("buying_roles", "Decider")),
    "c.3": ({"new_attitude": "100000002", "org_vote": "veto"}, ("attitude", None), ("vote", "Veto")),
    "c.4": ({"new_attitude": "Strong support", "org_key": "1"}, ("attitude", 2), ("key_person", True)),
    "c.5": ({"org_roles": "User;Buyer", "org_key": "true"}, ("buying_roles", "Buyer;User"), ("key_person", True)),
}


def test_fields_an_org_has_of_its_own_are_read_where_they_are_mapped() -> None:
    world = World.of(PEOPLE)
    world.mapped = {"account": {"plan": "org_plan"}, "opportunity": {"factor_3": "org_need"}, "lead": {"value": "org_worth"}}
    world.choices = [("opportunity", "org_need", 4, "8")]
    world.add("account", "a.x", org_plan=" Grow in Asia ")
    world.add("opportunity", "o.x", org_need="4")
    world.add("opportunity", "o.y", org_need="12")
    world.add("lead", "l.x", org_worth="7.5")
    with open_warehouse() as warehouse:
        build_for(warehouse, world.load(warehouse), accounts, opportunities, entered_dropped)
        plans = {row["account_id"]: row["plan"] for row in rows(warehouse, accounts)}
        deals = {row["opportunity_id"]: (row["factor_3"], row["factor_1"]) for row in rows(warehouse, opportunities)}
        (worth,) = (row["value"] for row in rows(warehouse, people) if row["person_id"] == "l.x")
        refused = [(row["entity"], row["record_id"], row["field"], row["reason"]) for row in rows(warehouse, entered_dropped)]
    assert (plans["a.x"], plans["a.acme"], worth) == ("Grow in Asia", None, 7.5)
    assert deals == {"o.x": (8.0, None), "o.y": (None, None)}
    assert refused == [("opportunity", "o.y", "factor_3", "out_of_range")]


@pytest.mark.parametrize("key", TYPED)
def test_columns_of_the_org_are_read_by_their_labels_and_texts_as_they_are(mapped: dict[str, dict[str, Any]], key: str) -> None:
    for column, value in TYPED[key][1:]:
        assert mapped[key][column] == value


@pytest.fixture(scope="module")
def mapped() -> dict[str, dict[str, Any]]:
    """People whose fields are columns of the org, one of them named like ours but for the prefix."""
    world = World.of(PEOPLE)
    world.choices = LABELS
    world.mapped = MAPPED
    for key, (cells, *_) in TYPED.items():
        world.add("contact", key, **cells)
    with open_warehouse() as warehouse:
        build_for(warehouse, world.load(warehouse), entered_dropped)
        assert {(row["record_id"], row["reason"]) for row in rows(warehouse, entered_dropped)} == {("c.3", "unknown_value")}
        return {row["person_id"]: row for row in rows(warehouse, people)}
