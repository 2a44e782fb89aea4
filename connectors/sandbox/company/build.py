"""Puts the company together, each step drawing from a random stream of its own, and scales contacts to the wanted volume."""

from collections.abc import Iterator
from datetime import datetime

from connectors.sandbox.company import background, closeness, contacts, customers, deals, mails, opinions, staff
from connectors.sandbox.company.model import EMPTY, Activities, Company
from connectors.sandbox.company.sizes import SIZES
from connectors.sandbox.company.world import World, world

RECORDS_PER_CONTACT = 2.5
"""Source records per expected contact: answers, the task beside a mail, rows of invited users. Measured."""
BACKGROUND_SHARE = 0.06


def build(seed: int, size: str, as_of: datetime) -> Company:
    """The company of one seed, size (a key of SIZES) and as-of time (aware); the same tables bit for bit on every call."""
    spec = SIZES[size]
    users = staff.users(seed, spec, as_of)
    accounts = customers.accounts(seed, spec, as_of)
    teams = customers.teams(seed, spec, users, accounts, spec.accounts + spec.leads)
    people = customers.people(seed, spec, as_of, accounts, customers.owner_strength(users, teams)[: spec.accounts])
    pairs = closeness.pairs(seed, spec, users, people, teams)
    offers = deals.deals(seed, spec, as_of, accounts, teams, pairs)
    tables = {"users": users, "accounts": accounts, "people": people, "teams": teams, "pairs": pairs, "deals": offers}
    roles = deals.deal_roles(seed, spec, offers, people)
    whole = world(seed, spec, as_of, tables)
    return Company(
        seed=seed,
        size=spec,
        as_of=as_of,
        users=users,
        accounts=accounts,
        people=people,
        teams=teams,
        pairs=pairs,
        deals=offers,
        deal_roles=roles,
        conversions=deals.conversions(seed, spec, offers, roles),
        opinions=opinions.opinions(seed, spec, people, pairs),
        lead_opinions=opinions.lead_opinions(seed, spec, people, pairs),
        account_plans=opinions.account_plans(seed, spec),
        deal_facts=opinions.deal_facts(seed, spec, offers),
        experts=opinions.experts(seed, spec, users),
        source=lambda: _activities(whole),
    )


def _activities(whole: World) -> Iterator[Activities]:
    scale, next_id = _scale(whole), 1
    for rows in whole.chunks():
        batch = _contacts(contacts.Chunk(whole, rows, scale), next_id)
        next_id += batch.count
        yield batch
    left = round(whole.size.activities * BACKGROUND_SHARE / 1.6)
    for number in range(-(-left // background.PER_CHUNK)):
        batch = background.background(whole, number, min(left - number * background.PER_CHUNK, background.PER_CHUNK), next_id)
        next_id += batch.count
        yield batch


def _contacts(chunk: contacts.Chunk, first_id: int) -> Activities:
    rates = chunk.rates()
    meetings, meeting_guests = contacts.meetings(chunk, rates, first_id)
    calls, call_guests = contacts.calls(chunk, rates, first_id := first_id + len(meetings))
    letters, addresses = mails.mails(chunk, rates, first_id := first_id + len(calls))
    return Activities(meetings, meeting_guests, calls, call_guests, letters, addresses, EMPTY["todos"])


def _scale(whole: World) -> float:
    """The factor that brings the expected number of source records to the size's target."""
    relative = sum(float(contacts.Chunk(whole, rows, 1.0).rates().sum()) for rows in whole.chunks())
    return whole.size.activities * (1 - BACKGROUND_SHARE) / max(relative * RECORDS_PER_CONTACT, 1e-9)
