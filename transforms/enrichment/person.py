"""Fields of contacts and leads (contract 4.1)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment import tables
from transforms.enrichment.words import joined, text, word
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, as_date, num, real, rounded, zero

COUNTS = ("touches_90d", "touches_365d", "contact_days_90d", "meetings_365d", "calls_365d", "emails_out_365d")
READS = ("scores.people", "scores.person_touches")


def select(context: Context, kind: str, table: sa.Table) -> sa.Select[Any]:
    """One row per live person of a kind (`contact` or `lead`)."""
    person, touch = scores.people, scores.person_touches
    fields = _observed(context) | _derived(context)
    columns = [fields[column.name].label(column.name) for column in table.columns if column.name in fields]
    return (
        sa.select(person.c.crm, person.c.person_id.label("record_id"), person.c.account_id.label("parent_id"), *columns)
        .select_from(person.outerjoin(touch, person.c.person_key == touch.c.person_key))
        .where(person.c.person_kind == kind)
    )


def _observed(context: Context) -> dict[str, Number]:
    """Counts and dates: 0 where nothing was seen, blank where it could not have been seen."""
    person, touch = scores.people, scores.person_touches
    return {name: zero(touch.c[name]) for name in COUNTS} | {
        "frequency": rounded(real(zero(touch.c.contact_days_90d)) / num(3), 2),
        "first_touch": as_date(touch.c.first_s),
        "last_touch": as_date(touch.c.last_s),
        "last_two_way": as_date(touch.c.last_two_way_s),
        "emails_in_365d": sa.case((_inbound_seen(), zero(touch.c.emails_in_365d))),
        "known_by": person.c.known_by,
        "scored_on": as_date(num(context.as_of)),
        "method_version": sa.literal(context.method.version),
    }


def _inbound_seen() -> Condition:
    """Whether a count of inbound mails means something: mail is captured, one is there, or there was no contact at all."""
    touch = scores.person_touches
    return sa.or_(scores.people.c.captured, zero(touch.c.emails_in_365d) > 0, zero(touch.c.touches_365d) == 0)


def _derived(context: Context) -> dict[str, Number]:
    person = scores.people
    return {
        "closeness": person.c.closeness_now,
        "closeness_grade": person.c.grade,
        "interaction_level": person.c.level,
        "strongest_user": person.c.strongest_user_id,
        "reciprocity": person.c.reciprocity,
        "rhythm": person.c.rhythm,
        "trend_30d": rounded(person.c.closeness_now - person.c.closeness_month, 1),
        "trend_365d": rounded(person.c.closeness_now - person.c.closeness_year, 1),
        "stated_gap": person.c.stated_gap,
        "confidence": person.c.confidence,
        "why": _why(context),
    }


def _why(context: Context) -> Number:
    """Contact days by channel, the last two-way date and the strongest user."""
    person, touch = scores.people, scores.person_touches
    inbound = sa.case((_inbound_seen(), text(zero(touch.c.emails_in_365d))), else_=word(context, "emails_unseen"))
    two_way = word(context, "last_two_way").concat(text(as_date(touch.c.last_two_way_s)))
    closest = word(context, "strongest").concat(text(person.c.strongest_user_name))
    parts = [
        word(context, "days").concat(text(touch.c.contact_days_365d)),
        *(word(context, name).concat(text(touch.c[f"{name}_365d"])) for name in ("meetings", "calls", "emails_out")),
        word(context, "emails_in").concat(inbound),
        sa.case((touch.c.last_two_way_s.is_(None), word(context, "never_two_way")), else_=two_way),
        sa.case((person.c.strongest_user_id.is_(None), ""), else_=closest),
        word(context, "stop"),
    ]
    return sa.case((touch.c.person_key.is_(None), word(context, "nothing")), else_=joined(parts))


def contacts(context: Context) -> sa.Select[Any]:
    """Rows of `enrichment.contact`."""
    return select(context, "contact", tables.contact)


def leads(context: Context) -> sa.Select[Any]:
    """Rows of `enrichment.lead`."""
    return select(context, "lead", tables.lead)


CONTACT = Model(tables.contact, contacts, READS)
LEAD = Model(tables.lead, leads, READS)
