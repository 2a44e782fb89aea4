"""The rhythm of reviews: when each account and open deal was last reviewed, and what is overdue.

    importance  an account's potential, demonstration effect or chances edited; key accounts more often
    needs       a deal's event, source, rank or proposition edited; deals that close soon more often
    closeness   a feature of one of the account's contacts edited, or two-way contact with one

What we did not see counts from the first day we looked: nobody is overdue for a review that may have been made before.
"""

from typing import Any

import sqlalchemy as sa

from transforms import tables as model
from transforms.base import Context, Model
from transforms.enrichment import tables as enrichment
from transforms.history import tables
from transforms.history.entered import FEATURES, IMPORTANCE, NEEDS
from transforms.history.store import day_of
from transforms.scores import tables as scores
from transforms.scores.expressions import Number, as_date

SOON = "0-3 months"


def select(context: Context) -> sa.Select[Any]:
    """One row per topic and live account or open deal (`history.reviews`)."""
    topics = sa.union_all(_importance(context), _closeness(context), _needs(context)).subquery("topic")
    first = _first_seen()
    today = day_of(context)
    joined = topics.outerjoin(
        first, (topics.c.entity == first.c.entity) & (topics.c.crm == first.c.crm) & (topics.c.record_id == first.c.record_id)
    )
    since = sa.func.coalesce(topics.c.last_review, first.c.first, today)
    due = since + sa.cast(topics.c.every_days, sa.Integer)
    return sa.select(
        *(topics.c[name] for name in ("crm", "topic", "record_id", "owner_id", "every_days", "last_review", "evidence")),
        due.label("due"),
        sa.func.greatest(today - due, 0).label("days_overdue"),
    ).select_from(joined)


def _importance(context: Context) -> sa.Select[Any]:
    edit, account, method = _edited("account", IMPORTANCE), enrichment.account, context.method
    every = sa.case((account.c.key_account.is_(True), method["reviews.importance_key_days"]), else_=method["reviews.importance_days"])
    return _topic("importance", "account", every, account, _owners_of_accounts(), edit.c.day, _edited_only(edit.c.day), edit)


def _needs(context: Context) -> sa.Select[Any]:
    edit, deal, method = _edited("opportunity", NEEDS), enrichment.opportunity, context.method
    every = sa.case((deal.c.horizon == SOON, method["reviews.needs_soon_days"]), else_=method["reviews.needs_days"])
    owner = sa.select(
        model.opportunities.c.crm, model.opportunities.c.opportunity_id.label("record_id"), model.opportunities.c.owner_id
    ).subquery("owner")
    return _topic("needs", "opportunity", every, deal, owner, edit.c.day, _edited_only(edit.c.day), edit)


def _closeness(context: Context) -> sa.Select[Any]:
    seen, every = _seen(), sa.literal(context.method["reviews.closeness_days"])
    last = sa.func.greatest(seen.c.edited, seen.c.two_way)
    evidence = sa.case((last.is_(None), sa.null()), (seen.c.edited >= last, "edited"), else_="two_way")
    return _topic("closeness", "account", every, enrichment.account, _owners_of_accounts(), last, evidence, seen)


def _topic(
    topic: str, entity: str, every: Number, live: sa.Table, owner: sa.Subquery, last: Number, evidence: Number, proof: sa.Subquery
) -> sa.Select[Any]:
    """Rows of one topic: every record that gets values, with its proof of a review where there is one."""
    joined = live.outerjoin(proof, (live.c.crm == proof.c.crm) & (live.c.record_id == proof.c.record_id))
    joined = joined.outerjoin(owner, (live.c.crm == owner.c.crm) & (live.c.record_id == owner.c.record_id))
    return sa.select(
        live.c.crm,
        sa.literal(topic).label("topic"),
        sa.literal(entity, sa.String).label("entity"),
        live.c.record_id,
        owner.c.owner_id,
        every.label("every_days"),
        last.label("last_review"),
        evidence.label("evidence"),
    ).select_from(joined)


def _edited(entity: str, fields: tuple[str, ...]) -> sa.Subquery:
    edit = tables.edits
    last = sa.func.max(edit.c.day).label("day")
    rows = sa.select(edit.c.crm, edit.c.record_id, last).where(edit.c.entity == entity, edit.c.field.in_(fields))
    return rows.group_by(edit.c.crm, edit.c.record_id).subquery(f"edited_{entity}")


def _edited_only(day: Number) -> Number:
    return sa.case((day.is_not(None), "edited"), else_=sa.null())


def _seen() -> sa.Subquery:
    """Last edit of a feature of one of its contacts, and last two-way contact, per account."""
    edit, person, score = _edited("contact", FEATURES), model.people, scores.accounts
    edited = (
        sa.select(person.c.account_key, sa.func.max(edit.c.day).label("day"))
        .join(edit, (person.c.crm == edit.c.crm) & (person.c.person_id == edit.c.record_id))
        .where(person.c.is_live.is_(True), person.c.account_key.is_not(None))
        .group_by(person.c.account_key)
        .subquery("features_edited")
    )
    two_way = sa.case((score.c.last_two_way_s.is_not(None), as_date(score.c.last_two_way_s)), else_=sa.null())
    joined = score.outerjoin(edited, score.c.account_key == edited.c.account_key)
    rows = sa.select(score.c.crm, score.c.account_id.label("record_id"), edited.c.day.label("edited"), two_way.label("two_way"))
    return rows.select_from(joined).subquery("seen")


def _owners_of_accounts() -> sa.Subquery:
    account = model.accounts
    return sa.select(account.c.crm, account.c.account_id.label("record_id"), account.c.owner_id).subquery("owner")


def _first_seen() -> sa.Subquery:
    """The first day on record of each account and deal."""
    parts = [
        sa.select(
            sa.literal(entity, sa.String).label("entity"),
            tables.versions[entity].c.crm,
            tables.versions[entity].c.record_id,
            sa.func.min(tables.versions[entity].c.valid_from).label("first"),
        ).group_by(tables.versions[entity].c.crm, tables.versions[entity].c.record_id)
        for entity in ("account", "opportunity")
    ]
    return sa.union_all(*parts).subquery("first_seen")


READS = (
    *("enrichment.account", "enrichment.opportunity", "history.account", "history.opportunity"),
    *("model.accounts", "model.opportunities", "model.people", "scores.accounts", "scores.edits"),
)
MODEL = Model(tables.reviews, select, READS)
