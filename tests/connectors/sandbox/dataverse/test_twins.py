"""People who live in both CRMs: the Salesforce rows and the Dataverse rows of one company tell the same story about them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.sandbox.company import build
from connectors.sandbox.dataverse import project as to_dataverse
from connectors.sandbox.dataverse.store import Store as Dataverse
from connectors.sandbox.salesforce import project as to_salesforce
from connectors.sandbox.salesforce.store import Store as Salesforce
from tests.connectors.sandbox.dataverse.twinkit import DATAVERSE, SALESFORCE, interactions

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
NOW = AS_OF.replace(tzinfo=None)


@dataclass(frozen=True)
class Both:
    salesforce: Salesforce
    dataverse: Dataverse

    def twins(self, *tables: str, with_same_log: bool = False) -> dict[str, str]:
        """Salesforce ids by ours."""
        sql = 'select id, salesforce_id from _truth_twins where list_contains(?, "table") and (same_log or not ?)'
        return dict(self.dataverse.read(sql, [list(tables), with_same_log]))


@pytest.fixture(scope="module", params=[("tiny", 11), ("small", 7)], ids=lambda made: f"{made[0]}-{made[1]}")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder: Path = tmp_path_factory.mktemp("both")
    size, seed = request.param
    company = build(seed, size, AS_OF)
    made = Both(Salesforce.create(folder, NOW), Dataverse.create(folder, NOW))
    to_salesforce.load(company, made.salesforce)
    to_dataverse.load(company, made.dataverse)
    yield made
    made.salesforce.close()
    made.dataverse.close()


def told(rows: pa.Table, people: dict[str, str], users: dict[str, str]) -> Counter[tuple[Any, ...]]:
    """The interactions with those people, by Salesforce ids."""
    facts = [name for name in rows.column_names if name not in ("user_id", "person_id")]
    known = [row for row in rows.to_pylist() if row["person_id"] in people]
    return Counter((people[row["person_id"]], users[row["user_id"]], *(row[fact] for fact in facts)) for row in known)


def test_both_logs_tell_the_same_interactions_of_twin_people(both: Both) -> None:
    people, users = both.twins("contact", "lead", with_same_log=True), both.twins("systemuser")
    assert len(people) > 0.7 * len(both.twins("contact", "lead"))
    ours = told(interactions(both.dataverse, DATAVERSE, NOW.isoformat()), people, users)
    same = {identity: identity for identity in people.values()}
    theirs = told(interactions(both.salesforce, SALESFORCE, NOW.isoformat()), same, {user: user for user in users.values()})
    assert sum(ours.values()) > 500
    assert ours - theirs == Counter()
    assert theirs - ours == Counter()


def test_most_people_here_are_twins_and_some_are_not(both: Both) -> None:
    people = both.dataverse.read("""
        select count(*) filter (t.id is not null), count(*) filter (k.emailaddress1 like '%@overseas%') from (
            select contactid as id, emailaddress1 from contact union all select leadid, emailaddress1 from lead) k
        left join _truth_twins t using (id)""")[0]
    known = both.salesforce.read('select (select count(*) from "Contact") + (select count(*) from "Lead")')[0][0]
    assert 0.4 < people[0] / known < 0.8
    assert people[1] > 0


def test_twins_have_one_address_and_one_name_in_both(both: Both) -> None:
    shown = {"contact": ("fullname", "emailaddress1", "Contact"), "lead": ("fullname", "emailaddress1", "Lead"),
             "systemuser": ("fullname", "internalemailaddress", "User")}  # fmt: skip
    for table, (name, email, sobject) in shown.items():
        twins = both.twins(table)
        ours = {twins[key]: rest for key, *rest in both.dataverse.read(f"select {table}id, {name}, {email} from {table}") if key in twins}
        theirs = {key: rest for key, *rest in both.salesforce.read(f'select "Id", "Name", "Email" from "{sobject}"') if key in ours}
        assert ours == theirs
        assert ours or table == "lead"


def test_who_lives_here_only_has_no_address_that_salesforce_knows(both: Both) -> None:
    alone = both.dataverse.read("""select emailaddress1 from contact where contactid not in (select id from _truth_twins)
        union all select emailaddress1 from lead where leadid not in (select id from _truth_twins) and statecode <> 1""")
    known = both.salesforce.read('select "Email" from "Contact" union all select "Email" from "Lead"')
    assert {row[0] for row in alone if row[0]} & {row[0] for row in known} == set()


def test_accounts_and_deals_of_twins_carry_the_same_facts(both: Both) -> None:
    accounts, deals = both.twins("account"), both.twins("opportunity")
    ours = {accounts[key]: (name, heads) for key, name, heads in both.dataverse.read(
        "select accountid, name, numberofemployees from account") if key in accounts}  # fmt: skip
    assert ours == {key: (name, heads) for key, name, heads in both.salesforce.read(
        'select "Id", "Name", "NumberOfEmployees" from "Account"') if key in ours}  # fmt: skip
    won = {deals[key]: (state == 1, state > 0, value) for key, state, value in both.dataverse.read(
        "select opportunityid, statecode, estimatedvalue from opportunity") if key in deals}  # fmt: skip
    worth = '(select "Amount" / any_value("ConversionRate") from "CurrencyType" where "IsoCode" = "CurrencyIsoCode")'
    assert won == {key: tuple(rest) for key, *rest in both.salesforce.read(
        f'select "Id", "IsWon", "IsClosed", {worth} from "Opportunity"') if key in won}  # fmt: skip
    assert len(ours) > 5
    assert len(won) > 5
