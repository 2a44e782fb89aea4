"""How close we are to whom: distributions, levels, empty seats, accounts that hang on one of us, and maps of the important ones."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.fields import OUTPUT, column
from orchestration.report.blocks import Block, Cell, Note, Page, Picture, Section, Tiles
from orchestration.report.facts import Facts
from orchestration.report.listing import Columns, counted, linked, listing, meter
from orchestration.report.pages.maps import maps
from orchestration.report.pictures.bars import bars, columns, stacked
from transforms.coverage.tables import accounts as covered
from transforms.enrichment.tables import account, contact
from transforms.scores.tables import seats
from transforms.suggestions.tables import items as suggested

NONE = "No contact is scored yet: guanxi run."
BINS: Final = 10
CHOICES: Final = {
    column(spec): [choice.value for choice in spec.values] for entity in ("contact", "account") for spec in OUTPUT[entity] if spec.values
}
"""Values of the picklists of contacts and accounts, from good to bad or as the contract orders them."""


def page(facts: Facts) -> Page:
    """The page `relationships`."""
    sections = [_closeness(facts), _grades(facts), _levels(facts), _seats(facts), _single(facts), _maps(facts), _suggested(facts)]
    return Page("relationships", "Relationships", "How close we are to whom, as the log shows it and as people judge it.", sections)


def _closeness(facts: Facts) -> Section:
    lead = "Closeness 0-100 of our company to each contact, from the activity log alone; 50 is a typical live relationship."
    known = contact.c.closeness
    bucket = sa.case((known >= 100, BINS - 1), else_=sa.func.floor(known / (100 / BINS)))
    select = sa.select(contact.c.crm, bucket.label("bin"), sa.func.count().label("people")).group_by(contact.c.crm, bucket)
    found: dict[str, list[float | None]] = {}
    unknown = 0
    for row in facts.rows(select.order_by(contact.c.crm)):
        if row["bin"] is None:
            unknown += row["people"]
        else:
            found.setdefault(row["crm"], [0] * BINS)[int(row["bin"])] = row["people"]
    if not found:
        return Section("Closeness", lead, [Note(NONE, absent=True)])
    drawn = columns([f"{number * 10}-{number * 10 + 10}" for number in range(BINS)], found, "contacts by closeness")
    tiles: list[tuple[str, Cell, str]] = [
        ("Contacts with a closeness", int(sum(sum(filter(None, values)) for values in found.values())), "at least one counted contact"),
        ("unknown", unknown, "no contact counted, so no number"),
    ]
    return Section("Closeness", lead, [Tiles(tiles), Picture("Contacts by closeness", drawn)])


def _grades(facts: Facts) -> Section:
    lead = "A stated attitude comes before the observed closeness; a gap of more than a grade between the two is news."
    pictures = [_shares(facts, contact, name) for name in ("closeness_grade", "interaction_level", "rhythm", "stated_gap")]
    return Section("Grades", lead, [picture for picture in pictures if picture] or [Note(NONE, absent=True)])


def _levels(facts: Facts) -> Section:
    lead = "Level of our relationship with each account; strong asks for every key department, and for those who hold the votes."
    pictures = [_shares(facts, account, name) for name in ("relationship_level", "lifecycle_stage")]
    return Section("Relationship levels", lead, [picture for picture in pictures if picture] or [Note(NONE, absent=True)])


def _shares(facts: Facts, table: sa.Table, name: str) -> Picture | None:
    """One bar per CRM, cut by a picklist."""
    parts = CHOICES[name] if name not in ("relationship_level", "interaction_level", "lifecycle_stage") else CHOICES[name][::-1]
    select = sa.select(table.c.crm, table.c[name], sa.func.count().label("n")).group_by(table.c.crm, table.c[name]).order_by(table.c.crm)
    found: dict[str, dict[str | None, int]] = {}
    for row in facts.rows(select):
        found.setdefault(row["crm"], {})[row[name]] = row["n"]
    if not found:
        return None
    rows = [(crm, [float(counts.get(part, 0)) for part in (*parts, None)]) for crm, counts in found.items()]
    label = next(spec.label_en for spec in OUTPUT["contact" if table is contact else "account"] if column(spec) == name)
    return Picture(facts.say(label), stacked(rows, [*map(facts.say, parts), facts.say("unknown")], label))


def _seats(facts: Facts) -> Section:
    lead = "Buying roles and key departments that nobody of the account fills, over all accounts; suggestions below may fill some."
    select = sa.select(seats.c.match, sa.func.count()).where(seats.c.filled.is_(False)).group_by(seats.c.kind, seats.c.match)
    told = counted(facts, select.order_by(sa.func.count().desc(), seats.c.match))
    blocks: list[Block] = [Note("No seat is missing, or nothing is scored yet.", absent=True)]
    if told:
        shown = [(name, float(number)) for name, number in list(told.items())[:12]]
        blocks = [Picture("Accounts in which the seat is empty", bars(shown, "missing seats"))]
    return Section("Missing seats", lead, blocks)


def _single(facts: Facts) -> Section:
    lead = "Important accounts where nearly all of the relationship is held by one of our users (bus factor)."
    select = (
        sa.select(covered)
        .where(covered.c.single_threaded.is_(True))
        .order_by(covered.c.importance.desc(), covered.c.crm, covered.c.account_id)
    )
    told: Columns = {
        "Account": linked(facts, "account", "account_id"),
        "Importance": meter("importance"),
        "Bus Factor": meter("bus_factor"),
        "Users": "users",
        "People Engaged": "people_engaged",
        "Touches 365 Days": "touches_365d",
    }
    return Section("Single-threaded accounts", lead, [listing(facts, select, told, "No important account hangs on one user.")])


def _maps(facts: Facts) -> Section:
    lead = (
        "The most important accounts of each CRM. Circles: contacts, by role or department, ringed when key persons, green excellent, "
        "blue good, amber fair, red poor, grey unknown; full lines: who answers to whom; dashed: who influences whom. "
        "Squares: our user who is closest; the thicker the line, the closer."
    )
    drawn: Sequence[Block] = maps(facts)
    return Section("Relationship maps", lead, drawn or [Note(NONE, absent=True)])


def _suggested(facts: Facts) -> Section:
    lead = "What the evidence proposes to people; nothing of it is written into a CRM. guanxi explain shows each for its record."
    select: sa.Select[Any] = sa.select(suggested.c.kind, sa.func.count()).group_by(suggested.c.kind)
    told = counted(facts, select.order_by(sa.func.count().desc(), suggested.c.kind))
    shown = [(facts.say(kind), float(number)) for kind, number in told.items()]
    picture = (
        Picture("Suggestions by kind", bars(shown, "suggestions by kind", label_width=170))
        if shown
        else Note("No suggestion.", absent=True)
    )
    return Section("Suggestions", lead, [picture])
