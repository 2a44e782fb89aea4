"""Relationship maps of the most important accounts, drawn from `maps.people`, `maps.links` and `maps.resources`."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from connectors.fields import OUTPUT, column
from orchestration.report.blocks import Picture
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import TONES
from orchestration.report.pictures.network import OURS, Map, Node, Tie, network
from transforms.enrichment.tables import account
from transforms.maps.tables import links, people, resources

PER_CRM: Final = 2
MAX_PEOPLE: Final = 24
GRADES: Final = [choice.value for spec in OUTPUT["contact"] if column(spec) == "closeness_grade" for choice in spec.values]


def maps(facts: Facts) -> Sequence[Picture]:
    """A map for each of the most important accounts that have people on their maps."""
    return [_map(facts, crm, record_id) for crm, record_id in _accounts(facts)]


def _accounts(facts: Facts) -> list[tuple[str, str]]:
    """The most important accounts of each CRM with a contact on the map."""
    place = sa.func.row_number().over(partition_by=account.c.crm, order_by=(account.c.importance.desc(), account.c.record_id))
    mapped = sa.exists().where(people.c.crm == account.c.crm, people.c.account_id == account.c.record_id)
    ranked = sa.select(account.c.crm, account.c.record_id, place.label("place")).where(mapped).subquery()
    select = sa.select(ranked).where(ranked.c.place <= PER_CRM).order_by(ranked.c.crm, ranked.c.place)
    return [(row["crm"], row["record_id"]) for row in facts.rows(select)]


def _map(facts: Facts, crm: str, account_id: str) -> Picture:
    drawn = [_person(facts, row) for row in _people(facts, crm, account_id)]
    kept = {node.key for node in drawn}
    ours = [row for row in _ours(facts, crm, account_id) if row["person_id"] in kept]
    users = {row["user_id"]: _user(facts, row) for row in ours}
    ties = [
        *_lines(facts, crm, account_id),
        *(Tie(row["person_id"], row["user_id"], "tie", 1 + 5 * row["closeness"] / 100) for row in ours),
    ]
    link = facts.link(crm, "account", account_id)
    says = f"relationship map of account {account_id}"
    return Picture(link, network(Map([*drawn, *users.values()], ties, says)), wide=True)


def _people(facts: Facts, crm: str, account_id: str) -> list[Row]:
    of = (people.c.crm == crm) & (people.c.account_id == account_id)
    order = (people.c.key_person.desc(), people.c.effective.desc().nulls_last(), people.c.person_id)
    return facts.rows(sa.select(people).where(of).order_by(*order).limit(MAX_PEOPLE))


def _person(facts: Facts, row: Row) -> Node:
    look = TONES.get(row["grade"] or "", "plain")
    return Node(
        row["person_id"], row["depth"], look, *_named(facts, row), facts.link(row["crm"], "contact", row["person_id"]), row["key_person"]
    )


def _named(facts: Facts, row: Row) -> tuple[str, str]:
    """Role and department; who has neither is a contact."""
    roles = ", ".join(facts.say(role.strip()) for role in (row["roles"] or "").split(";") if role.strip())
    department = row["department"] or ""
    return (roles or department or "contact")[:26], (department if roles else "")[:26]


def _ours(facts: Facts, crm: str, account_id: str) -> list[Row]:
    """Of us the closest to each person."""
    of = (resources.c.crm == crm) & (resources.c.account_id == account_id) & (resources.c["rank"] == 1) & resources.c.closeness.is_not(None)
    return facts.rows(sa.select(resources).where(of).order_by(resources.c.user_id, resources.c.person_id))


def _user(facts: Facts, row: Row) -> Node:
    link = facts.link(row["crm"], "user", row["user_id"])
    return Node(row["user_id"], OURS, "s0", "ours", f"…{row['user_id'][-6:]}", link)


def _lines(facts: Facts, crm: str, account_id: str) -> list[Tie]:
    kinds: Mapping[str, str] = {"reporting": "edge", "influence": "influence"}
    of = (links.c.crm == crm) & (links.c.account_id == account_id)
    found = facts.rows(sa.select(links).where(of).order_by(links.c.kind.desc(), links.c.from_id, links.c.to_id))
    return [Tie(row["from_id"], row["to_id"], kinds[row["kind"]]) for row in found]
