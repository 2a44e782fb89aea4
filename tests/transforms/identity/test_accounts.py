"""Accounts across CRMs: by the people they share, or by a mail domain of their own; two answers are none."""

import pytest

from tests.transforms.identity.kit import Row, World, context, group, groups, identified, rows
from transforms.identity import tables as identity
from warehouse import DuckDBWarehouse


def shared(east: str, west: str, *addresses: str) -> str:
    """The same people in an account of each CRM."""
    name = (address.replace("@", "-") for address in addresses)
    lines = [(crm, account) for crm, account in (("east", east), ("west", west))]
    each = [
        f"person {crm}:{part} {address} account={crm}:{account}"
        for part, address in zip(name, addresses, strict=True)
        for crm, account in lines
    ]
    return "\n".join([*(f"account {crm}:{account}" for crm, account in lines), *each])


WORLD = World(
    shared("most", "most", "a@most.example", "b@else.example", "c@third.example"),
    "person east:m4 d@most.example account=east:most",
    shared("lone", "lone", "boss@lone.example"),
    shared("mover", "newjob", "mover@gmail.com"),
    shared("split", "part1", "s1@s1.example"),
    shared("split", "part2", "s2@s2.example"),
    """
    account east:site
    account west:site
    account north:site
    person east:s1 one@site.example account=east:site
    person west:s1 two@site.example account=west:site
    person north:s1 info@site.example account=north:site
    account east:group1
    account east:group2
    account west:group
    person east:g1 g1@group.example account=east:group1
    person east:g2 g2@group.example account=east:group2
    person west:g3 g3@group.example account=west:group
    account east:public
    account west:public
    person east:p1 p1@qq.com account=east:public
    person west:p2 p2@qq.com account=west:public
    user east:uma uma@ours.example
    account east:own
    account west:own
    person east:o1 o1@ours.example account=east:own
    person west:o2 o2@ours.example account=west:own
    """,
    shared("torn", "people", "t1@t1.example", "t2@t2.example"),
    """
    account west:domain
    person east:t3 t3@torn.example account=east:torn
    person east:t4 t4@torn.example account=east:torn
    person east:t5 t5@torn.example account=east:torn
    person west:t6 t6@torn.example account=west:domain
    """,
)
EVIDENCE = ("evidence", "shared_people", "people_elsewhere", "domain")


@pytest.fixture(scope="module")
def found(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    identified(warehouse, WORLD, context())
    return warehouse


def account(found: DuckDBWarehouse, name: str) -> Row:
    return next(row for row in rows(found, identity.accounts) if f"{row['crm']}:{row['account_id']}" == name)


def test_shared_people_or_a_domain_of_their_own_make_accounts_one(found: DuckDBWarehouse) -> None:
    expected = {group("east:most", "west:most"), group("east:lone", "west:lone"), group("east:site", "west:site", "north:site")}
    assert groups(found, identity.accounts) == expected


def test_the_evidence_is_counted(found: DuckDBWarehouse) -> None:
    assert [account(found, "east:most")[name] for name in EVIDENCE] == ["shared people", 3, 3, None]
    assert [account(found, "west:lone")[name] for name in EVIDENCE] == ["shared people", 1, 1, "lone.example"]
    assert [account(found, "north:site")[name] for name in EVIDENCE] == ["same domain", 0, 0, "site.example"]
    assert [account(found, "east:group1")[name] for name in EVIDENCE] == ["single", None, None, None]


def test_accounts_that_match_two_or_hardly_one_stay_apart_with_the_reason(found: DuckDBWarehouse) -> None:
    listed = {(f"{row['crm']}:{row['record_id']}", row["reason"], row["evidence"]) for row in rows(found, identity.apart)}
    assert {row for row in listed if row[1] == "several_records"} == {
        ("east:torn", "several_records", "2"),
        ("east:torn", "several_records", "torn.example"),
        ("west:people", "several_records", "2"),
        ("west:domain", "several_records", "torn.example"),
    }
    assert {row for row in listed if row[1] == "people_split"} == {
        (name, "people_split", "1") for name in ("east:split", "west:part1", "west:part2")
    }
    assert {row for row in listed if row[1] == "few_people"} == {(name, "few_people", "1") for name in ("east:mover", "west:newjob")}
    assert len(listed) == 9


def test_one_shared_person_is_enough_when_the_method_says_so(warehouse: DuckDBWarehouse) -> None:
    identified(warehouse, WORLD, context(identity={"min_shared_people": 1, "public_domains": []}))
    found = groups(warehouse, identity.accounts)
    assert {group("east:mover", "west:newjob"), group("east:public", "west:public")} <= found
